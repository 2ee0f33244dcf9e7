"""A contest: the four methods one after the other, each from the start parameters, on the whole training part.

In training mode, with the dropout masks of step 1, and in the run's own number type. What comes out is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from time import perf_counter
from typing import Any

import numpy as np

from backprop_tui.core.network.applied_gradient import trained_mask
from backprop_tui.core.network.network import start_parameters
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset import chance
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.json_number import number
from backprop_tui.core.training.limits import check_size
from backprop_tui.core.training.rehearsal import Rehearsal
from backprop_tui.core.training.trainer import Trainer

from .estimators import METHODS, Attempt, Method, Point, Walk, cosine
from .kept_bytes import cached_bytes

DEFAULT_BUDGET = 1000
VECTORS = 6
"""Of all parameters, that the methods take: the start, estimates, random directions."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one method came to.

    `forward_passes` used; `price` of a whole step, in forward passes; `loss` at the end and `best` of the curve;
    `cosine` of the first direction taken with the true gradient at the start, None where either has no direction;
    `cached_bytes` that have to be kept from the forward pass; `trace`: forward passes and loss along the way.
    """

    name: str
    title: str
    forward_passes: float
    price: float
    steps: int
    seconds: float
    loss: float
    best: float
    cosine: float | None
    cached_bytes: int
    trace: tuple[Point, ...]


class Contest:
    """The methods on the network, data and start parameters of `trainer`, which is only read, in slices of time.

    `budget` is the forward passes that each method has; `seed` that of the methods' chance, by default the trainer's.
    Raises PresetError where the whole training part as one batch would need more than 1 GB, ValueError for a budget
    below 1.
    """

    def __init__(
        self, trainer: Trainer, dataset: Dataset, budget: int = DEFAULT_BUDGET, seed: int | None = None
    ) -> None:
        if budget < 1:
            raise ValueError(f"expected a budget of 1 forward pass or more, found {budget}")
        check_size(trainer.preset, dataset, dataset.size, VECTORS)
        self.trainer, self.dataset, self.budget = trainer, dataset, budget
        self.seed = trainer.seed if seed is None else seed
        self.start = start_parameters(trainer.preset, trainer.layers, trainer.seed, trainer.dtype)
        mask = trained_mask(trainer.layers, trainer.dtype)
        self.trained = np.arange(mask.size) if trainer.preset.optimizer.train_biases else np.flatnonzero(mask)
        self.gradient: Array | None = None
        self.kept: Rehearsal | None = None
        self.results: list[Result] = []
        self.attempt: Attempt | None = None
        self.walk: Walk = iter(())

    @property
    def finished(self) -> bool:
        return len(self.results) == len(METHODS)

    @property
    def running(self) -> Method | None:
        """The method at work; None when all are done."""
        return None if self.finished else METHODS[len(self.results)]

    @property
    def progress(self) -> float:
        """From 0 to 1, in forward passes."""
        share = 0.0 if self.attempt is None else self.attempt.passes / self.budget
        return (len(self.results) + share) / len(METHODS)

    @property
    def traces(self) -> dict[str, tuple[Point, ...]]:
        """The curves so far, by the methods' names."""
        found = {result.name: result.trace for result in self.results}
        if self.attempt is not None and self.running is not None:
            found[self.running.name] = self.attempt.trace.points
        return found

    def advance(self, seconds: float) -> bool:
        """Go on for about so long; whether all is done."""
        end = perf_counter() + seconds
        with np.errstate(all="ignore"):
            while not self.finished:
                self.go_on()
                if perf_counter() >= end:
                    break
        return self.finished

    def go_on(self) -> None:
        """The next piece: the true gradient, a method's beginning, a few passes of it, or its end."""
        if self.gradient is None:
            self.gradient = self.true_gradient()
        elif self.attempt is None:
            self.begin(METHODS[len(self.results)])
        else:
            begin = perf_counter()
            ended = next(self.walk, True)
            self.attempt.seconds += perf_counter() - begin
            if ended:
                self.end(METHODS[len(self.results)], self.attempt)

    def rehearsal(self, dtype: np.dtype[Any]) -> Rehearsal:
        """The network with its start parameters on the whole training part, with the masks of step 1.

        All methods have the same one after the other: large networks take much room.
        """
        if self.kept is None or self.kept.parameters.dtype != dtype:
            data = self.dataset
            self.kept = Rehearsal(self.trainer, data.inputs, data.targets, self.trainer.masks(1, data.size), dtype)
        self.kept.parameters[:] = self.start
        return self.kept

    def true_gradient(self) -> Array:
        """∇ℒ at the start in float64, (size,); 0 for what is not trained."""
        gradient = self.rehearsal(np.dtype(np.float64)).backward()
        found = np.zeros_like(gradient)
        found[self.trained] = gradient[self.trained]
        return found

    def begin(self, method: Method) -> None:
        """Put a method at the start; what that takes is not its time."""
        rehearsal = self.rehearsal(self.trainer.dtype)
        generator = chance.generator(self.seed, "estimate", len(self.results))
        rate = self.trainer.preset.optimizer.learning_rate
        self.attempt = Attempt(rehearsal, self.trained, rate, generator, self.budget)
        self.attempt.look()
        self.attempt.seconds = 0.0
        self.walk = method.walk(self.attempt)

    def end(self, method: Method, attempt: Attempt) -> None:
        """Keep what a method came to."""
        seconds = attempt.seconds
        attempt.look()
        assert self.gradient is not None
        points = attempt.trace.points
        self.results.append(
            Result(
                name=method.name,
                title=method.title,
                forward_passes=attempt.passes,
                price=method.price(attempt),
                steps=attempt.steps,
                seconds=seconds,
                loss=points[-1][1],
                best=attempt.trace.best,
                cosine=None if attempt.estimate is None else cosine(attempt.estimate, self.gradient),
                cached_bytes=cached_bytes(attempt.rehearsal.plan) if method.caches else 0,
                trace=points,
            )
        )
        self.attempt, self.walk = None, iter(())


