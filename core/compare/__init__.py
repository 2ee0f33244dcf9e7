"""Runs beside each other, and what came of a run, as text and as JSON."""
