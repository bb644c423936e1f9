"""How a connection's records become tickets, for the people who decide it: edited, previewed, tried, proposed."""
