"""Four ways to lower a loss, at work on equal terms: backpropagation and what one would do without it.

The price of everything is counted in forward passes of the whole batch. A pass with its way back costs one and the
share of multiply-adds that the backward phase has over the forward phase; one central difference costs two passes,
and so does a pair of evolution strategies; a trial of random search costs one. What is read off for the curve costs
a method nothing, neither passes nor time.

The first three take plain gradient descent, on the loss without penalties; all change only what is trained. How long
their steps are is chosen outside (see `step_size_search`), for every method in the same way.
"""

from collections.abc import Callable, Iterator
from dataclasses import field
from math import isfinite, isnan, sqrt
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.tables import OptimizerPreset
from backprop_tui.core.training.rehearsal import Rehearsal
from backprop_tui.core.value_class import dataclass

from .own_optimizer import OwnOptimizer

PAIRS = 10
"""Antithetic pairs to an estimate of evolution strategies."""
SPREAD = 0.05
"""σ of the points at which evolution strategies look, around the parameters."""
STRIDE = 1.0
"""Length of a trial step with which random search begins, in the root of the mean square."""
MOST_POINTS = 512
"""Points that a curve is thinned to."""

Point = tuple[float, float]


@dataclass(slots=True)
class Trace:
    """A curve of any length in bounded memory: every so many-th point, and always the first and the last.

    A point is forward passes used and the loss there. `best` is the least loss of all points, kept or not.
    """

    kept: list[Point] = field(default_factory=list)
    stride: int = 1
    count: int = 0
    last: Point = (0.0, float("nan"))
    best: float = float("nan")

    def add(self, passes: float, loss: float) -> None:
        """The next point; one at the same number of passes as the last is that point again, and the lower counts."""
        if self.count and passes == self.last[0]:
            self.lower(loss)
            return
        if self.count % self.stride == 0:
            self.kept.append((passes, loss))
        self.count += 1
        self.last = (passes, loss)
        if loss < self.best or isnan(self.best):
            self.best = loss
        if len(self.kept) == MOST_POINTS:
            self.kept = self.kept[::2]
            self.stride *= 2

    def lower(self, loss: float) -> None:
        """Bring the last point down to `loss`, where that is less."""
        if loss < self.last[1]:
            if self.kept[-1] == self.last:
                self.kept[-1] = (self.last[0], loss)
            self.last = (self.last[0], loss)
            self.best = min(self.best, loss)

    @property
    def first(self) -> float:
        """The loss of the first point."""
        return self.kept[0][1]

    @property
    def points(self) -> tuple[Point, ...]:
        """At most MOST_POINTS."""
        ends = () if not self.count or self.kept[-1] == self.last else (self.last,)
        return (*self.kept, *ends)


@dataclass(slots=True)
class Attempt:
    """One method at work with one step size: the network that it changes, and what it has used.

    `trained` are the places of the trained parameters in the flat vector. `size` is the learning rate, or the length
    of a trial step. `allowed` and `work` are in multiply-adds, of which a forward pass has `work_of_pass`, so that
    they are added up exactly. `estimate` is the first direction that the method took for the gradient, (size,), None
    before there is one; `opening` that direction where an attempt with another step size has paid for it already.
    `optimizer` takes the steps where it is not plain gradient descent.
    """

    rehearsal: Rehearsal
    trained: NDArray[np.intp]
    size: float
    chance: np.random.Generator
    optimizer: OwnOptimizer | None = None
    opening: Array | None = None
    allowed: int = 0
    work: int = 0
    steps: int = 0
    seconds: float = 0.0
    estimate: Array | None = None
    trace: Trace = field(default_factory=Trace)

    @property
    def parameters(self) -> Array:
        """(size,)"""
        return self.rehearsal.parameters

    @property
    def vectors(self) -> tuple[Array, ...]:
        """All that a step changes, (size,) each: the parameters, and what an optimizer remembers."""
        return (self.parameters, *(() if self.optimizer is None else self.optimizer.vectors))

    @property
    def work_of_pass(self) -> int:
        return self.rehearsal.plan.multiply_adds("forward")

    @property
    def passes(self) -> float:
        """Forward passes used."""
        return self.work / self.work_of_pass

    @property
    def left(self) -> int:
        """Whole forward passes that it is still allowed."""
        return (self.allowed - self.work) // self.work_of_pass

    @property
    def lost(self) -> bool:
        """Whether the loss has left the finite numbers; no gradient leads back from there."""
        return not isfinite(self.trace.last[1])

    def loss(self) -> float:
        """One forward pass, paid for."""
        self.work += self.work_of_pass
        return self.rehearsal.loss()

    def look(self) -> None:
        """A point of the curve, which costs the method nothing."""
        begin = perf_counter()
        self.trace.add(self.passes, self.rehearsal.loss())
        self.seconds -= perf_counter() - begin

    def open(self) -> None:
        """The first step, along the direction that is there already, if there is."""
        if self.opening is not None and self.steps == 0:
            self.descend(self.opening)

    def descend(self, gradient: Array) -> None:
        """A step down along `gradient`, (size,), or what the optimizer makes of that of the rehearsal."""
        if self.optimizer is not None:
            self.optimizer.step()
            taken = -self.optimizer.delta
        else:
            self.parameters[self.trained] -= self.size * gradient[self.trained]
            taken = gradient
        if self.estimate is None:
            self.estimate = taken.copy()
        self.steps += 1


