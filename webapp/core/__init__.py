"""What every part stands on. Knows no domain and imports nothing else of webapp."""
