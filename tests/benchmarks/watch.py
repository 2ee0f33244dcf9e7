"""What `watch` costs: a PyTorch loop with it, beside one without it and one that clones all gradients each step.

    python tests/benchmarks/watch.py [--seconds 60] [--rounds 3] [--networks 784-128-10 …]

The loops run in turn, in portions of some hundredths of a second, in an order that turns round: so what else the
machine does falls on all of them. Times are those of the processor, told as ratios to the loop without `watch`, which
runs twice, to show how far two equal loops are apart; of the rounds the middle one counts. Opening the file and closing
it belong to the time, importing the program does not. `watch` is told nothing of the time in which other loops run: it
would take it for that of its own. The exit status is 1 where a limit is passed, where
a loss is not that of the loop without, bit for bit, or where memory grows.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import torch
from torch import nn

import backprop_tui
import backprop_tui.core.attach.watch

LIMITS = {"784-128-10": 1.03, "2-8-8-1": 1.03, "784-1024-1024-10": 1.01}
"""The most that a loop with `watch` may take, relative to the loop without."""
PORTION = 0.02
"""Seconds that a loop runs before the next one has its turn."""
BATCH = 64
KINDS = ("bare", "watch", "bare", "clone")


TIMES = ("_start", "_due", "_committed")
"""What a run has noted of the clock."""


class Loop:
    """One training; `kind`: "bare", "watch" or "clone"."""

    def __init__(self, network: str, kind: str, folder: Path) -> None:
        torch.manual_seed(0)
        widths = [int(width) for width in network.split("-")]
        parts: list[nn.Module] = []
        for inputs, units in pairwise(widths):
            parts += [nn.Linear(inputs, units), nn.ReLU()]
        self.model = nn.Sequential(*parts[:-1])
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01)
        self.inputs = torch.rand(8 * BATCH, widths[0])
        outputs = widths[-1]
        self.function: Any = nn.MSELoss() if outputs == 1 else nn.CrossEntropyLoss()
        self.targets = torch.rand(8 * BATCH, 1) if outputs == 1 else torch.randint(0, outputs, (8 * BATCH,))
        self.kind, self.steps, self.time = kind, 0, 0.0
        self.losses: list[float] = []
        self.clones: list[Any] = []
        start = process_time()
        self.run = None
        if kind == "watch":
            path = folder / f"{network}-{len(list(folder.iterdir()))}.backprop"
            self.run = backprop_tui.watch(self.model, self.optimizer, loss=self.function, path=path)
        self.time += process_time() - start
        self.left = perf_counter()

    def go(self, steps: int) -> None:
        if self.run is not None:
            away = perf_counter() - self.left
            for name in TIMES:
                setattr(self.run, name, getattr(self.run, name) + away)
        start = process_time()
        for _ in range(steps):
            at = self.steps % 8 * BATCH
            X, y = self.inputs[at : at + BATCH], self.targets[at : at + BATCH]
            self.optimizer.zero_grad()
            loss = self.function(self.model(X), y)
            loss.backward()
            self.optimizer.step()
            self.losses.append(loss.item())
            if self.run is not None:
                self.run.step(loss)
            elif self.kind == "clone":
                self.clones = [parameter.grad.clone() for parameter in self.model.parameters()]
            self.steps += 1
        self.time += process_time() - start
        self.left = perf_counter()

    def close(self) -> None:
        start = process_time()
        if self.run is not None:
            self.run.close()
        self.time += process_time() - start


def resident() -> float:
    """MB of this process in memory."""
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def measured(network: str, seconds: float, folder: Path) -> tuple[dict[str, float], bool, str]:
    """The ratios of the loops, whether the losses are the same, and what the recording came to."""
    loops = [Loop(network, kind, folder) for kind in KINDS]
    loops[0].go(20)
    portion = max(1, int(PORTION / (loops[0].time / 20)))
    loops[0] = Loop(network, "bare", folder)
    turns = max(4, int(seconds / 4 / PORTION))
    for turn in range(turns):
        for loop in loops[turn % 4 :] + loops[: turn % 4]:
            loop.go(portion)
    for loop in loops:
        loop.close()
    run = loops[1].run
    assert run is not None
    assert run.path is not None
    said = f"{loops[1].steps} steps, {run.path.stat().st_size / 1e6:.1f} MB"
    same = loops[0].losses == loops[1].losses
    bare = (loops[0].time + loops[2].time) / 2
    ratios = {"watch": loops[1].time / bare, "clone": loops[3].time / bare, "bare": loops[2].time / bare}
    return ratios, same and not run.warnings, said


def flat(report: Callable[[str], None]) -> bool:
    """Whether memory stays as it is over 100,000 steps of a small network."""
    with tempfile.TemporaryDirectory() as folder:
        loop = Loop("2-8-8-1", "watch", Path(folder))
        sizes = []
        for _ in range(20):
            loop.go(5_000)
            loop.losses.clear()
            sizes.append(resident())
        loop.close()
    growth = min(sizes[13:]) - min(sizes[6:13])
    report(f"{'✓' if growth < 2 else '✗'} 100,000 steps: {growth:+.1f} MB from the second third to the last")
    return growth < 2


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds that a round of a network takes (60)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the middle one counts (3)")
    parser.add_argument("--networks", nargs="+", default=list(LIMITS), choices=list(LIMITS))
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    passed = True
    for network in options.networks:
        ratios: dict[str, list[float]] = {"watch": [], "clone": [], "bare": []}
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory() as folder:
                times, same, said = measured(network, options.seconds, Path(folder))
            passed &= same
            for kind, found in ratios.items():
                found.append(times[kind])
        watched, cloned, again = (median(ratios[kind]) for kind in ("watch", "clone", "bare"))
        holds = watched <= LIMITS[network]
        passed &= holds
        print(
            f"{'✓' if holds else '✗'} {network:18} with watch {watched:6.4f} (limit {LIMITS[network]:.2f})   "
            f"cloning gradients {cloned:6.3f}   without again {again:6.4f}   {said}"
            f"{'' if same else '   ✗ losses differ'}",
            flush=True,
        )
    passed &= flat(print)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
