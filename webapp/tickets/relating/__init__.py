"""What ties tickets to each other and to people: merging, splitting, links, checklists, watchers."""
