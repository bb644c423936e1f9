"""The demo upstream that speaks the MyNaga contract (upstreams/mynaga.openapi.yaml)."""
