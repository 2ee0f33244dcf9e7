"""The session is the playback head: forward and back through a run, in any unit, always to the same numbers.

Going back is the nearest snapshot and the same generator again, so there is nothing that could differ. The session is
the only thing a screen talks to.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from math import ceil, isfinite
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from .datasets import Dataset
from .evaluation import Evaluation, Evaluator
from .event import PHASES, Op, Phase
from .history import History, LayerMeasure, measure, measure_layer, norm
from .plan import Plan
from .quantity import Array, Quantity
from .snapshots import Snapshots
from .tables import Preset
from .timeline import Position, Timeline, Unit
from .trainer import Trainer, trained_mask

SLICE = 0.001
"""Seconds that training at full speed goes on without looking at the clock."""
TIMING_WEIGHT = 0.2
"""Weight of the newest timed step in the running mean."""
EVALUATION_SHARE = 1 / 16
"""The share of the training's multiply-adds that may go into test losses."""
DENSE_SNAPSHOTS = 64
"""How many steps before a place that was gone back to get a snapshot each."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The whole training part and the test part, in evaluation mode; None where there is no test part."""

    training: Evaluation
    test: Evaluation | None


@dataclass(slots=True)
class Timing:
    """Measured times of the last play: seconds a step in each phase, and steps a second."""

    phases: dict[Phase, float] = field(default_factory=dict)
    steps_per_second: float | None = None

    def add(self, seconds: dict[Phase, float]) -> None:
        """Take in the times of one more step."""
        for phase, taken in seconds.items():
            before = self.phases.get(phase, taken)
            self.phases[phase] = before + TIMING_WEIGHT * (taken - before)


