"""Fetching from an upstream: one page at a time, one transaction a page, safe to be killed anywhere."""
