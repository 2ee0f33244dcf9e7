"""What the panes of weights and gradients and the page of statistics have, layer by layer in words."""

from collections.abc import Iterator

from backprop_tui.core.diagnosis.statistics import SATURATED, LayerStatistics, statistics_table
from backprop_tui.core.inquiry.sensitivity import sensitivity
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.training.living_units import cuts_to_zero
from backprop_tui.tui.drawing.numbers import format_count
from backprop_tui.tui.panes.gauge import gauge

from .numbers_answer import array_answer, spotlight_answer
from .run import PlainRun
from .said import BLANK, WHOLE, extent_text, named, said

MOST_RANKED = 10
"""Weights that are listed by their gradients."""


def network_sentence(run: PlainRun) -> str:
    """`The network: 2 inputs; layer 1, 2 units of sigmoid; …`."""
    layers = run.session.trainer.layers
    parts = [f"layer {layer.number}, {units(layer)} of {layer.activation}" for layer in layers]
    count = run.session.trainer.state.parameters.size
    inputs = layers[0].inputs
    return (
        f"The network: {inputs} input{'' if inputs == 1 else 's'}; {'; '.join(parts)}. "
        f"{format_count(count)} parameters."
    )


def units(layer: Layer) -> str:
    return f"{layer.units} unit{'' if layer.units == 1 else 's'}"


def weights(run: PlainRun, text: str) -> Iterator[str]:
    """The network, the parameter in the spotlight, and the weights of every layer."""
    yield network_sentence(run)
    yield from spotlight_answer(run)
    plan = run.session.plan
    for layer in run.session.trainer.layers:
        for symbol in ("W", "b", "γ", "β"):
            if (symbol, layer.number) in plan.quantities:
                quantity = plan[symbol, layer.number]
                if quantity.array.size <= WHOLE:
                    yield from array_answer(run, quantity, whole=True)
                else:
                    yield f"{extent_text(quantity)}. Type {quantity.typed()} for its entries."


def gradients(run: PlainRun, text: str) -> Iterator[str]:
    """Of each layer the norm of its weights' gradient, and how large the update is beside the weights."""
    yield "Of each layer, the last first, as the gradient comes to it:"
    for measure in reversed(run.session.measure()):
        above = of_layer("", measure.layer)
        ratio = "" if measure.update is None else f", ‖ΔW‖/‖W‖ = {ratio_text(measure.ratio)}: {gauge(measure)}"
        gradient = named(f"‖dW{above}‖", measure.gradient)
        yield f"layer {measure.layer}: {gradient}, ‖W{above}‖ = {said(measure.weights)}{ratio}"


def ratio_text(ratio: float | None) -> str:
    return "none, as W is 0" if ratio is None else said(ratio)


def statistics(run: PlainRun, text: str) -> Iterator[str]:
    """How large weights, gradients, activations and updates of each layer are, and which units do nothing."""
    session = run.session
    rows = statistics_table(session.plan, session.trainer.layers, session.events)
    for row, layer in zip(rows, session.trainer.layers, strict=True):
        yield f"Layer {row.layer}: {units(layer)} of {row.activation}, {row.inputs} inputs."
        yield f"‖W‖ = {said(row.weights)}, {named('‖dW‖', row.gradient)}, {named('mean of |dW|', row.mean_gradient)}"
        ratio = "" if row.update is None else f", ‖ΔW‖/‖W‖ = {ratio_text(row.ratio)}"
        yield f"{named('‖ΔW‖', row.update)}{ratio}"
        yield f"Z: {spread(row.preactivations)}; {'A' if not layer.dropout else 'f'}: {spread(row.activations)}"
        if cuts_to_zero(layer):
            yield f"zero for the whole batch: {unit_list(row.inactive)}"
        if row.activation in SATURATED:
            yield f"saturated: {unit_list(row.saturated)}"
            if passed := passed_text(row):
                yield passed


def passed_text(row: LayerStatistics) -> str:
    return "" if row.passed is None else f"the slopes leave ‖dZ‖/‖dA‖ = {said(row.passed)}"


def spread(values: tuple[float, float] | None) -> str:
    """Mean and standard deviation."""
    return BLANK if values is None else f"mean {said(values[0])}, standard deviation {said(values[1])}"


def unit_list(found: tuple[int, ...] | None) -> str:
    if found is None:
        return BLANK
    return f"units {', '.join(map(str, found))}" if found else "none"


def ranked(run: PlainRun, text: str) -> Iterator[str]:
    """The weights with the largest |∂ℒ/∂w|: where a small change matters most."""
    found = sensitivity(run.session, 0, MOST_RANKED)
    if not found.weights:
        yield f"No gradient is {BLANK.removeprefix('not ')}."
        return
    yield f"By |∂ℒ/∂w|, of the {format_count(found.count)} weights whose gradients are computed, the largest first:"
    for place, one in enumerate(found.weights, 1):
        share = "" if one.share is None else f", {100 * one.share:.3g} % of the sum"
        weight = run.session.plan["W", one.layer].entry((one.unit, one.input))
        yield f"{place}. {weight} = {said(one.value)}, gradient d{weight} = {said(one.gradient)}{share}"
    yield "That is sensitivity, how much ℒ changes for a small change of each, and not blame."
