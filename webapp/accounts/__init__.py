"""People who sign in, their roles, and the guards that every route passes."""
