"""Many runs of one preset, of every combination of some settings and of several seeds, and what came of them."""
