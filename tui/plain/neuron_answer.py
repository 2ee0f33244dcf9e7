"""One neuron in words: what goes in, what comes back, what it makes of that; a weight over the steps; the long way."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from backprop_tui.core.chain_rule.long_way import combined, long_way
from backprop_tui.core.chain_rule.neuron import Incoming, Outgoing, needs, neuron
from backprop_tui.core.chain_rule.statements import origin_text, statement
from backprop_tui.core.inquiry.initial_weights import initial_weights
from backprop_tui.core.inquiry.spotlight_history import spotlight_history
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.chain_rule.long_way_words import combined_gradient
from backprop_tui.tui.chain_rule.neuron_words import Reader, source_name, title
from backprop_tui.tui.running.going import NEURON, at_neuron

from .run import PlainRun
from .said import BLANK, equation, named, plainly, said

Item = TypeVar("Item", Incoming, Outgoing)
MOST = 16
"""Inputs and neurons that are told of, where there are more: those with the largest weights."""


def neuron_word(run: PlainRun, text: str) -> Iterator[str]:
    """`neuron`, `neuron a2[3]`: that of the spotlight, or another one, which comes into the spotlight."""
    if text:
        found = NEURON.fullmatch(text.replace(" ", ""))
        if found is None:
            raise PresetError(f"expected a neuron such as a2[3], the third of layer 2, found {text!r}")
        run.view.spotlight = at_neuron(int(found[1]), int(found[2]), run.session, run.spotlight)
    session, spotlight, last = run.session, run.spotlight, run.last
    one = neuron(session.plan, session.trainer.layers, spotlight.layer, spotlight.unit, run.example())
    read = Reader(session)
    yield title(one, last)
    if read.finished:
        yield "The step is finished: the weights are new, all else was computed with the old ones; no products."
    weights = [each for each in one.incoming if each.source is not None]
    for each in (*largest(weights), *(each for each in one.incoming if each.source is None), *one.own):
        yield incoming(each, read)
    if len(weights) > MOST:
        yield f"{len(weights) - MOST:,} more inputs have smaller weights."
    yield valued(one.z, read)
    for reference in one.forward:
        yield stated(run, reference)
    for fed in largest(one.outgoing):
        yield outgoing(fed, read)
    if len(one.outgoing) > MOST:
        yield f"{len(one.outgoing) - MOST:,} more neurons are fed with smaller weights."
    if one.arriving is not None:
        yield valued(one.arriving, read)
    for reference in one.backward:
        yield stated(run, reference)
    yield needs(one, last, session.preset.loss.kind)


def largest(items: Sequence[Item]) -> list[Item]:
    """All of a few, of many those with the largest weights, in their order."""
    ranked = sorted(items, key=lambda one: -abs(one.weight.value()))[:MOST]
    return [one for one in items if one in ranked]


def incoming(one: Incoming, read: Reader) -> str:
    """What a parameter of the neuron multiplies, itself, their product, and its gradient."""
    product = read.product(one.source, one.weight)
    told = "" if product is None or one.source is None else f", product {said(product)}"
    value = "" if one.source is None else f" times {named(source_name(one, read.session), read.value(one.source))}"
    gradient = named(one.gradient.symbols(), read.value(one.gradient))
    return f"{one.weight.symbols()} = {said(one.weight.value())}{value}{told}; {gradient}"


def outgoing(one: Outgoing, read: Reader) -> str:
    """What comes back from a neuron that is fed: its δ, the weight that leads there, and their product."""
    product = read.product(one.delta, one.weight)
    told = "" if product is None else f", product {said(product)}"
    delta = named(one.delta.symbols(), read.value(one.delta))
    return f"back from {delta} times {one.weight.symbols()} = {said(one.weight.value())}{told}"


def valued(reference: Reference, read: Reader) -> str:
    return f"{named(reference.symbols(), read.value(reference))}, the sum of the products"


def stated(run: PlainRun, reference: Reference) -> str:
    """How a number came about; those of parameters only as long as they are the same."""
    session, quantity = run.session, reference.quantity
    if not session.computed(quantity):
        return named(reference.symbols(), None)
    op = session.plan.writer(quantity)
    if op is not None:
        shown = statement(op, quantity, reference.index, example=run.example(), spotlight=run.spotlight)
        if not session.position.finished or all(one.quantity.place >= 0 for one in shown.expression.references()):
            return equation(shown.name, shown.expression, shown.value)
    return f"{reference.symbols()} = {said(reference.value())}"


def history(run: PlainRun, text: str) -> Iterator[str]:
    """How the layer's weights began, and the spotlight's parameter over the last steps."""
    session, spotlight = run.session, run.spotlight
    if not session.fixed:
        start = initial_weights(session, spotlight.layer)
        scheme = start.scheme
        drawn = "" if scheme is None else f", {scheme.sign} {scheme.formula} = {scheme.numbers} = {said(scheme.scale)}"
        name = f"W{of_layer('', start.layer)}"
        yield f"{name} at the start: {start.origin}{drawn}; standard deviation {said(start.deviation)}."
    found = spotlight_history(session, spotlight)
    name = session.plan[spotlight.parameter, spotlight.layer].entry(spotlight.index)
    for row in found.rows:
        yield (
            f"step {row.step:,}: {name} began as {said(row.value)}, {named(f'd{name}', row.gradient)}, "
            f"{named(f'Δ{name}', row.update)}"
        )
    yield f"{name} = {said(found.value)} now."


def long_way_word(run: PlainRun, text: str) -> Iterator[str]:
    """Output and loss as two ops beside the one that they are: what that comes to, and where it breaks."""
    session, last = run.session, run.last
    if not combined(session.plan, last, session.preset.loss.kind):
        yield "Output and loss are two ops here already: there is no longer way."
        return
    gradient = combined_gradient(session, last)
    if not session.computed(gradient):
        op = session.plan.writer(gradient)
        yield f"{gradient.name} is {BLANK}: {plainly(origin_text(gradient, op, last))} will make it."
        return
    unit, example = run.spotlight.entry(gradient, last)
    found = long_way(session.plan, last, session.preset.loss.kind, unit, example)
    yield f"{found.pair} the long way round, as two ops:"
    for way in found.ways:
        if way.gradient.value != 0:
            for one in (way.gradient, way.slope):
                yield equation(one.name, one.expression, one.value)
    yield f"the long way to ∂ℓ/∂{found.logit.entry(found.index)} = {said(found.total)}"
    yield equation(found.short.name, found.short.expression, found.short.value)
    yield f"In this batch {found.broken} of {found.entries} entries are not finite the long way."
    yield f"The others differ by {said(found.worst)} at the most."
    for row in found.far_out:
        yield (
            f"logits times {row.stretch}: A asked for {said(row.probability)}, ∂ℓ/∂A there {said(row.gradient)}, "
            f"long way {said(row.long)}, short way {said(row.short)}"
        )
