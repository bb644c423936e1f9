"""The same thing done to many: first a preview of a fixed list, then at once or in the background with progress."""
