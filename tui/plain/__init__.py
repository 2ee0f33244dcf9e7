"""Plain mode: a run told as lines of text, for screen readers, pipes and terminals that cannot place a cursor."""
