"""The pages over the panes, and the gallery."""
