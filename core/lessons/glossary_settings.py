"""What a preset can choose, explained by the very registries that it is built from: their formulas cannot differ."""

from collections.abc import Mapping

from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.network.initializers import INITIALIZERS, Initializer
from backprop_tui.core.network.losses import LOSSES
from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.preset.tables import OptimizerPreset

from .glossary_entry import Entry

Texts = Mapping[str, str]
"""What is to be said of each, by the name that a preset or the diagnosis gives it."""


def activation_entries() -> list[Entry]:
    return [
        Entry(
            name,
            one.why,
            one.symbol if one.symbol != name else "",
            (one.formula, one.derivative),
            also=(f"{one.symbol}′(Z)", f"{one.symbol}′(N)", name.replace("_", " ")),
            see=("activation function", "slope of the activation"),
        )
        for name, one in ACTIVATIONS.items()
    ]


def loss_entries(texts: Texts) -> list[Entry]:
    return [
        Entry(one.title, texts[name], formulas=(one.formula,), also=(name,), see=("loss", "first gradient"))
        for name, one in LOSSES.items()
    ]


def optimizer_entries() -> list[Entry]:
    return [
        Entry(
            name,
            kind.why,
            # Of adamw the decay is part of the rule.
            formulas=kind(OptimizerPreset(learning_rate=1.0, weight_decay=float(name == "adamw"))).rule("g", "θ"),
            see=("optimizer", "learning rate"),
        )
        for name, kind in OPTIMIZERS.items()
    ]


def initializer_entries(texts: Texts) -> list[Entry]:
    return [
        Entry(
            name,
            texts[name],
            formulas=(spread(one),),
            also=(name.replace("_", " "), f"{name} initialization"),
            see=("initialization",),
        )
        for name, one in INITIALIZERS.items()
    ]


def spread(one: Initializer) -> str:
    """What a start weight is drawn from."""
    sign = one.distribution.sign
    if sign == "±":
        return f"W evenly between −{one.formula} and {one.formula}"
    return f"W normal with {sign}{one.formula}" if sign else f"W = {one.formula}"


def rule_entries(texts: Texts) -> list[Entry]:
    """The rules of the diagnosis; the definition is the rule's own."""
    return [
        Entry(one.title, texts[name], formulas=(f"found where {one.definition}",), also=(name,), see=("diagnosis",))
        for name, one in RULES.items()
    ]
