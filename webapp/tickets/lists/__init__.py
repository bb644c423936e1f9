"""What people make of the list of tickets: its columns, its filters in words, saved views, what they looked at last."""
