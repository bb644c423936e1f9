"""Connections to upstreams: what is pulled from them, merged here, and pushed back."""
