"""How a run stands after a trial, and how that is told beside the run as it is."""

from math import inf, isfinite

from backprop_tui.core.diagnosis.findings import Finding, Severity
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.baseline import baseline
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run stands after a trial: `loss` of the whole training set, `level` of it (see `Baseline`).

    `first` is the level before step 1, `test` the loss of the test set, `found` the rules,
    layers and severities of the findings that are there.
    """

    steps: int
    loss: float
    level: float
    first: float
    test: float | None
    found: frozenset[tuple[str, int | None, Severity]]
    loss_kind: str
    normalized: bool


def clears(found: Outcome, finding: Finding) -> bool:
    """Whether a finding is gone after a trial, or is no more than info where it was more, or was never there."""
    there = [severity for rule, layer, severity in found.found if (rule, layer) == (finding.rule, finding.layer)]
    return all(severity == "info" != finding.severity for severity in there)


def reference(base: Outcome) -> float:
    """What a remedy has to be better than: the run without it, or its start where that has come to nothing."""
    return min(base.level, base.first) if isfinite(base.level) else base.first


def level_of(run: Session) -> float:
    """The loss of the whole training set as a level, of its own baseline; above what is right where there is none."""
    loss = run.evaluator.training().loss
    own = baseline(run.preset.loss.kind, run.dataset.targets, run.trainer.layers[-1].activation)
    return own.level(loss, own.right + 1) if isfinite(loss) else inf


def outcome_of(run: Session, steps: int, first: float) -> Outcome:
    ended = run.diverged
    evaluated = run.evaluate()
    loss = evaluated.training.loss
    finite = isfinite(loss) and not ended
    return Outcome(
        steps=steps,
        loss=loss if finite else inf,
        level=level_of(run) if finite else inf,
        first=first,
        test=None if evaluated.test is None or not finite else evaluated.test.loss,
        found=frozenset((each.rule, each.layer, each.severity) for each in run.findings() if each.active),
        loss_kind=run.preset.loss.kind,
        normalized=run.preset.data.normalize_targets,
    )


def told(base: Outcome, found: Outcome, rule: str) -> str:
    """`after 300 steps loss 0.021, without it 0.693`."""
    when = f"after {found.steps:,} steps"
    if not isfinite(found.loss):
        return f"the numbers cease to be finite within {found.steps:,} steps"
    if rule == "overfitting" and base.test is not None and found.test is not None:
        return f"{when} test loss {found.test:.3g}, without it {base.test:.3g}"
    if (base.loss_kind, base.normalized) == (found.loss_kind, found.normalized):
        return f"{when} loss {found.loss:.3g}, without it {text_of(base.loss)}"
    level, before = f"{found.level:.3g}", text_of(base.level)
    return f"{when} loss {level} in units of the best constant answer's, without it {before}"


def text_of(loss: float) -> str:
    return f"{loss:.3g}" if isfinite(loss) else "not finite"
