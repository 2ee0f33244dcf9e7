"""The parts of a network, each with its forward op, its backward ops under it, and the optimizers."""
