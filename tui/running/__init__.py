"""The panes on one screen, and a run that is moved and played there."""
