"""The same done to many tickets at once, on a fixed list, with a preview and a way back."""
