"""Pure functions from numbers to strips of text."""
