"""Past facts: one row each. The audit trail, the feed, a record's history are readings of this table."""
