"""Web push: what is told to a person on devices that have no page of the desk open."""
