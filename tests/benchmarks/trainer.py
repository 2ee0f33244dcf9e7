"""How fast the trainer is, next to the barest NumPy loop and next to a textbook's.

    python tests/benchmarks/trainer.py [--only a,b] [--rounds 20] [--json]

Prints a table for the workloads (all float32, one BLAS thread):

    a  2-4-1 tanh, batch 4, SGD                b  2-8-8-1 tanh, batch 32, SGD
    c  2-16×9-1 sigmoid, batch 32, SGD         d  784-128-10 ReLU, softmax, cross-entropy, batch 64, Adam
    e  784-512-512-10, otherwise as d, batch 256

The contestants take turns in one process, some 50 ms each, in every round; each figure is a median over the rounds,
each ratio the median of the ratios within a round. `trainer` walks whole steps, as a session at full speed does;
`events` yields every event to `for op in events: pass`; `bare` is in bare_loops.py, once with `np.dot` and once, for
comparison, with the arrays' own method; `textbook` is in textbook_loops.py, and what is installed of PyTorch,
scikit-learn and JAX in library_loops.py. Speeds are steps a second, relative: 0.8 beside bare is 0.8 of its steps.

`limit` is what no NumPy loop of these calls can go below on this machine: their number times what the cheapest call
costs, and the multiply-adds of the products at the rate of one large product, both measured in the same rounds; beside
it how much of that speed the trainer has. The exit status is 1 where the trainer misses a goal.
"""

import os

# Read by NumPy's libraries when they are loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import argparse
import sys
from collections.abc import Callable, Iterator
from itertools import count, islice
from statistics import median
from time import process_time

import numpy as np
from bare_loops import bare
from figure import Figure, chosen, told
from library_loops import libraries
from machine import CALLS, MULTIPLY_ADDS, cheapest_calls, large_products
from numpy.typing import NDArray
from textbook_loops import textbook
from workloads import WORKLOADS, load

TURN = 0.05
"""Seconds that a contestant runs in each round, about."""
GOALS: dict[str, dict[str, float]] = {
    "a": {"bare": 0.95, "textbook": 3.0},
    "b": {"bare": 0.90, "textbook": 3.0},
    "c": {"bare": 0.96, "textbook": 2.8},
    "d": {"bare": 0.96},
    "e": {"bare": 0.95},
}
"""The least speed of the trainer relative to each of the others."""
CALL, PRODUCT = "call", "product"
"""What is measured of the machine: a hundred of the cheapest calls, and one large product."""

Train = Callable[[int], None]
Seconds = dict[str, list[float]]


def shuffler(examples: int) -> Callable[[int], NDArray[np.intp]]:
    """Orders from one generator, the cheapest way to draw them."""
    generator = np.random.default_rng(0)
    return lambda epoch: generator.permutation(examples)


def drained(name: str) -> Train:
    """The trainer as a session walks it."""
    own, _ = load(name)
    walk, length = own.walk(), own.events_per_step * own.steps_per_epoch

    def train(epochs: int) -> None:
        own.losses.clear()
        walk.take(epochs * length)

    return train


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


def contestants_of(name: str, *, alone: bool) -> dict[str, Train]:
    """What trains so many epochs, by name; `alone`: without the libraries."""
    start, dataset = load(name)
    order = shuffler(start.count)
    return {
        "trainer": drained(name),
        "events": looped(name),
        "bare": bare(start, dataset, order)[1],
        "bare, methods": bare(start, dataset, order, methods=True)[1],
        "textbook": textbook(start, dataset, order)[1],
        **({} if alone else libraries(start, dataset, order)),
    }


def measure(name: str, rounds: int, *, alone: bool) -> Seconds:
    """Seconds a step of every contestant in every round, and those of a call and a product."""
    steps = load(name)[0].steps_per_epoch
    contestants = contestants_of(name, alone=alone) | {CALL: cheapest_calls(), PRODUCT: large_products()}
    epochs = {contestant: epochs_of_a_turn(train) for contestant, train in contestants.items()}
    seconds: Seconds = {contestant: [] for contestant in contestants}
    for number in range(rounds):
        # Every other round goes backwards, so that nobody always runs in the wake of the same other.
        for contestant in sorted(contestants, reverse=bool(number % 2)):
            parts = {CALL: CALLS, PRODUCT: 1}.get(contestant, steps)
            seconds[contestant].append(timed(contestants[contestant], epochs[contestant]) / parts)
    return seconds


def limit(name: str, seconds: Seconds) -> list[float]:
    """Seconds a step that no loop of the trainer's calls goes below, in every round."""
    trainer = load(name)[0]
    calls = sum(len(op.calls) for op in trainer.plan.events)
    products = (trainer.plan.multiply_adds("forward") + trainer.plan.multiply_adds("backward")) / MULTIPLY_ADDS
    return [calls * call + products * product for call, product in zip(seconds[CALL], seconds[PRODUCT], strict=True)]


def figures(name: str, seconds: Seconds) -> Iterator[Figure]:
    """The speed of the trainer beside each of the others."""
    own = seconds["trainer"]
    for other, theirs in seconds.items():
        if other in ("trainer", CALL, PRODUCT):
            continue
        speed = median(their / mine for mine, their in zip(own, theirs, strict=True))
        note = f"{1e6 * median(own):.1f} µs a step, {1e6 * median(theirs):.1f}"
        yield Figure(name, f"speed ÷ {other}", speed, least=GOALS[name].get(other), note=note)
    least = limit(name, seconds)
    share = median(one / mine for mine, one in zip(own, least, strict=True))
    rate = MULTIPLY_ADDS / median(seconds[PRODUCT]) / 1e9
    note = f"{1e6 * median(least):.1f} µs: {1e9 * median(seconds[CALL]):.0f} ns a call, {rate:.0f} G multiply-adds/s"
    yield Figure(name, "share of the limit", share, note=note)


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(WORKLOADS), help="workloads, with commas between: a,b")
    parser.add_argument("--rounds", type=int, default=20, help="how often the contestants take turns (20)")
    parser.add_argument("--alone", action="store_true", help="without PyTorch, scikit-learn and JAX")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args(arguments)
    options.only = chosen(parser, options.only, tuple(WORKLOADS))
    return options


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    found = (
        figure for name in options.only for figure in figures(name, measure(name, options.rounds, alone=options.alone))
    )
    return told(found, in_json=options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
