"""Trains a preset in the slices of the app, but without one: `python headless.py PRESET`.

For each line with a number of steps on standard input it goes on until that many are done, and prints the steps that
this took and the seconds.
"""

import sys
from time import perf_counter

from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load

SLICE = 0.006
"""The app's slice, in seconds."""


def main(preset: str) -> None:
    session = Session(*load(preset))
    for line in sys.stdin:
        before, begin = session.step, perf_counter()
        while session.step < int(line):
            session.play(SLICE)
        print(session.step - before, perf_counter() - begin, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
