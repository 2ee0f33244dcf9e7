"""The panes around a run, but for the chain rule's, and the lines above and below them."""
