"""The description of a run: its file, its settings, its data, and its chance."""
