"""The demo upstream that speaks the TUNICLAIM contract (upstreams/tuniclaim.openapi.yaml)."""
