"""What the diagnosis and its statistics cost a session at full speed.

    python tests/benchmarks/diagnosis.py [--only b,d] [--rounds 20] [--json]

Two sessions of each workload of trainer.py take turns in one process: one as it is, and one whose diagnosis is never
due. The figure is the median, over the rounds, of the speed of the one in shares of that of the other. The exit status
is 1 where it is below the threshold.
"""

import os

# Read by NumPy's libraries when they are loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import sys
from collections.abc import Sequence
from statistics import median
from time import process_time
from typing import Any

from workloads import WORKLOADS

from backprop_tui.core.diagnosis.diagnosis import Diagnosis
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.trainer import Trainer

TURN = 0.1
"""Seconds that a contestant runs in each round, about."""
THRESHOLD = 0.9
NEVER = 2**62


class NoDiagnosis(Diagnosis):
    """Never wants to know anything."""

    def next_step(self) -> int:
        return NEVER

    def next_test(self) -> int | None:
        return None

    def extend(self, losses: Sequence[float], trainer: Trainer) -> None:
        self.steps += len(losses)


def session(name: str, *, diagnosed: bool) -> Session:
    """A session of a workload, before its first step."""
    made = Session(*load_preset(parse(WORKLOADS[name], name), name))
    if not diagnosed:
        made.records.diagnosis = NoDiagnosis(made.trainer, made.dataset, made.history.evaluations.stride)
    return made


def seconds_a_step(made: Session, steps: int) -> float:
    """Processor time of a step, at full speed."""
    begin = process_time()
    made.advance_steps(steps)
    return (process_time() - begin) / steps


def measure(name: str, rounds: int) -> dict[str, Any]:
    """Microseconds a step with the diagnosis and without, and the speed with it relative to that without."""
    contestants = [session(name, diagnosed=diagnosed) for diagnosed in (True, False)]
    for made in contestants:
        made.advance_steps(100)
    steps = max(100, round(TURN / seconds_a_step(contestants[1], 200)))
    taken: list[list[float]] = [[], []]
    for number in range(rounds):
        # Every other round goes backwards, so that nobody always runs in the wake of the other.
        for place in (0, 1) if number % 2 else (1, 0):
            taken[place].append(seconds_a_step(contestants[place], steps))
    speed = median(without / own for own, without in zip(*taken, strict=True))
    return {
        "workload": name,
        "interval": contestants[0].diagnosis.interval,
        "microseconds": {"diagnosed": median(taken[0]) * 1e6, "not diagnosed": median(taken[1]) * 1e6},
        "speed": speed,
        "threshold": THRESHOLD,
        "passed": speed >= THRESHOLD,
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="b,d", help="workloads, with commas between (b,d)")
    parser.add_argument("--rounds", type=int, default=20, help="how often the two take turns (20)")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.only.split(",") if name not in WORKLOADS]
    if unknown:
        parser.error(f"--only: expected some of {','.join(WORKLOADS)}, found {','.join(unknown)}")
    results = [measure(name, options.rounds) for name in options.only.split(",")]
    if options.json:
        print(json.dumps(results, indent=2))
    else:
        print("   every  µs with  without  speed")
        for of in results:
            own, without = of["microseconds"].values()
            verdict = "✓" if of["passed"] else f"✗ < {of['threshold']:.2f}"
            print(f"{of['workload']}  {of['interval']:5}  {own:7.1f}  {without:7.1f}  {of['speed']:.3f} {verdict}")
    return 0 if all(of["passed"] for of in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
