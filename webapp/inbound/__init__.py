"""Mail that comes in: read, told apart from machines' mail, and put where it belongs."""
