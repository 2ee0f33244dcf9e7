"""The chain rule in other ways: the paths of a gradient, what made it smaller, slopes against depth, what if."""

import re
from collections.abc import Iterator
from math import isfinite

from backprop_tui.core.chain_rule.attribution import Attribution, LayerDecay, attribution
from backprop_tui.core.chain_rule.nested import expression, stations
from backprop_tui.core.chain_rule.paths import Path, PathView, path_view
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.what_if import WhatIf
from backprop_tui.core.preset.parameter_name import parameter_name
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.settings import setting_value
from backprop_tui.core.session.excursion import in_last_step
from backprop_tui.tui.chain_rule.decay_words import sum_text, verdict
from backprop_tui.tui.chain_rule.depth_words import chosen_text, deepest, meaning_text, read
from backprop_tui.tui.chain_rule.path_words import examples_texts, gradient_of, last_text, missing, path_sentences
from backprop_tui.tui.chain_rule.said_numbers import log_text, percent
from backprop_tui.tui.chain_rule.what_if_words import nudges, question_text, sentence, update_text
from backprop_tui.tui.drawing.symbols import ascii_symbols

from .run import PlainRun
from .said import named, plainly, said
from .whole_number import whole_number

NUMBER = r"[+-]?[0-9]*\.?[0-9]+(?:e[+-]?[0-9]{1,3})?"
WAY = re.compile(rf"(?:(?P<name>[^\s=]+) )?from (?P<low>{NUMBER}) to (?P<high>{NUMBER})", re.IGNORECASE)
POINTS = 11
"""Values on a way that are tried, both its ends among them."""
MOST_PATHS = 99_999
IN_PLACE = " Here, dim,"
"""How the screen says what it shows of the step before."""


def paths(run: PlainRun, text: str) -> Iterator[str]:
    """`paths`, `paths 2`, `paths example`: the spotlight's gradient over all ways from the loss, one in its factors."""
    session, view = run.session, run.view
    alone = text == "example"
    wanted = 1 if alone or not text else whole_number(text, 1, MOST_PATHS)
    if wanted is None:
        raise PresetError(f"expected paths, paths 2 for the factors of the second, or paths example, found {text!r}")

    def look() -> tuple[PathView, int]:
        example = run.example() if alone and session.plan.examples > 1 else None
        return path_view(session.plan, gradient_of(session, view), view.spotlight.index, example), session.plan.examples

    reason = missing(session, view, gradient_of(session, view), "paths")
    found = look() if not reason else in_last_step(session, look)
    if found is None:
        yield plainly(reason)
        return
    if reason:
        yield plainly(last_text(reason, session)).replace(IN_PLACE, " Here")
    view_of, examples = found
    if examples > 1:
        yield f"{examples_texts(run.example(), examples)[alone].capitalize()}."
    yield from path_sentences(view_of, examples, view)
    for place, path in enumerate(view_of.paths, 1):
        yield f"Path {place} = {said(path.product)}, {percent(path.share)} of Σ|paths|."
        if place == wanted:
            yield from factors(run, path)
    if wanted > len(view_of.paths):
        yield f"There is no path {wanted}: {len(view_of.paths)} are listed."


def factors(run: PlainRun, path: Path) -> Iterator[str]:
    """The factors of a path from the loss down, each with its power of ten, and that of all up to there."""
    total = 0.0
    for number, factor in enumerate(path.factors, 1):
        total += factor.log10
        layer = "" if factor.layer is None else f" of layer {factor.layer}"
        yield (
            f"factor {number} of {len(path.factors)}, {factor.kind}{layer}: {factor.symbol} = {said(factor.value)}, "
            f"log₁₀ {log_text(factor.log10, run.view)}, so far {log_text(total, run.view)}"
        )


def decay(run: PlainRun, text: str) -> Iterator[str]:
    """What made the gradient smaller, or larger, on its way down, layer by layer in powers of ten."""
    session, view = run.session, run.view
    reason = missing(session, view, session.plan["dW", 1], "norms")

    def look() -> Attribution:
        return attribution(session.plan, session.trainer.layers)

    found = look() if not reason else in_last_step(session, look)
    if found is None:
        yield plainly(reason)
        return
    if reason:
        yield plainly(last_text(reason, session)).replace(IN_PLACE, " Here")
    yield verdict(found, view)
    yield "In powers of ten, log₁₀ of ‖dZ‖/‖dA‖ for the activation, of ‖dA of the layer below‖/‖dZ‖ for the weights:"
    for layer in reversed(found.layers):
        yield layer_sentence(layer, run)
    yield sum_text(found, view)


