"""Rules about the start of a run: weights of another size than suits the network, units that are the same."""

from math import inf, log, log10, sqrt

from backprop_tui.core.chain_rule.attribution import power
from backprop_tui.core.network.usual_start import fitting_initializer, usual_spread
from backprop_tui.core.ops.quantity import of_layer

from .findings import Symptom
from .measurement import Measurement
from .rule import FIRST_STEPS, MANY, Rule, Symptoms
from .statistics import LayerStatistics

SPREADS, SPREAD_A_LAYER, FAR_ABOVE, ENOUGH = 10.0, 2.0, 10.0, 8


def poor_initialization(now: Measurement) -> Symptoms:
    """The worst form alone: they have one cause."""
    for form in (unusual_weights, changing_spread, saturated_start, high_first_loss):
        seen = list(form(now))
        if seen:
            yield seen[0]
            return


def unusual_weights(now: Measurement) -> Symptoms:
    """Weights much larger or smaller than suits their activation."""
    for layer in now.layers:
        ratio = layer.weights / usual_norm(layer)
        # A power of a number overflows with an error, a product to infinity.
        share = ratio * ratio
        # The mean square of a handful of weights is a matter of chance.
        if share and layer.units * layer.inputs >= ENOUGH and max(share, 1 / share) > SPREADS:
            evidence = (
                f"the mean square of {of_layer('W', layer.layer)} is {share:.2g} times that of "
                f"{fitting_initializer(layer.activation)} for {layer.inputs} inputs and {layer.units} units"
            )
            value = max(share, 1 / share)
            yield Symptom("poor_initialization", "warning", evidence, value, SPREADS, layer.layer, form="weights")


def changing_spread(now: Measurement) -> Symptoms:
    """Signals that swell or fade from hidden layer to hidden layer; the spread of the first is that of the data."""
    spreads = [layer.preactivations[1] for layer in now.layers[1:-1] if layer.preactivations]
    if len(spreads) < 2 or not spreads[0] > 0 or not spreads[-1] > 0:
        return
    # In powers of ten, since through many layers the ratio itself may be none that a float holds.
    whole = 2 * (log10(spreads[-1]) - log10(spreads[0]))
    each = whole / (len(spreads) - 1)
    if abs(whole) > log10(SPREADS) and abs(each) > log10(SPREAD_A_LAYER):
        number = len(spreads) + 1
        evidence = (
            f"the variance of {of_layer('Z', number)} is {factor(whole)} times that of {of_layer('Z', 2)}, "
            f"{factor(each)} times a layer"
        )
        yield Symptom("poor_initialization", "warning", evidence, power(abs(whole)), SPREADS, number, form="spread")


def factor(exponent: float) -> str:
    """10 to the power, in two digits; as that power where a float does not hold it."""
    value = power(exponent)
    return f"{value:.2g}" if 0 < value < inf else f"10^{exponent:.0f}"


def saturated_start(now: Measurement) -> Symptoms:
    for layer in now.layers[:-1]:
        # Of a few units half are flat by chance.
        if layer.saturated and layer.units * layer.inputs >= ENOUGH and len(layer.saturated) >= MANY * layer.units:
            share = len(layer.saturated) / layer.units
            evidence = f"{share:.0%} of the units of layer {layer.layer} are flat for most of the batch from the start"
            yield Symptom("poor_initialization", "warning", evidence, share, MANY, layer.layer, layer.saturated)


def high_first_loss(now: Measurement) -> Symptoms:
    """Against answers that favour no class: where one class is rare, the best constant answer is no start."""
    units = now.layers[-1].units
    even = {"cross_entropy": log(units) if units > 1 else 0.0, "binary_cross_entropy": units * log(2)}
    usual = even.get(now.loss_kind, 0.0)
    if usual and now.loss > FAR_ABOVE * usual:
        first = now.loss / usual
        evidence = f"the first loss is {first:.2g} times that of answers that favour no class"
        yield Symptom("poor_initialization", "warning", evidence, first, FAR_ABOVE, len(now.layers), form="loss")


def symmetric_weights(now: Measurement) -> Symptoms:
    for number, units in now.twins.items():
        layer = now.layer(number)
        if layer is now.layers[-1]:
            continue
        evidence = (
            f"{len(units)} of {layer.units} units of layer {number} have the same weights, in and out, as another"
        )
        share = len(units) / layer.units
        yield Symptom("symmetric_weights", "warning", evidence, share, 0.0, number, units, number)


def usual_norm(layer: LayerStatistics) -> float:
    return usual_spread(layer.activation, layer.inputs, layer.units) * sqrt(layer.inputs * layer.units)


RULES = (
    Rule(
        "poor_initialization",
        "poor initialization",
        f"in step 1 the mean square of W is over {SPREADS:g} times off what suits it, Z's variance changes over "
        f"{SPREADS:g} times through hidden layers ({SPREAD_A_LAYER:g} a layer), half of one is flat, or cross-entropy "
        f"is over {FAR_ABOVE:g} times an even guess's",
        poor_initialization,
        patience=1,
        until=1,
    ),
    Rule(
        "symmetric_weights",
        "symmetric weights",
        "two units of a hidden layer have the same weights in and out, so that they learn the same for ever",
        symmetric_weights,
        until=FIRST_STEPS,
    ),
)
