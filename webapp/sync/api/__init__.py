"""The JSON APIs of connections: each kind by the addresses that its users know."""
