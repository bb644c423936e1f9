"""Connectors: declarations of other people's systems, and the engine that runs one.

No web framework and no database in here: a declaration, an address, a secret and an HTTP client go
in; pages, records and answers come out.
"""
