"""Which op of somebody's own backpropagation is wrong, and which mistake gives exactly those numbers."""
