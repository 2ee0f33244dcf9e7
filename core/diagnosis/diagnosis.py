"""The diagnosis of a run: it is told losses, measures some steps, and turns symptoms that last into findings.

It sees every step once, in order, whoever plays the run and however; so what it finds depends on the run alone. It
keeps a few numbers of each rule, and copies of itself to go on from where a run branches.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from math import ceil, hypot, inf, isfinite
from statistics import median

import numpy as np

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.training.baseline import baseline
from backprop_tui.core.training.divergence import Fault
from backprop_tui.core.training.evaluation import Evaluator, portions_of
from backprop_tui.core.training.living_units import LivingUnits
from backprop_tui.core.training.trainer import Trainer

from .circumstances import Circumstances, Numbers
from .findings import SEVERITIES, Finding, Symptom
from .held_out_trend import HeldOutTrend
from .loss_trend import STALE, LossTrend, finite_part
from .measurement import Largest, Measurement, twins
from .rule import FIRST_STEPS, GROWN, PATIENCE, SLOW_FALL, SOME
from .statistics import LayerStatistics, Units, layer_statistics, length, numbers_of

SHARE = 1 / 40
"""The share of the training's work that may go into measurements."""
CALLS_OF_A_LAYER, CALLS_OF_RULES = 60, 85
"""The work of a measurement, in calls of NumPy on small arrays."""
CALL_OF_AN_ENTRY, CALL_OF_A_MULTIPLY_ADD = 1 / 800, 1 / 12000
"""What large arrays add."""
EARLY, EARLY_INTERVAL = 1000, 25
"""So many steps are watched more closely, up to six times as often as later on, but not oftener than every 25th."""
RATIOS = 5
"""Measurements of ‖ΔW‖/‖W‖ that count as the present."""
TEST_GROWTH = 1.05
"""Far into a run the test set is looked at every so many times the steps done."""
RESTING = 1e-4
"""‖∇ℒ‖ ‖θ‖ / ℒ below which a run has come to rest."""
MOST_FINDINGS = 256
MOST_COPIES = 64

Key = tuple[str, int | None]


def measuring_interval(trainer: Trainer) -> int:
    """Every how many steps is measured, to take its share of the work: by arithmetic, from the preset alone."""
    plan = trainer.plan
    entries = 3 * trainer.state.parameters.size + plan.examples * sum(3 * layer.units for layer in trainer.layers)
    measuring = CALLS_OF_RULES + CALLS_OF_A_LAYER * len(trainer.layers) + entries * CALL_OF_AN_ENTRY
    calls = sum(len(op.calls) for op in plan.ops)
    training = calls + sum(op.multiply_adds for op in plan.ops) * CALL_OF_A_MULTIPLY_ADD
    return max(1, ceil(measuring / (training * SHARE)))


