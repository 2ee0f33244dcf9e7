"""Where a finding is to be seen: the op of its step that shows it, and the spotlight on a unit of its layer."""

from dataclasses import replace

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.ops.event import Op
from backprop_tui.core.session.session import Session

from .same_place import in_layer

SHOWN_BY: dict[str, tuple[str, ...]] = {
    "exploding_gradient": ("dZ",),
    "vanishing_gradient": ("dZ",),
    "dead_units": ("F", "A"),
    "saturated_units": ("F", "A"),
    "poor_initialization": ("Z",),
    "symmetric_weights": ("dW",),
    "learning_rate_too_high": ("ΔW",),
    "learning_rate_too_low": ("ΔW",),
    "slow_convergence": ("ΔW",),
    "plateau": ("ℒ",),
}
"""The quantity in which a rule sees something, the first of these that there is; without one it is seen at the end of
the step."""
OF_FORM = {"dZ": ("dZ",), "dW": ("dW",), "loss": ("ℒ",)}
"""The same for those forms of a rule that see it in another."""


def count_of(finding: Finding, session: Session, spotlight: Spotlight) -> int:
    """The position right behind what shows the finding; what is no layer's is shown in that of the spotlight."""
    fault, timeline = session.fault, session.timeline
    if finding.rule == "not_finite":
        return timeline.finish_of(finding.step) if fault is None else fault.count
    op = op_of(finding, session, spotlight)
    return timeline.finish_of(finding.step) if op is None else timeline.finish_of(finding.step - 1) + op.place + 1


def op_of(finding: Finding, session: Session, spotlight: Spotlight) -> Op | None:
    """The op whose result shows a finding; None where no op does."""
    symbols = OF_FORM.get(finding.symptom.form, SHOWN_BY.get(finding.rule, ()))
    layer = finding.layer or spotlight.layer
    for symbol in symbols:
        quantity = session.plan.find(symbol, None if symbol == "ℒ" else layer)
        if quantity is not None:
            return session.plan.writer(quantity)
    return None


def spotlight_of(finding: Finding, session: Session, spotlight: Spotlight) -> Spotlight:
    """The spotlight in the finding's layer, on the first of its units; elsewhere as it is."""
    if finding.layer is None:
        return spotlight
    layer = session.trainer.layers[finding.layer - 1]
    if finding.units and not (spotlight.layer == finding.layer and spotlight.unit + 1 in finding.units):
        spotlight = replace(spotlight, unit=finding.units[0] - 1)
    return in_layer(spotlight, layer)
