"""The command line, which never needs textual."""
