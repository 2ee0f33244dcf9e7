"""The session is the playback head: forward and back through a run, in any unit, always to the same numbers.

Going back is the nearest snapshot and the same generator again, so there is nothing that could differ. The session is
the only thing a screen talks to.
"""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from backprop_tui.core.diagnosis.diagnosis import Diagnosis
from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.network.applied_gradient import gradient_norm
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.training.divergence import Fault
from backprop_tui.core.training.evaluation import Evaluated, Evaluator
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.training.rehearsal import Rehearsal
from backprop_tui.core.training.trainer import Trainer
from backprop_tui.core.training.walk import Fires

from .course import Course
from .edits import Edit, with_changes
from .effort import MOMENT, forward_effort
from .halt import find_fault, first_lost_step, gets_over, lost
from .history import History, LayerMeasure, measure_layer
from .of_step import OfStep
from .records import Records
from .snapshots import Snapshots
from .timeline import Position, Timeline, Unit
from .timing import Timing, timed
from .unharmed import unharmed

SLICE = 0.001
"""Seconds that training at full speed goes on without looking at the clock."""


class Session:
    """A run of `preset` on `dataset` with `edits` made on its way, at a position in it.

    `seed` redraws start weights and order. Floating-point warnings are off while it runs: overflow is looked for in
    the numbers, not warned about. Raises PresetError for a network or an edit that cannot be.

    `known` is a run with the same preset, data and seed, and the same edits before its last step boundary: there this
    one stands, and knows all that is known up to there. `fixed` says why nothing of the run can be changed, or begun
    anew; it is empty where it can.
    """

    fixed = ""

    def __init__(
        self,
        preset: Preset,
        dataset: Dataset,
        seed: int | None = None,
        edits: tuple[Edit, ...] = (),
        known: "Session | None" = None,
    ) -> None:
        self.dataset, self.edits = dataset, edits
        self.seed = preset.run_seed if seed is None else seed
        self.course: Course = Course(preset, dataset, self.seed, edits, None if known is None else known.course)
        self.timing = Timing()
        self.count = self.furthest = 0
        self.op: Op | None = None
        self.not_finite_step: int | None = None
        self.fault: Fault | None = None
        self.breakdown: Finding | None = None
        self.chunk = 1
        self.evaluated: OfStep[Evaluated] = OfStep()
        self.looked_again: OfStep[Rehearsal] = OfStep()
        if known is not None and known.step:
            self.begin_in(known)
            return
        self.course.begin()
        self.evaluator = Evaluator(self.trainer, dataset)
        self.timeline = Timeline(self.trainer.plan.events, self.trainer.steps_per_epoch, self.trainer.slots_before)
        self.records = Records.of(self.trainer, dataset)
        self.do_duties()

    def begin_in(self, known: "Session") -> None:
        """Stand where `known` does, at its last step boundary, as if this run had come there itself."""
        step, changed = known.step, self.course.stretches[-1].first == known.step
        self.timeline, self.evaluator = known.timeline, known.evaluator
        exact = known.records.before_edits(step) if changed else None
        self.records = exact or known.records.until(step)
        # In the middle of a step an optimizer may have begun to write the moments of the next.
        clean = known.at_boundary or not known.trainer.moments
        unedited = known.course.unedited() if exact and clean else None
        if unedited is None:
            self.go_on(step, known.not_finite_step)
        else:
            self.course.take_up(unedited)
            self.follow_course()
            self.count = self.furthest = self.timeline.finish_of(step)
            self.do_duties()
        if known.not_finite_step is not None and known.not_finite_step <= step:
            self.not_finite_step, self.fault = known.not_finite_step, known.fault

    def branch(self, name: str, value: Any) -> "Session":
        """Another run, the same up to the last step boundary, where `name` becomes `value`; this one stays as it is.

        Raises PresetError for what cannot be changed on the way.
        """
        return self.changed({name: value})

    def changed(self, changes: Mapping[str, Any]) -> "Session":
        """The same with several changes made at once."""
        return self.with_edits(with_changes(self.edits, self.step, changes))

    def twin(self) -> "Session":
        """The same run again, at the last step boundary, to be moved about as one likes."""
        return self.with_edits(self.edits)

    def with_edits(self, edits: tuple[Edit, ...]) -> "Session":
        """The run with these edits, which are its own up to the last step boundary; it is at that boundary."""
        return Session(self.course.stretches[0].preset, self.dataset, self.seed, edits, self)

    def go_on(self, step: int, not_finite_step: int | None = None) -> None:
        """To the boundary after `step`, of a run that its records know up to there, or up to some steps less.

        `not_finite_step`: the first that is known to have a loss which is not finite.
        """
        if not_finite_step is not None and not_finite_step <= step:
            self.not_finite_step = not_finite_step
        self.rewind(min(self.records.steps, step))
        self.advance(self.timeline.finish_of(step))
        self.furthest = max(self.furthest, self.count)

    # Where we are

    @property
    def trainer(self) -> Trainer:
        """The trainer of the stretch in hand."""
        return self.course.trainer

    @property
    def history(self) -> History:
        """The curves of the run, up to the furthest step."""
        return self.records.history

    @property
    def snapshots(self) -> Snapshots:
        return self.records.snapshots

    @property
    def diagnosis(self) -> Diagnosis:
        return self.records.diagnosis

    @property
    def preset(self) -> Preset:
        """The preset as it is here, with the edits that were made up to here."""
        return self.trainer.preset

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
        return self.trainer.place_of(self.step)[0]

    @property
    def diverged(self) -> bool:
        """Whether the run is lost here: a loss or a parameter is not finite, or the op that made it so was reached."""
        return lost(self) if self.fault is None else self.count >= self.fault.count

    @property
    def at_boundary(self) -> bool:
        """Whether a step is finished, or none begun."""
        return self.count == self.timeline.finish_of(self.step)

    @property
    def events(self) -> int:
        """How many events of the step in hand have run; where an edit has just been made, none is known any more."""
        return self.position.events if self.op is not None else 0

    def computed(self, quantity: Quantity) -> bool:
        """Whether this step has got as far as `quantity`: parameters always, the batch from the step's start on."""
        return quantity.place < self.events

    def measure(self) -> list[LayerMeasure]:
        """The norms of every layer, as far as this step has computed them."""
        return [measure_layer(self.plan, layer, self.events) for layer in self.trainer.layers]

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
            self.records.expect_return(step, self.trainer)

    def approach(self, count: int, seconds: float) -> bool:
        """Run on towards `count` for about so long; whether it is reached."""
        deadline = perf_counter() + seconds
        while self.count < count:
            before, now = self.step, perf_counter()
            self.advance(min(count, self.timeline.finish_of(self.step + self.chunk)))
            self.adapt_chunk(perf_counter() - now, self.step - before)
            # After a move: each call gets on, however slow the machine is.
            if perf_counter() >= deadline:
                break
        return self.count >= count

    def rewind(self, step: int) -> None:
        """To the nearest snapshot at or before the end of `step`."""
        self.course.restore(self.snapshots.nearest(step))
        self.follow_course()
        self.op = None
        self.count = self.timeline.finish_of(self.step)

    def follow_course(self) -> None:
        """Ask the trainer in hand from now on."""
        if self.evaluator.trainer is not self.trainer:
            self.evaluator = Evaluator(self.trainer, self.dataset)

    def advance(self, count: int, fires: Fires | None = None) -> bool:
        """Run on to the position after `count` events, or the end of the first step that `fires`; whether one did."""
        halted = False
        with unharmed(self), np.errstate(all="ignore"):
            while self.count < count and not halted:
                duty = min(count, self.next_duty())
                self.op, halted = self.course.take(duty - self.count, fires)
                self.count = self.timeline.finish_of(self.step) if halted else duty
                self.furthest = max(self.furthest, self.count)
                self.do_duties()
        self.collect_losses()
        return halted

    def next_duty(self) -> int:
        """The next count at which something is to be measured or kept."""
        duties = list(self.records.due(self.timeline, self.step))
        if self.course.next_edit is not None:
            duties.append(self.timeline.finish_of(self.course.next_edit))
        return min(duty for duty in duties if duty > self.count)

    def do_duties(self) -> None:
        """Measure and keep what is due at this position."""
        step = self.position.step
        if self.count == self.timeline.finish_of(step) - 1:
            self.records.before_finish(step, self.trainer, self.evaluator)
        if not self.at_boundary:
            return
        if self.course.cross():
            self.follow_course()
            self.op = None
        self.records.at_boundary(self.trainer, self.evaluator)

    def collect_losses(self) -> None:
        """Hand the losses of newly finished steps to the records, and note the first that is not a finite number."""
        first = self.records.collect_losses(self.trainer)
        self.not_finite_step = first if self.not_finite_step is None else self.not_finite_step

    # Full speed

    def play(self, seconds: float, last: int | None = None) -> None:
        """Train at full speed for about so long, from step to step, timing one of the steps phase by phase.

        No further than the end of step `last`, which lies ahead.
        """
        begin = perf_counter()
        if not self.at_boundary:
            self.advance_steps(1)
        if self.step != last:
            self.time_step()
        while (now := perf_counter()) < begin + seconds and self.step != last and not self.diverged:
            steps = self.chunk if last is None else min(self.chunk, last - self.step)
            self.advance_steps(steps)
            self.adapt_chunk(perf_counter() - now, steps)
        if self.diverged:
            self.stop_at_divergence()

    def stop_at_divergence(self) -> None:
        """From where the run is lost back to right behind the first op that wrote a number which is not finite.

        Nothing beyond it was meant to be trained.
        """
        if self.fault is None:
            step = first_lost_step(self)
            self.fault = find_fault(self, step)
            if self.fault is None:
                self.seek(self.timeline.finish_of(step))
                return
        self.seek(self.fault.count)

    def stop_at_fault(self) -> None:
        """Where the run is lost, or will be at the end of the step in hand, back to the op that it owes that to."""
        if self.fault is None and not lost(self) and not gets_over(self):
            self.fault = find_fault(self, self.position.step)
        if self.diverged:
            self.stop_at_divergence()

    def adapt_chunk(self, seconds: float, steps: int) -> None:
        """Fit the number of steps between two looks at the clock to the time that the last ones took."""
        if steps:
            self.chunk = max(1, min(2 * self.chunk, int(SLICE * steps / max(seconds, 1e-9))))

    def advance_steps(self, steps: int) -> None:
        """On to the finish of so many more steps, the one in hand counted as one."""
        self.advance(self.timeline.finish_of(self.step + steps))

    def time_step(self) -> None:
        """One step, op by op, with the time each phase takes."""
        events = self.timeline.length - 1
        with unharmed(self), np.errstate(all="ignore"):
            seconds, self.op = timed(self.course.walk.ops(events))
            self.count += events
            self.do_duties()
        self.advance(self.count + 1)
        self.timing.add(seconds)

    @property
    def at_end(self) -> bool:
        """Whether there is nothing to go on to: never, of a run that can be trained on."""
        return False

    # Questions about this position

    def findings(self) -> list[Finding]:
        """What the diagnosis has found up to here, in order; of numbers that are not finite, where they began."""
        measured = self.count >= self.timeline.finish_of(self.step + 1) - 1
        found = self.diagnosis.findings(self.step + measured)
        if self.fault is None:
            return found
        rest = [finding for finding in found if finding.rule != "not_finite"]
        if self.count < self.fault.count:
            return rest
        if self.breakdown is None:
            self.breakdown = self.diagnosis.broken_at(self.fault, self.trainer)
        return rest if self.breakdown is None else [*rest, self.breakdown]

    def evaluate(self) -> Evaluated:
        """Loss and accuracy of the whole training and test sets; worked out once for each step."""
        ask = self.evaluator
        return self.evaluated.at(self.step, self.trainer, lambda: Evaluated(ask.training(), ask.test()))

    def extreme_step(self, *, highest: bool) -> int | None:
        """The step, from 1, with the lowest or highest finite loss so far; None before the first. Leaves this position.

        The history knows it to within a bucket of steps, which are gone through again.
        """
        steps, value = self.history.losses.extreme(highest=highest) or ((), 0.0)
        for step in steps:
            self.seek(self.timeline.finish_of(step))
            if self.plan.loss() == value:
                return step
        return None

    def rehearse(self, dtype: DTypeLike = np.float64) -> Rehearsal:
        """The batch of this step again, with the parameters as they stand and the step's own dropout masks."""
        trainer, step = self.trainer, self.position.step
        inputs, targets = trainer.batch_of(step)
        return Rehearsal(trainer, inputs, targets, trainer.masks(step, inputs.shape[1]), dtype)

    def batch_again(self) -> Rehearsal | None:
        """At a step's finish its batch again, with its masks and the parameters that it has left, loss computed.

        Worked out once for each step, in the run's own precision. None elsewhere, where an edit was made there, and
        where it would take long or much memory.
        """
        if not self.position.finished or self.op is not self.plan.finished or forward_effort(self.plan.ops) > MOMENT:
            return None
        return self.looked_again.at(self.step, self.trainer, lambda: self.rehearse(self.trainer.dtype).with_loss())

    def gradient_norm(self) -> float:
        """‖∇ℒ‖ over all trained parameters, before penalties and clipping; of this step, once it is computed."""
        return gradient_norm(self.trainer.gradient, self.trainer.layers, self.preset.optimizer)
