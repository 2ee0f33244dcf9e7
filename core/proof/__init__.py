"""The gradient proved: against central differences, and against what one would do without it."""
