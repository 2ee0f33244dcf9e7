"""A recording of somebody else's training on the screen: the same five panes, made of what was recorded."""
