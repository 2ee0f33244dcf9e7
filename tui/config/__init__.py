"""The settings that stay from one run of the program to the next, and what was opened last."""
