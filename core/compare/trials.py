"""Remedies that are tried before they are offered: the very preset with the change, on the same data and seed.

What counts is the loss of the whole training set after so many steps, beside that of the run without the change; for
overfitting that of the test set. Losses of another kind, or of other targets, are compared as levels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from math import inf, isfinite
from typing import Any

from backprop_tui.core.diagnosis import circumstance_rules
from backprop_tui.core.diagnosis.findings import Finding, Measured, Remedy
from backprop_tui.core.diagnosis.measurement import Measurement
from backprop_tui.core.diagnosis.nonlinearity import asks_for_bends
from backprop_tui.core.diagnosis.remedies import general_remedies, scanned_rates, together, with_rate
from backprop_tui.core.diagnosis.roots import joined
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

from .comparison import changed
from .outcome import Outcome, clears, level_of, outcome_of, reference, told

FEWEST, MOST = 300, 1000
"""Steps of a trial, at least; it takes as many as the last finding was found after, and where a loss hardly falls as
the run has taken, up to so many."""
SLICE = 0.02
"""Seconds between two looks at whether to go on."""
LOWER = 0.9
"""A remedy helps where the level is lower than this share of what it was, or is no higher and the finding clears."""
GOOD = 0.5
"""A cure of the cause that brings the level below this share of what it was needs no general ones beside it."""
OFFERED, NOT_OFFERED = 5, 3
"""Remedies of a finding that are told, of those that help and of those that do not."""
RATES = (0.01, 0.1, 1.0)
"""Learning rates that are tried with a remedy that changes the size of inputs, targets or outputs."""
RESCALING = ("data.normalize", "data.normalize_targets", "batch_norm", "activation", "optimizer.kind", "layers")
AS_LOW = ("learning_rate_too_low", "slow_convergence", "plateau", "too_few_units")
"""Findings of a loss that hardly falls: only what makes it lower helps, and where nothing does they may be no fault."""
OF_CIRCUMSTANCES = {rule.id for rule in circumstance_rules.RULES}
"""Findings that are gone with what they name, whatever becomes of the loss."""
MOST_FOLLOWING = 3
"""Findings that follow from the root and whose own remedies are tried too."""

Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` trials of `of` that are known of so far, and what is being tried."""

    done: int
    of: int
    text: str


