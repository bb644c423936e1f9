"""Live pages: what happened reaches the pages that are open, once, in order, and without a lie.

`live` publishes (after commit) to one bounded Redis stream; each web process has one `hub` that reads it and fans out
in memory; `views` serves `/live` (server-sent events) and `/live/poll` (the fall-back). Pure parts: `topics`, `frames`,
`ring`. Redis holds nothing that matters: when it is emptied, pages are told to read their regions anew (`live:resync`).
"""
