"""Above all domains: the dashboard, the outbox page, health, and the desk's settings and people."""
