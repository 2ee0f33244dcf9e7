"""A contest: the methods one after the other, each from the start parameters, on the whole training set.

In training mode, with the dropout masks of step 1, and in the run's own number type. What comes out is measured.
"""

from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from backprop_tui.core.network.applied_gradient import trained_mask
from backprop_tui.core.network.network import start_parameters
from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset import chance
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.training.limits import check_size
from backprop_tui.core.training.rehearsal import Rehearsal
from backprop_tui.core.training.trainer import Trainer
from backprop_tui.core.value_class import dataclass

from .estimators import METHODS, Attempt, Method, Point, cosine, own_method
from .kept_bytes import cached_bytes
from .own_optimizer import OwnOptimizer, is_plain
from .step_size_search import StepSizeSearch

DEFAULT_BUDGET = 1000
VECTORS = 24
"""Of all parameters, that the methods take: the start, the gradient, a first direction of each step size, the best
attempt's, random directions, and what an optimizer needs."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one method came to.

    `forward_passes`, `steps` and `seconds` are those of all step sizes together; `price` of a whole step, in forward
    passes; `loss` the lowest that it met; `size` the step size that went on, of `sizes` that were tried; `cosine` of
    its first direction with the true gradient at the start, None where either has no direction; `cached_bytes` that
    have to be kept from the forward pass; `slope` ‖∇ℒ‖ where it ended, None for a method without the exact gradient;
    `trace`: forward passes and lowest loss along the way.
    """

    name: str
    title: str
    forward_passes: float
    price: float
    steps: int
    seconds: float
    loss: float
    size: float
    sizes: int
    cosine: float | None
    cached_bytes: int
    slope: float | None
    trace: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the contest has come to so far: its `budget` in forward passes, how many `parameters` are trained, the
    `slope` ‖∇ℒ‖ at the start, and the results."""

    budget: int
    parameters: int
    slope: float
    results: tuple[Result, ...]


class Contest:
    """The methods on the network, data and start parameters of `trainer`, which is only read, in slices of time.

    `methods` are the four, and backpropagation with the preset's own optimizer where that is another.
    `budget` is the forward passes that each method has; `seed` that of the methods' chance, by default the trainer's.
    Raises PresetError where the whole training set as one batch would need more than 1 GB, ValueError for a budget
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
        optimizer = trainer.preset.optimizer
        self.methods: tuple[Method, ...] = METHODS if is_plain(optimizer) else (*METHODS, own_method(optimizer))
        self.start = start_parameters(trainer.preset, trainer.layers, trainer.seed, trainer.dtype, dataset.start)
        mask = trained_mask(trainer.layers, trainer.dtype)
        self.trained = np.arange(mask.size) if optimizer.train_biases else np.flatnonzero(mask)
        self.gradient: Array | None = None
        self.kept: Rehearsal | None = None
        self.results: list[Result] = []
        self.search: StepSizeSearch | None = None

    @property
    def finished(self) -> bool:
        return len(self.results) == len(self.methods)

    @property
    def running(self) -> Method | None:
        """The method at work; None when all are done."""
        return None if self.finished else self.methods[len(self.results)]

    @property
    def progress(self) -> float:
        """From 0 to 1, in forward passes."""
        share = 0.0 if self.search is None else self.search.passes / self.budget
        return (len(self.results) + share) / len(self.methods)

    @property
    def traces(self) -> dict[str, tuple[Point, ...]]:
        """The curves so far, by the methods' names."""
        found = {result.name: result.trace for result in self.results}
        if self.search is not None:
            found[self.search.method.name] = self.search.trace.points
        return found

    @property
    def outcome(self) -> Outcome:
        slope = 0.0 if self.gradient is None else norm(self.gradient)
        return Outcome(self.budget, len(self.trained), slope, tuple(self.results))

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
            self.gradient = self.gradient_of(self.rehearsal(np.dtype(np.float64)))
        elif self.search is None:
            method = self.methods[len(self.results)]
            first = method.first_size(self.trainer.preset.optimizer.learning_rate)
            self.search = StepSizeSearch(method, partial(self.attempt, method), first, self.budget)
        elif not self.search.finished:
            self.search.go_on()
        else:
            self.results.append(self.result(self.search))
            self.search = None

    def rehearsal(self, dtype: np.dtype[Any]) -> Rehearsal:
        """The network with its start parameters on the whole training set, with the masks of step 1.

        All methods have the same one after the other: large networks take much room.
        """
        if self.kept is None or self.kept.parameters.dtype != dtype:
            data = self.dataset
            self.kept = Rehearsal(self.trainer, data.inputs, data.targets, self.trainer.masks(1, data.size), dtype)
        self.kept.parameters[:] = self.start
        return self.kept

    def gradient_of(self, rehearsal: Rehearsal) -> Array:
        """∇ℒ of the rehearsal's parameters, (size,); 0 for what is not trained."""
        gradient = rehearsal.backward()
        found = np.zeros_like(gradient)
        found[self.trained] = gradient[self.trained]
        return found

    def attempt(self, method: Method, size: float) -> Attempt:
        """A method at the start with a step size; what that takes is not its time.

        Each step size has the same chance.
        """
        rehearsal = self.rehearsal(self.trainer.dtype)
        generator = chance.generator(self.seed, "estimate", self.methods.index(method))
        optimizer = None if method.optimizer is None else OwnOptimizer(rehearsal, method.optimizer, size)
        attempt = Attempt(rehearsal, self.trained, size, generator, optimizer)
        attempt.look()
        attempt.seconds = 0.0
        return attempt

    def result(self, search: StepSizeSearch) -> Result:
        """What a method came to."""
        method, best = search.method, search.best
        assert self.gradient is not None
        points = search.trace.points
        return Result(
            name=method.name,
            title=method.title,
            forward_passes=search.passes,
            price=method.price(best),
            steps=search.steps,
            seconds=search.seconds,
            loss=points[-1][1],
            size=best.size,
            sizes=search.sizes,
            cosine=None if best.estimate is None else cosine(best.estimate, self.gradient),
            cached_bytes=cached_bytes(best.rehearsal.plan) if method.caches else 0,
            slope=norm(self.gradient_of(best.rehearsal)) if method.caches else None,
            trace=points,
        )
