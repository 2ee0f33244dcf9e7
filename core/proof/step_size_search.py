"""One method with the best of several step sizes, all of them paid for out of its budget.

Half of the budget goes in equal parts to the sizes that are tried, each from the start, and each judged by a forward
pass at its end; the one that got lowest goes on from where it stands, with all that is left. Finite differences and
evolution strategies find their first direction once for all sizes, before the budget is halved. What the method has
come to is the lowest loss that it has met.
"""

from collections.abc import Callable
from math import inf, isfinite
from time import perf_counter

from backprop_tui.core.ops.quantity import Array

from .estimators import Attempt, Method, Trace, Walk
from .step_sizes import best_exponent, next_exponent, sizes_of


class StepSizeSearch:
    """`method` at work with `budget` forward passes.

    `begin(size)` puts it at the start with that step size, of which `first` is the one to begin with. `sizes` are
    tried; `attempts` are those made so far, by the exponents of their sizes. `trace` is the lowest loss so far, over
    all forward passes that the method has used, in the order in which it used them.
    """

    def __init__(self, method: Method, begin: Callable[[float], Attempt], first: float, budget: int) -> None:
        self.method, self.begin, self.first, self.budget = method, begin, first, budget
        self.sizes = sizes_of(budget)
        self.attempts: dict[float, Attempt] = {}
        self.scores: dict[float, float] = {}
        self.attempt: Attempt | None = None
        self.walk: Walk = iter(())
        self.leader: float | None = None
        self.kept: list[Array] = []
        self.finished = False
        self.trace = Trace()

    @property
    def work(self) -> int:
        """Multiply-adds of all attempts."""
        return sum(attempt.work for attempt in self.attempts.values())

    @property
    def passes(self) -> float:
        """Forward passes of all attempts."""
        attempt = next(iter(self.attempts.values()), None)
        return 0.0 if attempt is None else self.work / attempt.work_of_pass

    @property
    def steps(self) -> int:
        return sum(attempt.steps for attempt in self.attempts.values())

    @property
    def seconds(self) -> float:
        return sum(attempt.seconds for attempt in self.attempts.values())

    @property
    def best(self) -> Attempt:
        """The attempt that went on, once there is one."""
        assert self.leader is not None
        return self.attempts[self.leader]

    def go_on(self) -> None:
        """The next piece: an attempt's beginning, a few passes of it, or its end."""
        if self.attempt is None:
            self.attempt = self.scout() if len(self.scores) < self.sizes else self.lead()
            self.walk = self.method.walk(self.attempt)
            self.look()
            return
        begin = perf_counter()
        ended = next(self.walk, True)
        if ended:
            self.close(self.attempt)
        self.attempt.seconds += perf_counter() - begin
        self.look()
        if ended:
            self.end(self.attempt)

    def scout(self) -> Attempt:
        """The next step size, at the start; the only one has the whole budget."""
        exponent = next_exponent(self.scores)
        attempt = self.begin(self.first * 10**exponent)
        opening = self.opening(attempt)
        share = self.budget if self.sizes == 1 else (self.budget - opening) // (2 * self.sizes) - self.judging
        if self.attempts and self.method.opens:
            attempt.opening = next(iter(self.attempts.values())).estimate
        elif self.sizes > 1:
            share += opening
        attempt.allowed = share * attempt.work_of_pass
        self.attempts[exponent] = attempt
        return attempt

    def opening(self, attempt: Attempt) -> int:
        """Forward passes for the first direction: a whole one if the budget pays for it, else half of the budget."""
        if not self.method.opens:
            return 0
        price = int(self.method.price(attempt))
        return price if price <= self.budget - 4 * self.sizes else self.budget // 2

    @property
    def judging(self) -> int:
        """Forward passes by which a step size is judged; random search knows its loss."""
        return 0 if self.sizes == 1 or self.method.strides else 1

    def close(self, attempt: Attempt) -> None:
        """Tell the loss where it has come to, which a trial pays for, in passes and in time."""
        if self.judging and len(self.scores) < self.sizes:
            loss = attempt.loss()
            attempt.trace.add(attempt.passes, loss)
        else:
            attempt.look()

    def lead(self) -> Attempt:
        """The best of them again, where it stood, with what is left of the budget."""
        attempt = self.best
        attempt.allowed = attempt.work + self.budget * attempt.work_of_pass - self.work
        for vector, kept in zip(attempt.vectors, self.kept, strict=True):
            vector[:] = kept
        return attempt

    def end(self, attempt: Attempt) -> None:
        """Judge the attempt that has ended, and keep where it stands if it is the best so far."""
        self.attempt, self.walk = None, iter(())
        if len(self.scores) == self.sizes:
            self.finished = True
            return
        exponent = next(exponent for exponent, own in self.attempts.items() if own is attempt)
        lowered = not attempt.lost and attempt.trace.best < attempt.trace.first
        self.scores[exponent] = attempt.trace.best if lowered else inf
        self.leader = best_exponent(self.scores)
        if self.leader == exponent:
            self.kept = [vector.copy() for vector in attempt.vectors]
        self.finished = self.sizes == 1

    def look(self) -> None:
        """A point of the curve: the lowest loss of all attempts, where there is a finite one."""
        assert self.attempt is not None
        losses = [attempt.trace.best for attempt in self.attempts.values()]
        self.trace.add(self.seen(self.attempt), min((loss for loss in losses if isfinite(loss)), default=losses[0]))

    def seen(self, attempt: Attempt) -> float:
        """The forward passes used when the last loss of `attempt` was met, which may be known only a step later."""
        # In whole multiply-adds, so that the same place is the same number however it is reached.
        work = self.work - attempt.work + round(attempt.trace.last[0] * attempt.work_of_pass)
        return work / attempt.work_of_pass