def layer_sentence(layer: LayerDecay, run: PlainRun) -> str:
    has_activation = any(part is not None for part in (layer.mask, layer.slope, layer.batch_norm))
    activation = log_text(layer.activation, run.view) if has_activation else "one op with the loss"
    weights = "none below it" if layer.weights is None else log_text(layer.weights, run.view)
    past = ", past it a shortcut" if layer.residual else ""
    return (
        f"layer {layer.layer}: activation {activation}, weights {weights}, "
        f"dZ so far {log_text(layer.total, run.view)}, ‖dW‖/‖dZ‖ {log_text(layer.input, run.view)}{past}"
    )


def depth(run: PlainRun, text: str) -> Iterator[str]:
    """`depth`, `depth 10`: what slopes alone leave of a gradient, in this network or as deep as one likes."""
    session, view = run.session, run.view
    found, most = read(session, view), deepest(session)
    wanted = whole_number(text, 1, most) if text else len(found.layers)
    if wanted is None:
        raise PresetError(f"expected a depth from 1 to {most}, found {text!r}")
    yield chosen_text(found, wanted, view)
    yield meaning_text(session)
    for layer in found.layers:
        weighted = "" if layer.weighted is None else f", ∏|f′w| = {said(layer.weighted)}"
        yield (
            f"layer {layer.layer}, {layer.activation}: {named('mean |f′|', layer.mean)}, "
            f"{named('∏|f′|', layer.product)}{weighted}"
        )


def nested(run: PlainRun, text: str) -> Iterator[str]:
    """The network as one function in another."""
    pieces = expression(stations(run.session.plan), run.session.plan["X", None].name)
    yield f"{run.session.plan['A', run.last].name} = {''.join(piece.text for piece in pieces)}"


def is_number(value: object) -> bool:
    """Whether a value is a finite number, of a size that floating point has."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:
        return False


def what_if(run: PlainRun, text: str) -> Iterator[str]:
    """`what if`, `what if W2[1,3] = 0.5`: the loss if a parameter were another; the run stays as it is.

    `what if W2[1,3] from -1 to 1` tells the losses on the way.
    """
    if (way := WAY.fullmatch(ascii_symbols(text))) is not None:
        yield from losses_on_the_way(run, way["name"] or str(run.spotlight.name), float(way["low"]), float(way["high"]))
        return
    session = run.session
    name, equals, value = (part.strip() for part in ascii_symbols(text).partition("="))
    spotlight = run.spotlight
    if name:
        layers, inputs = session.preset.layers, len(session.dataset.inputs)
        spotlight = Spotlight.named(parameter_name(name, layers, inputs), spotlight.example)
    wanted = setting_value(value, Place(name)) if equals else None
    if equals and not is_number(wanted):
        raise PresetError(f"expected what if W2[1,3] = 0.5, a parameter and a number, found {text!r}")
    run.view.spotlight = spotlight
    found = WhatIf(session, spotlight)
    if not isfinite(found.value):
        yield f"It is {said(found.value)}, no finite number: nothing lies beside it to compare."
        return
    yield question_text(found, session, run.view)
    if wanted is not None:
        change = found.nudge(float(wanted) - found.value)
        yield f"With {spotlight.name} = {said(float(wanted))} the loss is ℒ = {said(found.loss + change.true)}."
        yield sentence(change, found, update_text(session), run.view)
        return
    for delta in nudges(found):
        yield sentence(found.nudge(delta), found, update_text(session), run.view)


def losses_on_the_way(run: PlainRun, name: str, low: float, high: float) -> Iterator[str]:
    """The loss for values of a parameter at equal distances from `low` to `high`, and where it is lowest of these."""
    session = run.session
    layers, inputs = session.preset.layers, len(session.dataset.inputs)
    if not (isfinite(low) and isfinite(high) and low < high):
        raise PresetError(f"expected from a smaller number to a larger one, found {low:g} and {high:g}")
    run.view.spotlight = Spotlight.named(parameter_name(name, layers, inputs), run.spotlight.example)
    found = WhatIf(session, run.spotlight)
    if not isfinite(found.value):
        yield f"It is {said(found.value)}, no finite number: nothing lies beside it to compare."
        return
    yield question_text(found, session, run.view)
    # In twelve digits, so that −0.2 is told and tried, and not a number beside it.
    values = [float(f"{low + (high - low) * place / (POINTS - 1):.12g}") for place in range(POINTS)]
    losses = [found.loss_at(value - found.value) for value in values]
    for value, loss in zip(values, losses, strict=True):
        yield f"{name} = {said(value)}: ℒ = {said(loss)}"
    lowest = min(((loss, value) for loss, value in zip(losses, values, strict=True) if isfinite(loss)), default=None)
    if lowest is not None:
        yield f"The lowest of these: {said(lowest[0])}, with {name} = {said(lowest[1])}."
