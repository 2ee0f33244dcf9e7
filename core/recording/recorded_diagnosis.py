"""The diagnosis of a recording of somebody's own training: what its numbers say is wrong, the root first.

It goes through the kept steps in order, as the diagnosis of a run of ours goes through its measurements, with the same
rules and thresholds. What came and went while the training went well is not told.
"""

from dataclasses import replace

import numpy as np

from backprop_tui.core.compare.findings_report import Report
from backprop_tui.core.diagnosis.circumstance_rules import LARGE
from backprop_tui.core.diagnosis.diagnosis import Key, rank
from backprop_tui.core.diagnosis.findings import Finding, Symptom
from backprop_tui.core.diagnosis.gradient_rules import EXPLODED
from backprop_tui.core.diagnosis.measurement import Measurement
from backprop_tui.core.diagnosis.roots import joined
from backprop_tui.core.diagnosis.rule import GROWN, MANY, PATIENCE, SOME, UNSOLVED
from backprop_tui.core.diagnosis.rules import RULES

from .reader import Recording
from .recorded_causes import cause
from .recorded_measurements import Recorded, first_measurement, measurements, read
from .recorded_remedies import remedies
from .recorded_symptoms import OF_UNITS, brought_about, not_finite, symmetric_weights, symptoms, unusual_start

AFTER_LARGE = (
    "exploding_gradient",
    "saturated_units",
    "dead_units",
    "learning_rate_too_high",
    "not_finite",
    "vanishing_gradient",
)
AFTER_SMALL = ("vanishing_gradient", "plateau", "slow_convergence", "one_class_only")
"""What weights of an unusual size have to have brought about, to be more than a start of its own kind."""


OF_DATA = ("inputs_not_scaled", "targets_not_scaled")
"""What is so from the start to the end."""
DEFINITIONS = {
    "dead_units": f"at least {MANY:.0%} of a layer's relu units give 0 for every row of the kept batches; {SOME:.0%}, "
    "or a loss that is nearly all learned: info",
    "symmetric_weights": "two units of a hidden layer have the same weights in and out in every kept step, so that "
    "they learn the same for ever",
    "inputs_not_scaled": f"an input of a kept batch is over {LARGE:g} in root mean square; info as long as the run "
    "does not suffer",
    "exploding_gradient": f"‖dZ‖ of some layer is over {EXPLODED:g} times that of the last, and the loss grows, "
    "hardly falls or is far beyond a constant answer's",
    "learning_rate_too_high": RULES["learning_rate_too_high"].definition
    + ", or numbers are not finite after such a step",
    "one_class_only": "every row of the last kept batches is answered with the same class, and the loss hardly falls",
}
"""Rules that look at a recording a little otherwise than at a run of ours."""


def diagnose_recording(recording: Recording, until: int | None = None) -> Report:
    """The findings up to a step, the last one by default, in order. Raises PresetError where the file is damaged."""
    run = read(recording, until)
    title = recording.title or recording.path.stem
    found = recorded_findings(run)
    return Report(title, run.end, tuple(found), finite=not any(finding.rule == "not_finite" for finding in found))


def recorded_findings(run: Recorded) -> list[Finding]:
    """What is wrong with a run, the root first and what follows from it behind it."""
    with np.errstate(all="ignore"):
        course = Course(run)
        for now in measurements(run):
            course.follow(now)
        course.end()
    return [each.finding for each in joined(course.findings())]


