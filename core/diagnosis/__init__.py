"""What is wrong with a run, why, and what helps."""
