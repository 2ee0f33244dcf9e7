"""A sweep of 60 runs in two processes, beside the same runs one after another.

    python tests/benchmarks/sweep.py [--steps 2000] [--rounds 3] [--jobs 2] [--json]

Both are whole programs, timed from their start to their end, and take turns: one trains every run after the other in
one process, as a loop over `train` would; the other is the command `sweep`. Figures are times of the one in shares of
those of the other, the least of all rounds, since whatever else runs meanwhile only adds to them. The exit status is 1
where that is above the threshold, or where the two have not the same numbers.
"""

import os

# Read by NumPy's libraries when they are loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import subprocess
import sys
from time import perf_counter
from typing import Any

VARY = ("optimizer.learning_rate=0.01,0.03,0.1,0.3", "layers.0.activation=tanh,relu,sigmoid")
SEEDS = 5
THRESHOLD = 0.6
WORDS = ["spiral", *(word for axis in VARY for word in ("--vary", axis)), "--seeds", str(SEEDS)]
ONE_AFTER_ANOTHER = """
import json, sys
from itertools import product
from backprop_tui.core.session.run import Goal, train
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
varied = [axis.partition("=") for axis in sys.argv[3:]]
axes = [[f"{key}={value}" for value in values.split(",")] for key, _, values in varied]
found = []
for settings in product(*axes):
    for seed in range(int(sys.argv[2])):
        result = train(Session(*load("spiral", settings=settings, seed=seed)), Goal(int(sys.argv[1]), "steps"))
        found.append([*settings, seed, result.last.training.loss, result.last.test.loss])
print(json.dumps(found))
"""


def timed(command: list[str]) -> tuple[float, Any]:
    """The seconds that a program takes, and the document that it prints."""
    begin = perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return perf_counter() - begin, json.loads(done.stdout)


def numbers_of(document: dict[str, Any]) -> list[list[Any]]:
    """The runs of a sweep's document as the other program tells them."""
    return [
        [*(f"{key}={value}" for key, value in each["set"].items()), run["seed"], run["loss"]["last"], run["test_loss"]]
        for each in document["settings"]
        for run in each["runs"]
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    serial = [sys.executable, "-c", ONE_AFTER_ANOTHER, str(options.steps), str(SEEDS), *VARY]
    sweep = [sys.executable, "-m", "backprop_tui", "sweep", *WORDS, "--steps", str(options.steps)]
    sweep += ["--jobs", str(options.jobs), "--json"]
    rounds, same = [], True
    for _ in range(options.rounds):
        (alone, expected), (together, document) = timed(serial), timed(sweep)
        same &= sorted(numbers_of(document)) == sorted(expected)
        rounds.append({"one_after_another": alone, "sweep": together, "share": together / alone})
    least = min(each["share"] for each in rounds)
    if options.json:
        print(json.dumps({"rounds": rounds, "share": least, "same_numbers": same}))
    else:
        for each in rounds:
            print(f"{each['one_after_another']:7.2f} s  {each['sweep']:7.2f} s  {each['share']:.3f}")
        print(f"share {least:.3f}, at most {THRESHOLD}; the same numbers: {'yes' if same else 'no'}")
    return int(least > THRESHOLD or not same)


if __name__ == "__main__":
    sys.exit(main())