class Diagnosis:
    """The diagnosis of a run of `trainer` on `dataset`; `test_interval` is in steps.

    `steps`: how many losses it was told. `measured`, `tested`: the last steps at which it was.
    """

    def __init__(self, trainer: Trainer, dataset: Dataset, test_interval: int) -> None:
        self.interval = measuring_interval(trainer)
        self.early_interval = min(self.interval, max(EARLY_INTERVAL, self.interval // 6))
        self.test_interval = test_interval if dataset.test_size else 0
        self.circumstances = Circumstances(trainer.preset, dataset, trainer.layers, trainer.batch_size)
        self.examples = dataset.size
        self.trend = LossTrend(
            baseline(trainer.preset.loss.kind, dataset.targets, trainer.layers[-1].activation), trainer.steps_per_epoch
        )
        self.steps = self.measured = self.tested = self.measurements = 0
        self.broken = False
        self.last: Measurement | None = None
        self.ratios: deque[float] = deque(maxlen=RATIOS)
        self.largest = Largest(0.0, 1, 1)
        self.test: HeldOutTrend | None = None
        self.present: dict[Key, int] = {}
        self.absent: dict[Key, int] = {}
        self.rows: dict[int, int] = {}
        self.idle_row = 0
        self.optimum: bool | None = None
        self.answers: Numbers | None = None
        self.unexplained: float | None = None
        self.dead: dict[int, Units] = {}
        self.active: dict[Key, int] = {}
        self.all: list[Finding] = []
        self.spacing = 1
        self.copies: list[Diagnosis] = []
        self.keep_copy()

    # What is due

    def next_step(self) -> int:
        """The step that is to be measured next, just before its finish."""
        if self.measured < FIRST_STEPS:
            return self.measured + 1
        return self.measured + (self.early_interval if self.measured < EARLY else self.interval)

    def next_test(self) -> int | None:
        """The step after which the test set is to be looked at next; None without one."""
        if not self.test_interval:
            return None
        return self.test_interval * max(
            self.tested // self.test_interval + 1, int(self.tested * TEST_GROWTH) // self.test_interval
        )

    # What it is told

    def extend(self, losses: Sequence[float], trainer: Trainer) -> None:
        """Take the losses of the next steps."""
        whole = finite_part(losses)
        if not self.broken:
            before = self.steps
            self.trend.extend(losses[:whole])
            self.see_growth(losses[:whole], before, trainer)
            if whole < len(losses) and self.last is not None:
                step = self.steps + whole + 1
                seen = Symptom(
                    "not_finite", "error", f"the loss of step {step} is {losses[whole]}", losses[whole], None
                )
                self.broken = True
                if (seen.rule, None) not in self.active:
                    self.report(seen, step, self.last, trainer)
        self.steps += len(losses)

    def see_growth(self, losses: Sequence[float], before: int, trainer: Trainer) -> None:
        """Report at once, and not at the next measurement, that the loss has grown beyond all bounds."""
        from .progress_rules import grown  # Not needed to open.

        key = ("learning_rate_too_high", None)
        if not losses or self.last is None or key in self.active or self.trend.level(max(losses)) <= self.bound():
            return
        bound = self.bound()
        step = before + 1 + next(i for i, loss in enumerate(losses) if self.trend.level(loss) > bound)
        self.report(grown(self.trend.level(losses[step - before - 1]) / bound), step, self.last, trainer)

    def bound(self) -> float:
        """The level of a loss that has grown beyond all bounds."""
        return GROWN * max(self.trend.level(self.trend.first), 1.0)

    def take_test(self, step: int, loss: float) -> None:
        """Take the loss of the test set after `step`."""
        self.tested = step
        training = self.trend.recent
        if self.broken or not isfinite(loss) or training is None:
            return
        first = HeldOutTrend(step, loss, training, loss, training)
        self.test = first if self.test is None else self.test.after(step, loss, training)

    def measure(self, step: int, trainer: Trainer, evaluator: Evaluator) -> None:
        """Measure `step`, all of which but its finish has run, and follow what the rules see."""
        from .rules import symptoms  # Not needed to open.

        self.measured = step
        if self.broken:
            return
        now = self.measurement(step, trainer, evaluator)
        self.last = now
        self.follow(symptoms(now, {rule for rule, _ in self.active}), now, trainer)
        self.measurements += 1
        if self.measurements % self.spacing == 0:
            self.keep_copy()

    # Measuring

    def measurement(self, step: int, trainer: Trainer, evaluator: Evaluator) -> Measurement:
        from .rules import RULES  # Not needed to open.

        plan, events = trainer.plan, len(trainer.plan.ops) + 1
        whole = step <= FIRST_STEPS or any(RULES[rule].until for rule, _ in self.active)
        layers = tuple(layer_statistics(plan, layer, events, whole=whole) for layer in trainer.layers)
        ratios = [layer.ratio or 0.0 for layer in layers]
        weights, updates = (
            hypot(*sizes) for sizes in zip(*((layer.weights, layer.update or 0.0) for layer in layers), strict=True)
        )
        fall = self.trend.at(0.0).fall
        self.idle_row = self.idle_row + 1 if fall is not None and fall < SLOW_FALL else 0
        self.ratios.append(updates / weights if weights else 0.0)
        if max(ratios) > self.largest.ratio:
            self.largest = Largest(max(ratios), ratios.index(max(ratios)) + 1, step)
        gradient, parameters = length(trainer.gradient), length(trainer.state.parameters)
        loss = plan.loss()
        if self.last is None:
            self.trend.start = self.circumstances.first_loss(evaluator.answer)
        return Measurement(
            step=step,
            loss=loss,
            level=self.trend.level(loss),
            layers=layers,
            trend=self.trend.at(loss),
            gradient=gradient,
            first_gradient=gradient if self.last is None else self.last.first_gradient,
            parameters=parameters,
            ratio=median(self.ratios),
            first_ratio=self.ratios[-1] if self.last is None else self.last.first_ratio,
            largest=self.largest,
            silent=self.silent(layers, trainer, evaluator),
            twins=self.twins(trainer) if whole else {},
            test=self.test,
            circumstances=self.circumstances_of(trainer),
            first_parameters=parameters if self.last is None else self.last.first_parameters,
            answered=self.answered(trainer, evaluator),
            at_optimum=self.at_optimum(gradient, parameters, loss, trainer, evaluator),
            gain_of_more=self.gain_of_more(evaluator),
            examples=self.examples,
            batch=plan.examples,
        )

    def circumstances_of(self, trainer: Trainer) -> Circumstances:
        """Those of the stretch in hand: an edit on the way may have changed its settings."""
        if self.circumstances.preset is not trainer.preset:
            self.circumstances = replace(self.circumstances, preset=trainer.preset, layers=trainer.layers)
        return self.circumstances

    def answered(self, trainer: Trainer, evaluator: Evaluator) -> Numbers | None:
        """The classes that the training set is answered with, looked at ever more rarely while the loss is idle."""
        if self.circumstances.classes is None:
            return None
        if not self.idle_row:
            self.answers = None
        elif is_due(self.idle_row):
            inputs = self.circumstances.dataset.inputs
            outputs = [evaluator.answer(inputs[:, part]) for part in portions_of(inputs)]
            self.answers = self.circumstances.answered(np.concatenate(outputs, axis=1))
        return self.answers

    def twins(self, trainer: Trainer) -> dict[int, Units]:
        """The units that are the same as another one."""
        return twins(trainer.layers, trainer.state.parameters, self.circumstances.dataset.targets)

    def gain_of_more(self, evaluator: Evaluator) -> float | None:
        """What share of its errors a further answer explains; of networks that have a layer of few units, while the
        loss is idle, ever more rarely."""
        from .progress_rules import FEW_UNITS  # Not needed to open.

        narrow = self.circumstances.narrowest
        if narrow is None or self.circumstances.layers[narrow - 1].units > FEW_UNITS:
            return None
        if not self.idle_row:
            self.unexplained = None
        elif is_due(self.idle_row) or self.unexplained is None:
            self.unexplained = self.circumstances.gain_of_more(evaluator.answer)
        return self.unexplained

    def at_optimum(
        self, gradient: float, parameters: float, loss: float, trainer: Trainer, evaluator: Evaluator
    ) -> bool:
        """Whether the loss, which has long not fallen, is as low as this network goes; looked at once a plateau.

        Only a linear network has no other lows than its lowest, and only where no bend would help is that all there is.
        """
        from .lowest_around import lowest_around  # Not needed to open.

        if not self.circumstances.convex or self.circumstances.asks_for_bends:
            return False
        if self.trend.stale < STALE or not loss or gradient * max(parameters, 1.0) > RESTING * abs(loss):
            self.optimum = None
            return False
        if self.optimum is None:
            self.optimum = lowest_around(trainer, evaluator)
        return self.optimum

    def silent(self, layers: tuple[LayerStatistics, ...], trainer: Trainer, evaluator: Evaluator) -> dict[int, Units]:
        """The units that give 0 for the whole training set, of layers where many do for this batch.

        A batch that is the whole of it tells by itself. Else it is run through, ever more rarely while many are silent
        in the batches: at the third measurement in a row that shows it, the sixth, the twelfth and so on.
        """
        suspects = {
            layer.layer: layer.inactive
            for layer in layers
            if layer.inactive is not None and len(layer.inactive) >= SOME * layer.units
        }
        if trainer.plan.examples == self.examples:
            return suspects
        self.rows = {number: self.rows.get(number, 0) + 1 for number in suspects}
        if any(is_due(row) for row in self.rows.values()):
            living = LivingUnits().find(evaluator)
            self.dead = {number: numbers_of(~np.array(living[number])) for number in suspects}
        return {
            number: tuple(sorted(set(units) & set(self.dead[number])))
            for number, units in suspects.items()
            if number in self.dead
        }

    # Following

    def follow(self, seen: Sequence[Symptom], now: Measurement, trainer: Trainer) -> None:
        """Count in how many measurements in a row each symptom was there or gone, and report what lasts."""
        from .rules import RULES  # Not needed to open.

        found: dict[Key, Symptom] = {}
        for symptom in seen:
            key = (symptom.rule, symptom.lasting)
            until = RULES[symptom.rule].until
            if until is None or now.step <= until or key in self.active:
                found.setdefault(key, symptom)
        self.present = {key: self.present.get(key, 0) + 1 for key in found}
        self.absent = {key: self.absent.get(key, 0) + 1 for key in self.active if key not in found}
        for key, symptom in found.items():
            known = self.active.get(key)
            graver = known is None or rank(symptom) > rank(self.all[known].symptom)
            if graver and self.present[key] >= RULES[symptom.rule].patience:
                self.report(symptom, now.step, now, trainer)
        for key, row in self.absent.items():
            if row >= PATIENCE:
                self.clear(key, now.step)

    def report(self, symptom: Symptom, step: int, now: Measurement, trainer: Trainer) -> None:
        """Make a finding of a symptom; it takes the place of a lesser one of the same."""
        from .causes import cause  # Not needed to open.
        from .remedies import remedies

        if len(self.all) >= MOST_FINDINGS:
            return
        key = (symptom.rule, symptom.lasting)
        if key in self.active:
            self.clear(key, step)
        with np.errstate(all="ignore"):
            why = cause(symptom, now, trainer.plan, trainer.layers)
        self.active[key] = len(self.all)
        self.all.append(Finding(symptom, step, why, remedies(symptom, now, trainer.preset)))

    def clear(self, key: Key, step: int) -> None:
        place = self.active.pop(key)
        self.all[place] = replace(self.all[place], cleared=step)

    def findings(self, step: int) -> list[Finding]:
        """Those up to a step, as they were known when it had been measured."""
        return [
            finding if finding.cleared <= step else replace(finding, cleared=inf)
            for finding in self.all
            if finding.step <= step
        ]

    def broken_at(self, fault: Fault, trainer: Trainer) -> Finding | None:
        """The finding of numbers that are not finite, at the op that wrote the first of them; None if none is measured.

        It is made of what was measured up to there: whether anybody went on to a loss that is not finite either makes
        no difference.
        """
        from .causes import cause  # Not needed to open.
        from .remedies import remedies

        now = self.until(fault.step).last or self.last
        if now is None:
            return None
        symptom = Symptom("not_finite", "error", fault.text(), inf, None, fault.op.layer)
        why = cause(symptom, now, trainer.plan, trainer.layers)
        return Finding(symptom, fault.step, why, remedies(symptom, now, trainer.preset))

    # Copies

    def copy(self) -> "Diagnosis":
        """The same, to be told something else from here on."""
        other = copy(self)
        other.trend, other.ratios, other.copies = self.trend.copy(), self.ratios.copy(), list(self.copies)
        # The other collections are replaced as they change, but for these two.
        other.active, other.all = dict(self.active), list(self.all)
        return other

    def keep_copy(self) -> None:
        """Keep a copy to go on from; every other one goes as they become too many."""
        kept = self.copy()
        kept.copies = []
        self.copies.append(kept)
        if len(self.copies) > MOST_COPIES:
            self.spacing *= 2
            self.copies = [kept for kept in self.copies if kept.measurements % self.spacing == 0]

    def until(self, step: int) -> "Diagnosis":
        """A copy that knows of nothing after `step`, or some steps less: what it was not told is to be run again."""
        kept = self.copies[: bisect_right(self.copies, step, key=lambda other: other.measured)]
        other = kept[-1].copy()
        other.copies, other.spacing = kept, self.spacing
        return other


def is_due(row: int) -> bool:
    """Whether the training set is run through at the `row`-th measurement in a row: 3, 6, 12, 24, …"""
    doubled, rest = divmod(row, PATIENCE)
    return rest == 0 and doubled & (doubled - 1) == 0


def rank(symptom: Symptom) -> int:
    return SEVERITIES.index(symptom.severity)