Walk = Iterator[None]
"""A method's run, in pieces of a few forward passes."""


def work_of_gradient(attempt: Attempt) -> int:
    """Multiply-adds of a forward pass and the way back."""
    return attempt.work_of_pass + attempt.rehearsal.plan.multiply_adds("backward")


def backpropagation(attempt: Attempt) -> Walk:
    """Steps along the exact gradient, or of the optimizer. The pass that computes it tells the loss before the step."""
    price = work_of_gradient(attempt)
    while attempt.work + price <= attempt.allowed and not attempt.lost:
        gradient = attempt.rehearsal.backward()
        attempt.trace.add(attempt.passes, attempt.rehearsal.plan.loss())
        attempt.work += price
        attempt.descend(gradient)
        yield


def numerical_gradient(attempt: Attempt) -> Walk:
    """θ ← θ − η ĝ with ĝᵢ = (ℒ(θ + h eᵢ) − ℒ(θ − h eᵢ)) / 2h.

    A gradient takes two passes a parameter. One that the budget does not pay for in full, be it the last or the only
    one, is of as many parameters as it does pay for, drawn at random; the others stay where they are.
    """
    attempt.open()
    while attempt.left >= 2 and not attempt.lost:
        count = min(len(attempt.trained), attempt.left // 2)
        whole = count == len(attempt.trained)
        chosen = attempt.trained if whole else attempt.chance.choice(attempt.trained, count, replace=False)
        gradient = np.zeros_like(attempt.parameters)
        for place in chosen:
            gradient[place] = central_difference(attempt, place)
            yield
        attempt.descend(gradient)
        attempt.look()


def central_difference(attempt: Attempt, place: np.intp) -> float:
    """The slope of the loss along one parameter, by two passes.

    h is the cube root of the type's resolution, times the parameter's size where that is above 1: there the errors of
    rounding and of the formula are alike. What was really added, after rounding, is what is divided by.
    """
    parameters = attempt.parameters
    here = parameters[place]
    h = float(np.cbrt(np.finfo(parameters.dtype).eps)) * max(1.0, abs(float(here)))
    parameters[place] = here + h
    above, loss_above = float(parameters[place]), attempt.loss()
    parameters[place] = here - h
    below, loss_below = float(parameters[place]), attempt.loss()
    parameters[place] = here
    return (loss_above - loss_below) / (above - below)


def evolution_strategies(attempt: Attempt) -> Walk:
    """θ ← θ − η ĝ with ĝ the mean over n pairs of (ℒ(θ + σε) − ℒ(θ − σε)) / 2σ · ε, ε normal.

    Its expectation is the gradient of the loss smoothed by σ, nearly the gradient itself; but with N parameters its
    length is about √((n + N + 1)/n) times that of the gradient, which on large networks a learning rate chosen for
    the gradient may not stand. The last estimate is of as many pairs as the budget still pays for.
    Source: Salimans et al. 2017, with antithetic pairs.
    """
    parameters, trained = attempt.parameters, attempt.trained
    attempt.open()
    while attempt.left >= 2 and not attempt.lost:
        pairs = min(PAIRS, attempt.left // 2)
        start = parameters[trained]
        total = np.zeros_like(start)
        for _ in range(pairs):
            noise = attempt.chance.standard_normal(len(trained)).astype(parameters.dtype)
            parameters[trained] = start + SPREAD * noise
            above = attempt.loss()
            parameters[trained] = start - SPREAD * noise
            total += (above - attempt.loss()) / (2 * SPREAD) * noise
            yield
        parameters[trained] = start
        gradient = np.zeros_like(parameters)
        gradient[trained] = total / pairs
        attempt.descend(gradient)
        attempt.look()


def random_search(attempt: Attempt) -> Walk:
    """θ ← θ + σε, ε normal, where that lowers the loss, else back: no gradient at all.

    σ is the step size over √N with N parameters, from the first trial to the last. The first pass tells the loss to
    beat; one that is not finite is beaten by any that is.
    """
    parameters, trained = attempt.parameters, attempt.trained
    sigma = attempt.size / sqrt(len(trained))
    if attempt.work == 0:
        loss = attempt.loss()
        attempt.trace.add(attempt.passes, loss)
        yield
    best = attempt.trace.last[1]
    while attempt.left >= 1:
        start = parameters[trained]
        step = sigma * attempt.chance.standard_normal(len(trained)).astype(parameters.dtype)
        parameters[trained] = start + step
        loss = attempt.loss()
        attempt.steps += 1
        if loss < best or (isfinite(loss) and not isfinite(best)):
            best = loss
            if attempt.estimate is None:
                attempt.estimate = np.zeros_like(parameters)
                attempt.estimate[trained] = -step
        else:
            parameters[trained] = start
        attempt.trace.add(attempt.passes, best)
        yield


@dataclass(frozen=True, slots=True)
class Method:
    """`price` is what a whole step costs, in forward passes; `caches` whether the forward pass is kept for the way
    back; `optimizer` the one that takes its steps, None for plain gradient descent; `strides` whether its step size
    is the length of a step, and not a learning rate; `opens` whether its first direction is paid for once, since it is
    the same for all step sizes."""

    name: str
    title: str
    walk: Callable[[Attempt], Walk]
    price: Callable[[Attempt], float]
    caches: bool = False
    optimizer: OptimizerPreset | None = None
    strides: bool = False
    opens: bool = False

    def first_size(self, learning_rate: float) -> float:
        """The step size that it begins with, with a preset of that learning rate."""
        return STRIDE if self.strides else learning_rate


def price_of_gradient(attempt: Attempt) -> float:
    return work_of_gradient(attempt) / attempt.work_of_pass


def price_of_differences(attempt: Attempt) -> float:
    return 2 * len(attempt.trained)


METHODS = (
    Method("backpropagation", "backpropagation", backpropagation, price_of_gradient, caches=True),
    Method("numerical_gradient", "numerical gradient", numerical_gradient, price_of_differences, opens=True),
    Method("evolution_strategies", "evolution strategies", evolution_strategies, lambda attempt: 2 * PAIRS, opens=True),
    Method("random_search", "random search", random_search, lambda attempt: 1, strides=True),
)
OWN = "own_optimizer"


def own_method(settings: OptimizerPreset) -> Method:
    """Backpropagation with the preset's own optimizer."""
    title = "backpropagation as set" if settings.kind == "sgd" else f"backpropagation with {settings.kind}"
    return Method(OWN, title, backpropagation, price_of_gradient, caches=True, optimizer=settings)


def cosine(estimate: Array, gradient: Array) -> float | None:
    """The cosine of the angle between two vectors (size,); None where one of them has no direction."""
    lengths = norm(estimate), norm(gradient)
    if 0 in lengths:
        return None
    # Each by its own length first, so that no product overflows or vanishes.
    # Rounding must not take it beyond 1.
    return float(np.clip((estimate.astype(np.float64) / lengths[0]).dot(gradient / lengths[1]), -1.0, 1.0))
