"""The TOML of a small preset, to be written to a file, whole or with a mistake."""

PRESET = """title = "Small"
[data]
kind = "inline"
inputs = [[0.5, 0.8], [1, 2]]
targets = [[1.0], [0.0]]
[[layers]]
units = 1
activation = "sigmoid"
"""
