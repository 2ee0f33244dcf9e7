"""How fast a run is trained while breakpoints watch it, next to the same run without.

    python tests/benchmarks/breakpoints.py [--rounds 10] [--json]

Of the smallest network (2-2-1 on xor, as `backprop-tui train xor` trains it) it prints steps a second of processor time
for each kind of breakpoint alone, and the speed relative to full speed without any, as the median of the ratios within
a round. The runs take turns, some 100 ms each, after 2,000 steps in which much is measured. The exit status is 1 where
a kind that looks at one number a step (loss, gradient, weight, prediction) makes fewer than 20,000 steps a second.
"""

import os

# Read by NumPy's libraries when they are loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import sys
from collections.abc import Iterator
from statistics import median
from time import process_time

from figure import Figure, told

from backprop_tui import presets
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.breakpoints import KINDS, Breakpoint
from backprop_tui.core.inquiry.watch import Watch
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.session.session import Session

TURN, WARM_UP, GOAL = 0.1, 2000, 20_000
UNREACHED = {"gradient_below": 1e-300, "gradient_above": 1e300}
"""Numbers at which a breakpoint never holds, so that nothing but watching is measured."""
LIGHT = ("loss_rises", "gradient_below", "gradient_above", "sign_changes")
"""What looks at one number a step, and so is held to the limit."""


def watch_of(kind: str | None) -> Watch:
    """A run behind its first steps, under a breakpoint of that kind, or none."""
    session = Session(*load_preset(parse(presets.text("xor"), "xor"), "xor"))
    breakpoints = () if kind is None else (Breakpoint(kind, UNREACHED.get(kind)),)
    session.seek(session.timeline.finish_of(WARM_UP))
    return Watch(session, breakpoints, Spotlight(1, 0, 0))


def speed(watch: Watch) -> float:
    """Steps a second of processor time."""
    begin, steps = process_time(), watch.session.step
    while process_time() < begin + TURN:
        watch.play(TURN / 10)
    return (watch.session.step - steps) / (process_time() - begin)


def figures(rounds: int) -> Iterator[Figure]:
    """Steps a second under each kind of breakpoint."""
    kinds = (None, *KINDS)
    watches = {kind: watch_of(kind) for kind in kinds}
    speeds: dict[str | None, list[float]] = {kind: [] for kind in kinds}
    for number in range(rounds):
        for kind in kinds[:: -1 if number % 2 else 1]:
            speeds[kind].append(speed(watches[kind]))
    for kind in kinds:
        ratio = median(one / full for one, full in zip(speeds[kind], speeds[None], strict=True))
        least = GOAL if kind in LIGHT else None
        note = "full speed" if kind is None else f"{ratio:.2f} of full speed"
        yield Figure("xor", f"watching {kind or 'nothing'}", median(speeds[kind]), "steps/s", least=least, note=note)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10, help="how often the runs take turns (10)")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args(arguments)
    return told(figures(options.rounds), in_json=options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
