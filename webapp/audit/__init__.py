"""A read-only window on the event table: who did what, when, from what to what. Searched, and exported."""
