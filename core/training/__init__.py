"""From parts to training: the plan of a step, the state at its boundary, and the one loop that walks them."""
