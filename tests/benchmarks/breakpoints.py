"""How fast a run is trained while breakpoints watch it, next to the same run without.

    python tests/benchmarks/breakpoints.py [--rounds 10]

Of the smallest network (2-2-1 on xor, as `backprop-tui train xor` trains it) it prints steps a second of processor time
for each kind of breakpoint alone, and the speed relative to full speed without any, as the median of the ratios within
a round. The runs take turns, some 100 ms each, after 2,000 steps in which much is measured. The exit status is 1 where
a kind that looks at one number a step (loss, gradient, weight, prediction) reaches less than half of full speed.
"""

import os

# Read by NumPy's libraries when they are loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import sys
from statistics import median
from time import process_time

from backprop_tui import presets
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.breakpoints import KINDS, Breakpoint
from backprop_tui.core.inquiry.watch import Watch
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.session.session import Session

TURN, WARM_UP, LEAST = 0.1, 2000, 0.5
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


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10, help="how often the runs take turns (10)")
    rounds = parser.parse_args(arguments).rounds
    kinds = (None, *KINDS)
    watches = {kind: watch_of(kind) for kind in kinds}
    speeds: dict[str | None, list[float]] = {kind: [] for kind in kinds}
    for number in range(rounds):
        for kind in kinds[:: -1 if number % 2 else 1]:
            speeds[kind].append(speed(watches[kind]))
    failed = False
    print(f"{'breakpoint':<20}{'steps a second':>16}{'of full speed':>16}")
    for kind in kinds:
        ratio = median(one / full for one, full in zip(speeds[kind], speeds[None], strict=True))
        missed = kind in LIGHT and ratio < LEAST
        failed = failed or missed
        print(f"{kind or 'none':<20}{median(speeds[kind]):>16,.0f}{ratio:>16.2f}{' ✗' if missed else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