class Trials:
    """Tries what may help `session`, which has shown `findings`, trial by trial.

    `tried_now` is the finding whose remedies are being tried: its place, its own remedies, and the general ones.
    `remedies` holds, by the place of a finding in `findings`, what has come of it so far; `in_vain` the places of those
    for which everything was tried, and nothing helps.
    """

    def __init__(self, session: Session, findings: Sequence[Finding]) -> None:
        self.session, self.findings = session, findings
        steps = max([FEWEST, *(finding.step for finding in findings)])
        if any(finding.active and finding.rule in AS_LOW for finding in findings):
            # How fast a loss falls is seen by going on as far as the run has gone.
            steps = max(steps, min(MOST, session.step))
        self.steps = steps
        self.preset: Preset = session.preset
        self.outcomes: dict[Key, Outcome | None] = {}
        self.remedies: dict[int, tuple[Remedy, ...]] = {}
        self.in_vain: set[int] = set()
        self.tried_now: tuple[int, list[Remedy], list[Remedy]] | None = None
        self.awaited: set[Key] = set()
        self.done = 0
        self.finished = False

    # One trial

    def outcome(self, remedy: Remedy) -> Iterator[Progress]:
        """Try a remedy, in slices; its outcome is kept, None where it cannot be."""
        key = key_of(remedy.set)
        if key in self.outcomes:
            return
        self.outcomes[key] = None
        self.awaited.discard(key)
        steps = min(self.steps, remedy.set.get("training.stop", {}).get("steps", self.steps))
        try:
            preset, dataset = changed(self.session, "remedy", remedy.set)
            seed = preset.run_seed if {"seed", "training.seed"} & remedy.set.keys() else self.session.seed
            run = Session(preset, dataset, seed)
        except (PresetError, MemoryError):
            return
        target = run.timeline.finish_of(steps)
        begin = level_of(run)
        while not run.approach(target, SLICE) and not run.diverged:
            yield Progress(self.done, self.planned, remedy.text)
        self.done += 1
        self.outcomes[key] = outcome_of(run, steps, begin)
        yield Progress(self.done, self.planned, remedy.text)

    @property
    def planned(self) -> int:
        """How many trials there will be, of those that are known of."""
        return self.done + len(self.awaited)

    def plan(self, remedies: Sequence[Remedy]) -> None:
        self.awaited |= {key_of(remedy.set) for remedy in remedies} - self.outcomes.keys()

    def known(self, remedy: Remedy) -> Outcome | None:
        return self.outcomes.get(key_of(remedy.set))

    @property
    def base(self) -> Outcome | None:
        """The run itself."""
        return self.outcomes.get(())

    # All of them

    def run(self) -> Iterator[Progress]:
        """Try what may help each finding: the root causes' first."""
        yield from self.outcome(Remedy("the run as it is", {}))
        if self.base is None:
            return
        # What has gone may come back: where nothing else is left, the last that was there is helped.
        there = [each for each in joined(self.findings) if each.finding.active] or joined(self.findings[-1:])
        order = [(self.place(each.finding), each.follows) for each in there]
        following = 0
        for place, follows in order:
            finding = self.findings[place]
            if finding.severity == "info":
                continue
            following += follows is not None
            if follows is not None and following > MOST_FOLLOWING:
                continue
            yield from self.try_for(place, finding, wide=follows is None)
        self.finished = True

    def stop(self) -> None:
        """Try no more. Where all of a finding's own remedies were tried, nothing that was tried may have helped."""
        if self.tried_now is None:
            return
        place, own, rest = self.tried_now
        tried = [remedy for remedy in (*own, *rest) if self.known(remedy) is not None]
        if all(self.known(remedy) for remedy in own) and not any(
            self.helps(each, self.findings[place]) for each in tried
        ):
            self.in_vain.add(place)

    def place(self, finding: Finding) -> int:
        return next(i for i, other in enumerate(self.findings) if other is finding)

    def try_for(self, place: int, finding: Finding, *, wide: bool) -> Iterator[Progress]:
        """What helps one finding; for a root also what helps in general, where its own cures do not do."""
        own, rest = list(finding.remedies), list[Remedy]()
        self.tried_now = place, own, rest
        self.plan(own)
        for remedy in list(own):
            yield from self.outcome(remedy)
            yield from self.suiting_rates(remedy, finding, own)
            self.tell(place, finding, own, [])
        if wide and not self.suffices(finding, own):
            rest += [*self.general(finding), *scanned_rates(self.preset)]
            self.plan(rest)
            for remedy in rest:
                yield from self.outcome(remedy)
                self.tell(place, finding, own, rest)
            pair = self.best_pair(finding, [*own, *rest])
            if pair is not None and not self.suffices(finding, [*own, *rest]):
                rest.append(pair)
                yield from self.outcome(pair)
            if not any(self.helps(remedy, finding) for remedy in (*own, *rest)):
                self.in_vain.add(place)
        self.tell(place, finding, own, rest)
        self.tried_now = None

    def general(self, finding: Finding) -> list[Remedy]:
        now: Measurement | None = self.session.diagnosis.last
        offered = [] if now is None else list(general_remedies(now, self.preset))
        # With another seed the test set is another: losses of two test sets say nothing of each other.
        return [each for each in offered if finding.rule != "overfitting" or "seed" not in each.set]

    def suiting_rates(self, remedy: Remedy, finding: Finding, own: list[Remedy]) -> Iterator[Progress]:
        """A remedy that rescales may want another learning rate: the best of a few takes its place.

        One that ends the finding at the rate as it is needs none: what a few hundred steps gain at a higher rate may
        be lost in as many thousand.
        """
        if "optimizer.learning_rate" in remedy.set or not any(
            part in path for path in remedy.set for part in RESCALING
        ):
            return
        found = self.known(remedy)
        if found is not None and self.base is not None and found.level < GOOD * reference(self.base):
            return
        settled = self.helps(remedy, finding) and found is not None and self.ends(found, finding)
        if settled and finding.rule not in OF_CIRCUMSTANCES:
            return
        candidates = [with_rate(self.preset, remedy, rate) for rate in RATES]
        for candidate in candidates:
            yield from self.outcome(candidate)
        best = min(candidates, key=lambda each: self.rank(each, finding))
        if self.helps(best, finding) and self.rank(best, finding) < LOWER * self.rank(remedy, finding):
            own[own.index(remedy)] = best

    # Judging

    def rank(self, remedy: Remedy, finding: Finding) -> float:
        """The smaller the better: the level after the trial, for overfitting the loss of the test set."""
        found = self.known(remedy)
        if found is None or not isfinite(found.level):
            return inf
        return found.level if finding.rule != "overfitting" or found.test is None else found.test

    def helps(self, remedy: Remedy, finding: Finding) -> bool:
        """Whether it is clearly better than the run without it, or as good and the finding clears."""
        base, found = self.base, self.known(remedy)
        if base is None or found is None or not isfinite(found.loss):
            return False
        here = self.here(base, finding)
        rank = self.rank(remedy, finding)
        return rank < LOWER * here or (finding.rule not in AS_LOW and self.ends(found, finding) and rank <= here)

    def ends(self, found: Outcome, finding: Finding) -> bool:
        """Whether the finding is gone that the run without a remedy has after as many steps."""
        return clears(found, finding) and self.base is not None and not clears(self.base, finding)

    def suffices(self, finding: Finding, remedies: Sequence[Remedy]) -> bool:
        """Whether one of them clears the finding and leaves little of the loss."""
        return any(self.cures(remedy, finding) for remedy in remedies)

    def cures(self, remedy: Remedy, finding: Finding) -> bool:
        """Whether it clears the finding and leaves little of the loss."""
        base, found = self.base, self.known(remedy)
        if base is None or found is None or not self.helps(remedy, finding):
            return False
        return self.rank(remedy, finding) < GOOD * self.here(base, finding) and clears(found, finding)

    def here(self, base: Outcome, finding: Finding) -> float:
        """What is to be better than, as `rank` counts."""
        return reference(base) if finding.rule != "overfitting" or base.test is None else base.test

    def best_pair(self, finding: Finding, remedies: Sequence[Remedy]) -> Remedy | None:
        """The best two that change different things, together."""
        helping = sorted((each for each in remedies if self.helps(each, finding)), key=lambda e: self.rank(e, finding))
        for other in helping[1:]:
            if not set(other.set) & set(helping[0].set):
                return together(helping[0], other)
        return None

    def tell(self, place: int, finding: Finding, own: Sequence[Remedy], rest: Sequence[Remedy]) -> None:
        """What is offered: what helps, that of the cause first, then what does not help though it might have."""
        tried = [self.judged(remedy, finding) for remedy in own if key_of(remedy.set) in self.outcomes]
        others = [self.judged(remedy, finding) for remedy in rest if key_of(remedy.set) in self.outcomes]
        cures = [each for each in tried if self.cures(each, finding)]
        helping = [*cures, *by_rank([each for each in tried if each.helps and each not in cures], self, finding)]
        helping += by_rank([each for each in others if each.helps], self, finding)
        failed = [each for each in tried if not each.helps and each.measured is not None]
        self.remedies[place] = (*distinct(helping)[:OFFERED], *failed[:NOT_OFFERED])

    def judged(self, remedy: Remedy, finding: Finding) -> Remedy:
        """A remedy with its figures."""
        found = self.known(remedy)
        if found is None or self.base is None:
            return remedy
        helps = self.helps(remedy, finding)
        end = (", and" if helps else ", though") + " the finding clears" if self.ends(found, finding) else ""
        measured = Measured(found.steps, found.loss, clears(found, finding), told(self.base, found, finding.rule) + end)
        return replace(remedy, measured=measured, helps=helps)

    def measured_findings(self, *, in_place: bool = False) -> list[Finding]:
        """The findings with what was tried; what was not is offered only as long as it may still be.

        `in_place`: a remedy of the finding whose remedies are being tried keeps its place until all of them are.
        """
        now = self.tried_now
        found = [self.measured_finding(place) for place in range(len(self.findings))]
        if in_place and now is not None:
            found[now[0]] = replace(found[now[0]], remedies=self.as_they_come(*now))
        return found

    def as_they_come(self, place: int, own: Sequence[Remedy], rest: Sequence[Remedy]) -> tuple[Remedy, ...]:
        """A finding's own remedies, tried or not, and behind them the general ones that were found to help."""
        judged = [self.judged(remedy, self.findings[place]) for remedy in (*own, *rest)]
        listed = [*judged[: len(own)], *(each for each in judged[len(own) :] if each.helps)]
        return tuple({key_of(remedy.set): remedy for remedy in listed}.values())

    def measured_finding(self, place: int) -> Finding:
        """One of them; that a loss falls no more is no fault where nothing helps, and nothing is left to explain."""
        finding = replace(self.findings[place], remedies=self.offered(place))
        if finding.rule not in AS_LOW:
            return finding
        if place not in self.in_vain:
            # What is no fault now, with the loss as it is, was none before either.
            now = next((other for other in self.in_vain if self.findings[other].rule == finding.rule), None)
            if finding.active or now is None:
                return finding
            return replace(finding, symptom=replace(finding.symptom, severity=self.measured_finding(now).severity))
        about, vain = self.session.diagnosis.circumstances, f"{finding.cause} Nothing that was tried helps"
        if asks_for_bends(self.left, about.dataset.size):
            vain += f", though a further answer from the same inputs explains {self.left:.0%} of what is left wrong."
            return replace(finding, cause=vain)
        low = replace(finding.symptom, severity="info")
        return replace(finding, symptom=low, cause=f"{vain}: this may be as low as it goes.")

    @cached_property
    def left(self) -> float:
        """The share of the run's errors that a further answer explains."""
        return self.session.diagnosis.circumstances.gain_of_more(self.session.evaluator.answer)

    def offered(self, place: int) -> tuple[Remedy, ...]:
        """What is told of a finding so far."""
        finding = self.findings[place]
        if place not in self.remedies and self.finished:
            # It follows from another: what was tried for that one may help it too.
            self.tell(place, finding, [each for each in finding.remedies if self.known(each) is not None], [])
        return self.remedies.get(place, finding.remedies)


def by_rank(remedies: list[Remedy], trials: Trials, finding: Finding) -> list[Remedy]:
    """The best first; of those that are about as good the likelier cure, as they come."""
    left, ordered = list(remedies), []
    while left:
        best = min(trials.rank(remedy, finding) for remedy in left)
        first = next(each for each in left if (rank := trials.rank(each, finding)) == best or LOWER * rank <= best)
        left.remove(first)
        ordered.append(first)
    return ordered


def distinct(remedies: Sequence[Remedy]) -> list[Remedy]:
    """Each change once, where it stands first."""
    found: dict[Key, Remedy] = {}
    for remedy in remedies:
        found.setdefault(key_of(remedy.set), remedy)
    return list(found.values())


def key_of(changes: dict[str, Any]) -> Key:
    return tuple(sorted((path, repr(value)) for path, value in changes.items()))
