"""Somebody's own training, recorded while it runs: the one place that knows what a PyTorch module looks like."""
