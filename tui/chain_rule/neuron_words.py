"""What is said of a neuron, and its numbers as far as they are known."""

from backprop_tui.core.chain_rule.entry_names import entry_names
from backprop_tui.core.chain_rule.neuron import Incoming, Neuron
from backprop_tui.core.inquiry.given import known_value
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads numbers off a session: only those that this step has computed, or that are given to it."""

    session: Session

    @property
    def finished(self) -> bool:
        """Whether the parameters have changed since the step computed with them."""
        return self.session.position.finished

    def value(self, reference: Reference | None) -> float | None:
        """None where it is not computed; 1 for what a bias multiplies."""
        if reference is None:
            return 1.0
        return known_value(self.session, reference.quantity, reference.index)

    def product(self, one: Reference | None, parameter: Reference) -> float | None:
        """None too where the parameter is another now than that which the step computed with."""
        value = self.value(one)
        return None if value is None or self.finished else value * parameter.value()


def title(found: Neuron, last: int) -> str:
    """`Neuron 2 of 16 in layer 3 of 10, sigmoid; δ is dZ`, and of several examples which, and what is their sum."""
    layer, m = found.layer, found.examples
    text = f"Neuron {found.unit + 1} of {layer.units} in layer {layer.number} of {last}, {layer.activation}"
    if m == 1:
        return f"{text}; δ is dZ."
    whose = f"example {found.example + 1} of {m}"
    return f"{text}; {whose}. δ is dZ; dW sums up δ · input / {m} over all {m} examples."


def source_name(one: Incoming, session: Session) -> str:
    """`X₃,₁ petal length`: its symbols, and where it is an input what the data call it."""
    if one.source is None:
        return ""
    named = entry_names(one.source.quantity, one.source.index, session.dataset, len(session.trainer.layers))
    return " ".join([one.source.symbols(), *(found.name for found in named if found.kind == "input")])
