"""How fast the trainer is, next to the barest NumPy loop and next to a textbook's.

    python tests/benchmarks/trainer.py [--only a,b] [--rounds 20] [--json]

Prints a table for the workloads (all float32, one BLAS thread):

    a  2-4-1 tanh, batch 4, SGD                b  2-8-8-1 tanh, batch 32, SGD
    c  2-16×9-1 sigmoid, batch 32, SGD         d  784-128-10 ReLU, softmax, cross-entropy, batch 64, Adam
    e  784-512-512-10, otherwise as d, batch 256

The contestants take turns in one process, some 50 ms each, in every round; each figure is a median over the rounds,
each ratio the median of the ratios within a round. `trainer` walks whole steps, as a session at
full speed does; `events` yields every event to `for op in events: pass`; `bare` is in bare_loops.py, once with
`np.dot` and once, for comparison, with the arrays' own method; `textbook` is in textbook_loops.py. Speeds are steps a
second, relative: 0.8 beside bare is 0.8 of its steps. The exit status is 1 where the trainer misses a threshold.
"""

import os

# Read by NumPy's libraries when they are loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import sys
from collections.abc import Callable
from itertools import count, islice
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from bare_loops import bare
from numpy.typing import NDArray
from textbook_loops import textbook
from workloads import WORKLOADS, load

TURN = 0.05
"""Seconds that a contestant runs in each round, about."""
THRESHOLDS: dict[str, dict[str, float]] = {
    "a": {"bare": 0.75, "textbook": 3.0},
    "b": {"bare": 0.75, "textbook": 3.0},
    "c": {"bare": 0.75, "textbook": 2.8},
    "d": {"bare": 0.90},
    "e": {"bare": 0.90},
}
"""The least speed of the trainer relative to each of the others."""

Train = Callable[[int], None]


def shuffler(examples: int) -> Callable[[int], NDArray[np.intp]]:
    """Orders from one generator, the cheapest way to draw them."""
    generator = np.random.default_rng(0)
    return lambda epoch: generator.permutation(examples)


def drained(name: str) -> tuple[Train, int]:
    """The trainer as a session walks it, and how many steps an epoch has."""
    own, _ = load(name)
    walk, length = own.walk(), own.events_per_step * own.steps_per_epoch

    def train(epochs: int) -> None:
        own.losses.clear()
        walk.take(epochs * length)

    return train, own.steps_per_epoch


def looped(name: str) -> Train:
    """The trainer under a plain loop."""
    own, _ = load(name)
    events, length = own.walk().events, own.events_per_step * own.steps_per_epoch

    def train(epochs: int) -> None:
        own.losses.clear()
        for _ in islice(events, epochs * length):
            pass

    return train


def timed(train: Train, epochs: int) -> float:
    """Seconds of processor time an epoch; unlike time on the clock, other programs add nothing to it."""
    start = process_time()
    train(epochs)
    return (process_time() - start) / epochs


def epochs_of_a_turn(train: Train) -> int:
    """How many epochs fill a turn, found by doubling."""
    for doublings in count():
        seconds = timed(train, 2**doublings)
        if seconds * 2**doublings > TURN / 4:
            return max(1, round(TURN / seconds))
    raise AssertionError("counting never ends")


def measure(name: str, rounds: int) -> dict[str, list[float]]:
    """Seconds a step of every contestant in every round."""
    train, steps = drained(name)
    start, dataset = load(name)
    contestants = {
        "trainer": train,
        "events": looped(name),
        "bare": bare(start, dataset, shuffler(start.count))[1],
        "bare, methods": bare(start, dataset, shuffler(start.count), methods=True)[1],
        "textbook": textbook(start, dataset, shuffler(start.count))[1],
    }
    epochs = {contestant: epochs_of_a_turn(train) for contestant, train in contestants.items()}
    seconds: dict[str, list[float]] = {contestant: [] for contestant in contestants}
    for number in range(rounds):
        # Every other round goes backwards, so that nobody always runs in the wake of the same other.
        for contestant in sorted(contestants, reverse=bool(number % 2)):
            seconds[contestant].append(timed(contestants[contestant], epochs[contestant]) / steps)
    return seconds


def speed(seconds: dict[str, list[float]], contestant: str, other: str) -> float:
    """The speed of one relative to another."""
    pairs = zip(seconds[contestant], seconds[other], strict=True)
    return median(theirs / own for own, theirs in pairs)


def result(name: str, seconds: dict[str, list[float]]) -> dict[str, Any]:
    """What is reported of a workload: microseconds a step, and the trainer's speed relative to the others."""
    speeds = {other: speed(seconds, "trainer", other) for other in seconds if other != "trainer"}
    return {
        "workload": name,
        "microseconds": {contestant: median(taken) * 1e6 for contestant, taken in seconds.items()},
        "speed": speeds,
        "thresholds": THRESHOLDS[name],
        "passed": all(speeds[other] >= least for other, least in THRESHOLDS[name].items()),
    }


CONTESTANTS = ("trainer", "events", "bare", "bare, methods", "textbook")
HEADER = "  " + "".join(f"{name:<20}" for name in CONTESTANTS)


def cell(of: dict[str, Any], contestant: str) -> str:
    """A contestant's microseconds, the trainer's speed relative to it, and whether that is enough."""
    text = f"{of['microseconds'][contestant]:.1f}"
    if contestant == "trainer":
        return text
    reached, least = of["speed"][contestant], of["thresholds"].get(contestant)
    return f"{text}  {reached:.2f}" + ("" if least is None else " ✓" if reached >= least else f" ✗ < {least:.2f}")


def row(of: dict[str, Any]) -> str:
    """The line of the table for one result."""
    return f"{of['workload']:2}" + "".join(f"{cell(of, contestant):<20}" for contestant in CONTESTANTS)


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(WORKLOADS), help="workloads, with commas between: a,b")
    parser.add_argument("--rounds", type=int, default=20, help="how often the contestants take turns (20)")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args(arguments)
    options.only = options.only.split(",")
    unknown = [name for name in options.only if name not in WORKLOADS]
    if unknown:
        parser.error(f"--only: expected some of {','.join(WORKLOADS)}, found {','.join(unknown)}")
    return options


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    if not options.json:
        print("µs a step, and the trainer's speed relative to each of the others\n" + HEADER)
    results = []
    for name in options.only:
        results.append(result(name, measure(name, options.rounds)))
        if not options.json:
            print(row(results[-1]), flush=True)
    if options.json:
        print(json.dumps(results, indent=2))
    return 0 if all(of["passed"] for of in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