class Session:
    """A run of `preset` on `dataset`, at a position in it. `seed` redraws start weights and order.

    Floating-point warnings are off while it runs: overflow is looked for in the numbers, not warned about.
    """

    def __init__(self, preset: Preset, dataset: Dataset, seed: int | None = None) -> None:
        self.preset, self.dataset = preset, dataset
        self.seed = preset.seed if seed is None else seed
        self.trainer = Trainer(preset, dataset, self.seed)
        self.evaluator = Evaluator(self.trainer)
        self.timeline = Timeline(self.trainer.plan.events, self.trainer.steps_per_epoch)
        self.snapshots = Snapshots()
        self.snapshots.keep(self.trainer.state)
        self.history = History(self.evaluation_interval())
        self.timing = Timing()
        self.count = 0
        self.furthest = 0
        self.op: Op | None = None
        self.stream = self.trainer.begin()
        self.not_finite_step: int | None = None
        self.chunk = 1
        self.dense = range(0)
        self.evaluated: tuple[int, Evaluated] | None = None
        self.do_duties()

    # Where we are

    @property
    def plan(self) -> Plan:
        """The plan of the step in hand."""
        return self.trainer.plan

    @property
    def position(self) -> Position:
        return self.timeline.at(self.count)

    @property
    def step(self) -> int:
        """How many steps are finished."""
        return self.trainer.state.step

    @property
    def epoch(self) -> int:
        """How many epochs are finished."""
        return self.step // self.trainer.steps_per_epoch

    @property
    def diverged(self) -> bool:
        """Whether a loss up to here is known not to be a finite number."""
        return self.not_finite_step is not None and self.step >= self.not_finite_step

    @property
    def at_boundary(self) -> bool:
        """Whether a step is finished, or none begun."""
        return self.count == self.timeline.finish_of(self.step)

    def computed(self, quantity: Quantity) -> bool:
        """Whether this step has got as far as `quantity`: parameters always, the batch from the step's start on."""
        return quantity.place < self.position.events

    def measure(self) -> list[LayerMeasure]:
        """The norms of every layer, as far as this step has computed them."""
        events = self.position.events
        return [measure_layer(self.plan, layer, events) for layer in self.trainer.layers]

    # Moving

    def forward(self, unit: Unit) -> None:
        """On to the next stop of `unit`."""
        self.seek(self.timeline.after(self.count, unit))

    def back(self, unit: Unit) -> None:
        """Back to the last stop of `unit`, or to the start of the run."""
        self.seek(self.timeline.before(self.count, unit))

    def seek(self, count: int) -> None:
        """To the position after `count` events, bit for bit what a straight run shows there."""
        self.depart(count)
        self.advance(count)

    def depart(self, count: int) -> None:
        """To the nearest snapshot before `count`, where that is shorter; `advance` or `approach` do the rest."""
        step, behind = self.timeline.at(count).step - 1, count < self.count
        if behind or self.snapshots.nearest(step).step > self.step:
            self.rewind(step)
        if behind:
            # Who went back once may do it again: the last steps before get a snapshot each.
            affordable = self.snapshots.budget // (4 * self.trainer.state.bytes)
            self.dense = range(step - min(DENSE_SNAPSHOTS, affordable), step + 1)

    def approach(self, count: int, seconds: float) -> bool:
        """Run on towards `count` for about so long; whether it is reached."""
        deadline = perf_counter() + seconds
        while self.count < count and (now := perf_counter()) < deadline:
            before = self.step
            self.advance(min(count, self.timeline.finish_of(self.step + self.chunk)))
            self.adapt_chunk(perf_counter() - now, self.step - before)
        return self.count >= count

    def rewind(self, step: int) -> None:
        """To the nearest snapshot at or before the end of `step`."""
        self.trainer.state.restore(self.snapshots.nearest(step))
        self.trainer.losses.clear()
        self.stream = self.trainer.begin()
        self.op = None
        self.count = self.timeline.finish_of(self.step)

    def advance(self, count: int) -> None:
        """Run on to the position after `count` events, taking along what the history and the snapshots want."""
        with np.errstate(all="ignore"):
            while self.count < count:
                self.drain(min(count, self.next_duty()) - self.count)
                self.do_duties()
        self.collect_losses()

    def drain(self, events: int) -> None:
        """Run so many events; only the last one is looked at."""
        deque(islice(self.stream, events - 1), maxlen=0)
        self.op = next(self.stream)
        self.count += events
        self.furthest = max(self.furthest, self.count)

    def next_duty(self) -> int:
        """The next count at which something is to be measured or kept."""
        duties = [
            self.timeline.finish_of(self.history.gradients.next_step()) - 1,
            self.timeline.finish_of(self.next_snapshot()),
        ]
        if self.has_test_part:
            duties.append(self.timeline.finish_of(self.history.evaluations.next_step()))
        return min(duty for duty in duties if duty > self.count)

    def next_snapshot(self) -> int:
        """The next step whose end gets a snapshot."""
        spacing = self.snapshots.spacing
        regular = (self.step // spacing + 1) * spacing
        dense = max(self.step + 1, self.dense.start)
        return min(regular, dense) if dense < self.dense.stop else regular

    def do_duties(self) -> None:
        """Measure and keep what is due at this position."""
        if self.count == self.timeline.finish_of(self.history.gradients.next_step()) - 1:
            # Before the finish, so that the weights measured are those that the update was worked out for.
            self.history.gradients.add(self.position.step, measure(self.plan, self.trainer.layers))
        if not self.at_boundary:
            return
        if self.step % self.snapshots.spacing == 0 or self.step in self.dense:
            self.snapshots.keep(self.trainer.state)
        if self.has_test_part and self.step == self.history.evaluations.next_step():
            test = self.evaluate_test()
            assert test is not None
            self.history.evaluations.add(
                self.step, np.array([test.loss, np.nan if test.accuracy is None else test.accuracy])
            )

    def collect_losses(self) -> None:
        """Hand the losses of newly finished steps to the history; those of repeated steps are there already."""
        losses = self.trainer.losses
        known = self.history.steps - (self.step - len(losses))
        new = losses[known:]
        if new and self.not_finite_step is None and not all(map(isfinite, new)):
            self.not_finite_step = self.history.steps + 1 + [isfinite(loss) for loss in new].index(False)
        if new:
            self.history.losses.extend(new)
        losses.clear()

    # Full speed

    def play(self, seconds: float) -> None:
        """Train at full speed for about so long, from step to step, timing one of the steps phase by phase."""
        begin = perf_counter()
        if not self.at_boundary:
            self.advance_steps(1)
        self.time_step()
        while (now := perf_counter()) < begin + seconds and not self.diverged:
            self.advance_steps(self.chunk)
            self.adapt_chunk(perf_counter() - now, self.chunk)
        if self.diverged:
            self.stop_at_divergence()

    def stop_at_divergence(self) -> None:
        """Back to the end of the first step whose loss was not finite, where one stretch of training ran past it."""
        assert self.not_finite_step is not None
        self.seek(self.timeline.finish_of(self.not_finite_step))

    def adapt_chunk(self, seconds: float, steps: int) -> None:
        """Fit the number of steps between two looks at the clock to the time that the last ones took."""
        if steps:
            self.chunk = max(1, min(2 * self.chunk, int(SLICE * steps / max(seconds, 1e-9))))

    def advance_steps(self, steps: int) -> None:
        """On to the finish of so many more steps, the one in hand counted as one."""
        self.advance(self.timeline.finish_of(self.step + steps))

    def time_step(self) -> None:
        """One step, op by op, with the time each phase takes."""
        seconds: dict[Phase, float] = dict.fromkeys(PHASES, 0.0)
        events = self.timeline.length - 1
        with np.errstate(all="ignore"):
            begin = perf_counter()
            for op in islice(self.stream, events):
                now = perf_counter()
                if op.phase != "start" and op.phase != "finish":
                    seconds[op.phase] += now - begin
                begin = now
                self.op = op
            self.count += events
            self.do_duties()
        self.advance(self.count + 1)
        self.timing.add(seconds)

    # Questions about this position

    @property
    def has_test_part(self) -> bool:
        return self.dataset.test_size > 0

    def evaluation_interval(self) -> int:
        """Every how many steps the test loss is measured, so that it takes its share of the arithmetic at most."""
        return max(1, ceil(self.dataset.test_size / (3 * self.trainer.batch_size * EVALUATION_SHARE)))

    def evaluate_training(self) -> Evaluation:
        """Loss and accuracy over the whole training part, of the parameters as they stand."""
        data = self.dataset
        with np.errstate(all="ignore"):
            return self.evaluator.evaluate(data.inputs, data.targets, data.target_kind)

    def evaluate_test(self) -> Evaluation | None:
        """The same over the test part; None where there is none."""
        data = self.dataset
        if not self.has_test_part:
            return None
        with np.errstate(all="ignore"):
            return self.evaluator.evaluate(data.test_inputs, data.test_targets, data.target_kind)

    def evaluate(self) -> Evaluated:
        """Both; worked out once for each step."""
        if self.evaluated is None or self.evaluated[0] != self.step:
            self.evaluated = (self.step, Evaluated(self.evaluate_training(), self.evaluate_test()))
        return self.evaluated[1]

    def look_again(self, inputs: Array, targets: Array) -> Plan:
        """A forward pass and loss of other examples with the parameters as they stand, in a plan of its own."""
        with np.errstate(all="ignore"):
            return self.evaluator.run(inputs, targets)

    def answer(self, inputs: Array) -> Array:
        """The outputs (outputs, n) for inputs (features, n) as the network reads them."""
        with np.errstate(all="ignore"):
            return self.evaluator.predict(inputs)

    def predict(self, raw: NDArray[np.float64]) -> Array:
        """The outputs (outputs, n) for raw inputs (raw inputs, n), such as points of the plane."""
        return self.answer(self.dataset.encode(raw))

    def gradient_norm(self) -> float:
        """‖∇ℒ‖ over all trained parameters, before penalties and clipping; of this step, once it is computed."""
        trainer = self.trainer
        gradient = trainer.gradient
        if not self.preset.optimizer.train_biases:
            gradient = gradient[trained_mask(trainer.layers, trainer.dtype) > 0]
        return norm(gradient)
