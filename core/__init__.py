"""The mathematics, the events and their readers: everything that does not draw."""
