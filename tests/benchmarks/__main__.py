"""Every figure of the project's speed and lightness beside its goal, by one command.

    python tests/benchmarks [--only trainer,app] [--json]

Runs one after another, each in a process of its own

    trainer      whole steps beside the barest NumPy loop, a textbook's, and the libraries that are installed
    breakpoints  steps a second while breakpoints watch
    app          training with the screen on, keys, the paused app, the first picture
    traffic      bytes and pictures that the terminal is sent
    memory       at full speed, and with one preset opened after another

and prints their figures as they come. The exit status is 1 where one misses its goal. The machine should have nothing
else to do; each of the benchmarks can be run alone, and says then how it measures.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from figure import Figure, as_json, chosen

BENCHMARKS = ("trainer", "breakpoints", "app", "traffic", "memory")


def measured(name: str) -> Iterator[Figure]:
    """The figures of a benchmark. Raises RuntimeError where it ended without any."""
    command = [sys.executable, str(Path(__file__).with_name(f"{name}.py")), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        raise RuntimeError(f"expected figures of {name}.py, found exit status {done.returncode}")
    for found in json.loads(done.stdout):
        del found["passed"]
        yield Figure(**found)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tests/benchmarks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default=",".join(BENCHMARKS), help="benchmarks, with commas between")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args(arguments)
    names = chosen(parser, options.only, BENCHMARKS)
    figures: list[Figure] = []
    for name in names:
        found = list(measured(name))
        figures += found
        if not options.json:
            print(f"{name}\n" + "\n".join("  " + figure.row() for figure in found) + "\n", flush=True)
    missed = [figure for figure in figures if not figure.passed]
    if options.json:
        print(as_json(figures))
    else:
        held = [figure for figure in figures if figure.held]
        print(f"{len(held) - len(missed)} of {len(held)} goals reached")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
