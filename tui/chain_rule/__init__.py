"""The chain-rule pane, the heart, and the views of it."""
