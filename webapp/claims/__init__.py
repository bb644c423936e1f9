"""Claims: clients, contracts, bordereaux (batches), bulletins (single claims), and their payments."""
