"""Lessons whose numbers the run fills in, and the glossary."""
