"""Totals of runs over time: kept by the quarter of an hour, so that a page never scans runs."""
