"""What an op says of its numbers: how each came about, where it goes, and what made a gradient small."""
