"""Rules that hand new tickets to a team or a person."""
