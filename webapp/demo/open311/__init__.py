"""The demo upstream that speaks GeoReport v2, JSON and XML."""
