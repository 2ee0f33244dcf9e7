"""Experiments of TensorFlow Playground: its URLs as presets, and presets as its URLs."""
