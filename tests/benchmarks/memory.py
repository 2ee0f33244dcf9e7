"""How much memory the app takes: at full speed for minutes, and with one preset opened after another.

    python tests/benchmarks/memory.py [--seconds 600] [--openings 200] [--preset spiral]

The app runs in a pseudo-terminal of 120 × 36 cells. Its resident memory is read from /proc, and printed as a ratio to
what it was when the first picture was there; the last column is what it was in MB. First it plays the preset at full
speed for so many seconds, then presets are chosen from the gallery, a few steps made in each. The exit status is 1
where playing takes 120 MB or more, or where either grows by 10 MB or more from its second third to its last, by the
least of each: in the first, caches fill that are bounded; and while a large data set is open, it takes its room.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from time import perf_counter, sleep

from app import full_speed, opened, play
from terminal import Terminal

LIMIT, GROWTH = 120.0, 10.0
"""MB."""
ROWS = 20
PRESETS = 30
"""Of the gallery, opened in turn."""
OPENING = 0.6
"""Seconds in which a preset is opened and a few steps are made."""
KEPT = 200
"""Pieces of the terminal's output that are kept, so that this program does not grow itself."""


def resident(terminal: Terminal) -> float:
    """MB of the app in memory."""
    with open(f"/proc/{terminal.process.pid}/statm") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def playing(terminal: Terminal, seconds: float) -> Iterator[tuple[str, float]]:
    """The memory at full speed, now and then."""
    full_speed(terminal)
    play(terminal)
    begin = perf_counter()
    for row in range(1, ROWS + 1):
        while perf_counter() < begin + seconds * row / ROWS:
            sleep(0.1)
            del terminal.chunks[:-KEPT]
        yield f"{seconds * row / ROWS:.0f} s at full speed", resident(terminal)


def opening(terminal: Terminal, openings: int) -> Iterator[tuple[str, float]]:
    """The memory with presets opened one after another, now and then."""
    for number in range(1, openings + 1):
        terminal.press("o")
        sleep(OPENING / 2)
        terminal.press("\x1b[B" * (number % PRESETS) + "\r")
        sleep(OPENING)
        terminal.press("\x1b[C" * 3)
        sleep(OPENING / 2)
        del terminal.chunks[:-KEPT]
        if number % max(openings // ROWS, 1) == 0:
            yield f"{number} presets opened", resident(terminal)


def report(rows: Iterator[tuple[str, float]], first: float, limit: float | None) -> bool:
    """Print the rows as they come; whether they stay below the limit, and flat after their first third."""
    found = []
    for what, size in rows:
        found.append(size)
        print(f"{what:24} {size / first:5.2f} {size:8.1f} MB", flush=True)
    third = len(found) // 3
    growth = min(found[2 * third :]) - min(found[third : 2 * third])
    flat = growth < GROWTH and (limit is None or max(found) < limit)
    print(f"{'✓' if flat else '✗'} {growth:+.1f} MB from the second third to the last\n", flush=True)
    return flat


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600.0, help="seconds at full speed (600)")
    parser.add_argument("--openings", type=int, default=200, help="presets opened one after another (200)")
    parser.add_argument("--preset", default="spiral", help="the preset that is played (spiral)")
    options = parser.parse_args(arguments)
    passed = []
    with opened(options.preset) as terminal:
        passed.append(report(playing(terminal, options.seconds), resident(terminal), LIMIT))
    with opened("first-steps") as terminal:
        passed.append(report(opening(terminal, options.openings), resident(terminal), None))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
