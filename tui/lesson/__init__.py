"""The lesson beside the panes, and the help."""
