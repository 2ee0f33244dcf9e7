"""The playback head: forward and back through a run, always to the same numbers."""
