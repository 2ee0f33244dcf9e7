"""Trains a preset in the slices of the app, but without one: `python headless.py PRESET STEPS SECONDS`.

Prints a JSON list of (seconds, steps done), until so many steps are done, or the seconds are over.
"""

import json
import sys
from time import perf_counter

from backprop_tui.core.session import Session
from backprop_tui.tui.loading import load

SLICE = 0.006
"""The app's slice, in seconds."""


def samples(preset: str, steps: int, seconds: float) -> list[tuple[float, int]]:
    """How far it is after each slice."""
    session = Session(*load(preset))
    found = [(0.0, 0)]
    begin = perf_counter()
    while session.step < steps and found[-1][0] < seconds:
        session.play(SLICE)
        found.append((perf_counter() - begin, session.step))
    return found


if __name__ == "__main__":
    print(json.dumps(samples(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
