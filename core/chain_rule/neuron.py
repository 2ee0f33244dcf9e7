"""One neuron with all that it has to do with: its inputs and weights, its own numbers, and what comes back to it.

The backward pass of a neuron is local: what it needs stands here, and `needs` says so.
"""

from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Incoming:
    """A parameter of the neuron, the gradient of it, and what it multiplies: None for a bias, which multiplies 1."""

    source: Reference | None
    weight: Reference
    gradient: Reference


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A neuron that this one feeds: its δ, and the weight that leads there."""

    delta: Reference
    weight: Reference


@dataclass(frozen=True, slots=True)
class Neuron:
    """Neuron `unit` of `layer` for `example`, both from 0, of `examples` in the batch.

    `z` and `delta` are its preactivation and the gradient there, dZ. `forward` are its own numbers behind z, `backward`
    those from dA, or where the loss is met, to δ, in the order in which they are computed, slopes before what they
    are multiplied into. `own` are γ and β, and `shortcut` is dA of the neuron that a residual connection leads to.
    """

    layer: Layer
    unit: int
    example: int
    examples: int
    incoming: tuple[Incoming, ...]
    z: Reference
    forward: tuple[Reference, ...]
    outgoing: tuple[Outgoing, ...]
    arriving: Reference | None
    shortcut: Reference | None
    backward: tuple[Reference, ...]
    delta: Reference
    own: tuple[Incoming, ...]


def neuron(plan: Plan, layers: tuple[Layer, ...], number: int, unit: int, example: int) -> Neuron:
    """Neuron `unit` (from 0) of layer `number` (from 1) for `example` (from 0)."""
    layer = layers[number - 1]
    above = layers[number] if number < len(layers) else None
    below = plan["X", None] if number == 1 else plan["A", number - 1]
    here = (unit, example)

    def parameter(symbol: str, source: Reference | None) -> Incoming:
        return Incoming(
            source, Reference(plan[symbol, number], (unit,)), Reference(plan[f"d{symbol}", number], (unit,))
        )

    incoming = [
        Incoming(
            Reference(below, (i, example)),
            Reference(plan["W", number], (unit, i)),
            Reference(plan["dW", number], (unit, i)),
        )
        for i in range(layer.inputs)
    ]
    if layer.has_bias:
        incoming.append(parameter("b", None))
    own = (parameter("γ", Reference(plan["Ẑ", number], here)), parameter("β", None)) if layer.batch_norm else ()
    outgoing: tuple[Outgoing, ...] = ()
    if above is not None:
        dZ, W = plan["dZ", above.number], plan["W", above.number]
        outgoing = tuple(Outgoing(Reference(dZ, (k, example)), Reference(W, (k, unit))) for k in range(above.units))
    arriving = plan.find("dA", number)
    forward, backward = own_numbers(plan, number)
    return Neuron(
        layer=layer,
        unit=unit,
        example=example,
        examples=plan.examples,
        incoming=tuple(incoming),
        z=Reference(plan["Z", number], here),
        forward=tuple(Reference(quantity, here) for quantity in forward if quantity.symbol != "Z"),
        outgoing=outgoing,
        arriving=None if arriving is None else Reference(arriving, here),
        shortcut=Reference(plan["dA", number + 1], here) if above is not None and above.residual else None,
        backward=tuple(Reference(quantity, here) for quantity in backward if quantity is not arriving),
        delta=Reference(plan["dZ", number], here),
        own=own,
    )


def own_numbers(plan: Plan, number: int) -> tuple[list[Quantity], list[Quantity]]:
    """What a layer has for each of its units and examples, forward and backward, as it is computed.

    Of what one op writes its result comes last, behind what it is made of.
    """
    forward: list[Quantity] = []
    backward: list[Quantity] = []
    for op in plan.ops:
        for quantity in (*op.writes[1:], *op.writes[:1]):
            if quantity.layer == number and quantity.axes == ("unit", "example"):
                (backward if op.phase == "backward" else forward).append(quantity)
    return forward, backward


def needs(found: Neuron, last: int, loss: str) -> str:
    """What the neuron needs for its gradients, and that this is all; `last` is the output layer, `loss` its kind."""
    layer, own = found.layer, slope_words(found.layer)
    if layer.number < last:
        count = len(found.outgoing)
        fed = f"δ of the {count} neurons that it feeds and the weights there"
        if count == 1:
            fed = "δ of the one neuron that it feeds and the weight there"
        if found.shortcut is not None:
            fed += ", and dA of the one that the shortcut leads to"
        whole = f"its own inputs, its own {own}, {fed}"
        why = "All that lies behind these, the loss and every other layer, has come together in those δ."
    elif found.arriving is None:
        whole = "its own inputs, its own output and its own target"
        why = "Output and loss are one op: their slopes multiply out to prediction minus target."
        if loss == "cross_entropy":
            why += " The other outputs are in its own already, which is a share of their sum."
    elif layer.activation == "softmax":
        return (
            "Local information suffices for the layer, not for the neuron: with softmax each output depends on every "
            f"z, so its δ needs A and dA of all {layer.units} outputs."
        )
    else:
        whole = f"its own inputs, its own {own}, and the slope of the loss at its own output"
        why = "That slope takes its own target, and no other neuron."
    each = "" if found.examples == 1 else ", in each example,"
    text = f"Local information suffices: for its gradients it needs only{each} {whole}. {why}"
    if layer.batch_norm and found.examples > 1:
        text += " Batch norm couples the examples: its δ in one takes its own numbers in all of them."
    return text


def slope_words(layer: Layer) -> str:
    """What the slope of a neuron is worked out from, with what else stands between dA and δ."""
    words = ["z"]
    if layer.batch_norm:
        words.append("γ")
    if layer.dropout:
        words.append("mask")
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
