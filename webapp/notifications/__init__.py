"""Who is told what: mail to reporters and assignees, short messages on open pages."""
