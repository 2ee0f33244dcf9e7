"""See a neural network learn: the chain rule, op by op, with its real numbers."""

__version__ = "0.2.0"
