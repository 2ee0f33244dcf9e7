"""The settings beside the panes."""
