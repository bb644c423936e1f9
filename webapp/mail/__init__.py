"""Mail: made of templates, threaded by our own Message-IDs, sent through the outbox."""