def estimate_json(results: Sequence[Result], budget: int) -> dict[str, Any]:
    """The results as JSON has them."""
    return {
        "budget": budget,
        "methods": [
            {
                "name": result.name,
                "forward_passes": number(result.forward_passes),
                "seconds": number(result.seconds),
                "loss": number(result.loss),
                "cosine": number(result.cosine),
                "cached_bytes": result.cached_bytes,
            }
            for result in results
        ],
    }


HEADINGS = ("", "passes", "steps", "passes a step", "seconds", "loss", "cosine", "kept bytes")


def estimate_text(results: Sequence[Result], budget: int) -> str:
    """The results as a table for people, and which method did best here."""
    rows = [HEADINGS, *(cells(result) for result in results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        columns = [f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([f"{first:<{widths[0]}}", *columns]).rstrip())
    passes = "1 forward pass" if budget == 1 else f"{budget:,} forward passes"
    start = form(results[0].trace[0][1])
    opening = f"Budget: {passes} of the whole training part for each method. Loss at the start: {start}."
    steps = "The first three take plain gradient descent, with the preset's learning rate."
    return "\n".join([opening, steps, "", *lines, "", verdict(results)])


def cells(result: Result) -> tuple[str, ...]:
    return (
        result.title,
        f"{result.forward_passes:,.6g}" if result.forward_passes < 1e6 else f"{result.forward_passes:,.0f}",
        f"{result.steps:,}",
        f"{result.price:,.4g}" if result.price < 1e4 else f"{result.price:,.0f}",
        form(result.seconds, 3),
        form(result.loss),
        "" if result.cosine is None else form(result.cosine),
        f"{result.cached_bytes:,}",
    )


def form(value: float, digits: int = 6) -> str:
    """So many significant digits, with a true minus sign."""
    return f"{value:.{digits}g}".replace("-", "−")


def verdict(results: Sequence[Result]) -> str:
    """Which method ended with the lowest loss, as it was measured."""
    start = results[0].trace[0][1]
    losses = [result.loss if isfinite(result.loss) else inf for result in results]
    least = min(losses)
    if least == inf:
        return "No method ended with a finite loss."
    if isfinite(start) and least >= start:
        return f"No method ended below the loss at the start, {form(start)}."
    winners = [result.title for result, loss in zip(results, losses, strict=True) if loss == least]
    names = " and ".join(filter(None, (", ".join(winners[:-1]), winners[-1])))
    return f"Lowest loss at the end: {form(least)}, by {names}."