class Course:
    """Follows symptoms from kept step to kept step; those that last become findings."""

    def __init__(self, run: Recorded) -> None:
        self.run = run
        self.first: Measurement | None = None
        self.last: Measurement | None = None
        self.present: dict[Key, int] = {}
        self.absent: dict[Key, int] = {}
        self.active: dict[Key, Finding] = {}
        self.gone: list[Finding] = []
        self.seen: dict[Key, Measurement] = {}

    def follow(self, now: Measurement) -> None:
        """Count in how many measurements in a row each symptom was there or gone."""
        whole = now.step in self.run.whole
        self.first = self.first or now
        found: dict[Key, Symptom] = {}
        for symptom in symptoms(now, self.run):
            found.setdefault((symptom.rule, symptom.lasting), symptom)
        for key in dict.fromkeys((*self.present, *found)):
            if key in found:
                self.present[key], self.absent[key] = self.present.get(key, 0) + 1, 0
                self.see(found[key], key, now)
            elif whole or key[0] not in OF_UNITS:
                self.present[key], self.absent[key] = 0, self.absent.get(key, 0) + 1
                if key in self.active and self.absent[key] >= self.patience(PATIENCE, key[0]):
                    self.gone.append(replace(self.active.pop(key), cleared=now.step))
        self.last = now

    def see(self, symptom: Symptom, key: Key, now: Measurement) -> None:
        self.seen[key] = now
        known = self.active.get(key)
        graver = known is None or rank(symptom) > rank(known.symptom)
        # What is seen at the very end has all the losses behind it.
        at_end = now.step >= min(self.run.finite, self.run.end) and symptom.rule not in OF_UNITS
        if graver and (at_end or self.present[key] >= self.patience(RULES[symptom.rule].patience, symptom.rule)):
            self.report(symptom, first_beyond(symptom, now, self.run), now)

    def patience(self, usual: int, rule: str) -> int:
        """Kept steps in a row that it takes; fewer where there are few."""
        steps = len(self.run.whole if rule in OF_UNITS else self.run.measured)
        return max(1, min(usual, steps // PATIENCE))

    def report(self, symptom: Symptom, step: int, now: Measurement) -> None:
        found = Finding(symptom, step, cause(symptom, now, self.run), remedies(symptom, now, self.run))
        self.active[symptom.rule, symptom.lasting] = found

    def end(self) -> None:
        """What is told by all of the recording together."""
        now = self.last
        broken = not_finite(self.run)
        if now is not None:
            for symptom in symmetric_weights(self.run):
                self.report(symptom, self.first.step if self.first else now.step, now)
        if broken is not None:
            self.broken(*broken)
        if self.first is not None:
            wrong = {finding.rule for finding in self.active.values() if finding.severity != "info"}
            for symptom in unusual_start(self.run, self.first):
                if wrong & set(AFTER_LARGE if symptom.form == "large" else AFTER_SMALL):
                    self.report(symptom, self.first.step, self.first)
                    break

    def broken(self, symptom: Symptom, step: int) -> None:
        now = self.last or first_measurement(self.run)
        if now is None:
            text = "It was so from the start: nothing before it was recorded."
            self.active[symptom.rule, None] = Finding(symptom, step, text, ())
            return
        why = brought_about(self.run, now)
        if why is not None and (why.rule, None) not in self.active:
            self.report(why, now.step, now)
        self.report(symptom, step, now)
        for key in (("inputs_not_scaled", None), ("targets_not_scaled", None)):
            if key in self.active:
                known = self.active[key]
                self.active[key] = replace(known, symptom=replace(known.symptom, severity="warning"))

    def findings(self) -> list[Finding]:
        """Those that stand; of those that have gone the ones of a training that goes badly."""
        broken = any(finding.rule == "not_finite" for finding in self.active.values())
        if self.last is not None and self.last.trend.now < UNSOLVED and not broken:
            return [finding for key, finding in self.active.items() if self.is_late(key)]
        standing = {(finding.rule, finding.layer) for finding in self.active.values()}
        gone = [finding for finding in self.gone if (finding.rule, finding.layer) not in standing]
        return sorted([*self.active.values(), *gone], key=lambda finding: finding.layer or 0)

    def is_late(self, key: Key) -> bool:
        """Whether a symptom was seen when the training went well already, or is one that nothing later can change."""
        seen = self.seen.get(key)
        return seen is None or key[0] in OF_DATA or seen.trend.now < UNSOLVED


def first_beyond(symptom: Symptom, now: Measurement, run: Recorded) -> int:
    """The first step whose loss was beyond all bounds, where that is what was seen; else the step that shows it."""
    if symptom.limit != GROWN:
        return now.step
    levels = run.known.baseline.level
    bound = GROWN * max(now.trend.first, 1.0)
    losses = run.losses[: run.finite].tolist()
    return next((step for step, loss in enumerate(losses, 1) if levels(loss, losses[0]) > bound), now.step)
