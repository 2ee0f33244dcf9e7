"""What is told of a run beside others: losses, the ratio of its gradients, idle units, what is in the spotlight."""

from math import inf

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.diagnosis.statistics import statistics_table
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.evaluation import Evaluated
from backprop_tui.core.value_class import dataclass

from .compared_run import ComparedRun


@dataclass(frozen=True, slots=True)
class RunFigures:
    """`evaluated` is of the whole parts, at this position; `gradient_ratio` is ‖dW⁽¹⁾‖ / ‖dW⁽ᴸ⁾‖ of the step in hand.

    None stands for what this step has not computed, or what there is none of. `inactive`: the units that give 0 for the
    whole batch, and how many can: those of layers that cut to 0. `reached` is the first step after which
    the goal held, `findings` the rules that have fired.
    """

    evaluated: Evaluated
    gradient_ratio: float | None
    inactive: tuple[int, int] | None
    reached: int | None
    findings: tuple[str, ...]


def figures(run: ComparedRun) -> RunFigures:
    """The figures of a run where it stands."""
    session = run.session
    return RunFigures(session.evaluate(), gradient_ratio(session), inactive(session), run.reached, findings(session))


def inactive(session: Session) -> tuple[int, int] | None:
    """How many units give 0 for the whole batch in hand, of how many in layers that cut to 0; None without one."""
    found = [
        (len(layer.inactive), layer.units)
        for layer in statistics_table(session.plan, session.trainer.layers, session.events)
        if layer.inactive is not None
    ]
    return (sum(units for units, _ in found), sum(units for _, units in found)) if found else None


def findings(session: Session) -> tuple[str, ...]:
    """The rules that have fired in a run, in the order in which they first did."""
    return tuple(dict.fromkeys(finding.rule for finding in session.findings()))


def gradient_norms(session: Session) -> list[float | None]:
    """‖dW‖ of every layer, None where the step in hand has not computed it."""
    return [measure.gradient for measure in session.measure()]


def gradient_ratio(session: Session) -> float | None:
    """‖dW⁽¹⁾‖ / ‖dW⁽ᴸ⁾‖; None where one of them is not computed or both are 0, ∞ where only the last is."""
    norms = gradient_norms(session)
    first, last = norms[0], norms[-1]
    if first is None or last is None:
        return None
    if last == 0:
        return None if first == 0 else inf if first > 0 else first
    return first / last


@dataclass(frozen=True, slots=True)
class SpotlightFigures:
    """The parameter in the spotlight and the gradient of it, None where this step has not computed it."""

    value: float
    gradient: float | None


def in_spotlight(session: Session, spotlight: Spotlight) -> SpotlightFigures | None:
    """What a run has in the spotlight; None where its network has no such parameter."""
    symbol = spotlight.parameter
    parameter = session.plan.find(symbol, spotlight.layer)
    if parameter is None or not all(i < size for i, size in zip(spotlight.index, parameter.array.shape, strict=True)):
        return None
    gradient = session.plan.find(f"d{symbol}", spotlight.layer)
    computed = gradient is not None and session.computed(gradient)
    return SpotlightFigures(
        float(parameter.array[spotlight.index]),
        float(gradient.array[spotlight.index]) if gradient is not None and computed else None,
    )
