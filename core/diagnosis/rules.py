"""The rules of the diagnosis, each a pure function of one measurement and what it remembers of those before.

Thresholds are the published ones of SageMaker Debugger, AutoTrainer, nnscope and cs231n where these hold on small
networks too. They are relative: a network that has learned what there is has tiny gradients everywhere, and is well.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from math import inf, isfinite, sqrt

from backprop_tui.core.network.usual_start import fitting_initializer, usual_spread
from backprop_tui.core.ops.quantity import of_layer

from .findings import Severity, Symptom
from .held_out_trend import LEARNED, OVERFIT
from .measurement import Measurement
from .statistics import LayerStatistics, Units

PATIENCE = 3
"""Measurements in a row that a symptom has to be there, or gone."""
CONFIRMED = 2
"""The same for rules that look at many steps themselves."""
FIRST_STEPS = 10
"""Steps that are all measured."""

VANISHED = 1e-3
EXPLODED = 70.0
MANY, SOME = 0.5, 0.25
CHOKED = 0.25
STEEPEST = {"tanh": 1.0, "sigmoid": 0.25}
SPREADS, SPREAD_A_LAYER, FAR_ABOVE, ENOUGH = 10.0, 2.0, 3.0, 8
WORSE, WORSE_AT_ONCE = 1.1, 2.0
LARGE_STEP, SMALL_STEP, TINY_STEP = 0.05, 1e-3, 1e-4
SLIGHT_FALL, SLOW_FALL = 0.01, 0.05
STIFF = 0.05
STRONG = 0.25
FAR = 5.0
STALE = 10
SOLVED, UNSOLVED = 0.01, 0.5

Symptoms = Iterator[Symptom]


def not_finite(now: Measurement) -> Symptoms:
    for name, layer, value in () if now.finite else now.numbers():
        if not isfinite(value):
            yield Symptom("not_finite", "error", f"{name} is not finite", inf, None, layer)
            return


def vanishing_gradient(now: Measurement) -> Symptoms:
    if now.trend.now < SOLVED:
        return
    for symbol, sizes in gradients(now):
        shares = shares_of_last(sizes)
        if any(0 < share < VANISHED for share in shares):
            # Below a gradient that has almost vanished it may be 0 to the last digit.
            layer = next(i for i, share in enumerate(shares, 1) if share < VANISHED)
            yield compared("vanishing_gradient", "warning", symbol, shares, layer, VANISHED)
            return


def exploding_gradient(now: Measurement) -> Symptoms:
    if now.trend.now < UNSOLVED:
        return
    shares = shares_of_last([layer.error or 0.0 for layer in now.layers])
    if shares and max(shares) > EXPLODED:
        yield compared("exploding_gradient", "warning", "dZ", shares, shares.index(max(shares)) + 1, EXPLODED)


def gradients(now: Measurement) -> Iterator[tuple[str, list[float]]]:
    """The norms of dZ and of dW by layer."""
    yield "dZ", [layer.error or 0.0 for layer in now.layers]
    yield "dW", [layer.gradient or 0.0 for layer in now.layers]


def shares_of_last(sizes: list[float]) -> list[float]:
    """The norms of all layers but the last, in shares of the last one's; none where that is 0."""
    return [size / sizes[-1] for size in sizes[:-1]] if sizes[-1] else []


def compared(rule: str, severity: Severity, symbol: str, shares: list[float], layer: int, limit: float) -> Symptom:
    share, last = shares[layer - 1], len(shares) + 1
    evidence = f"‖{of_layer(symbol, layer)}‖ is {share:.2g} times ‖{of_layer(symbol, last)}‖"
    return Symptom(rule, severity, evidence, share, limit, layer, form=symbol)


def dead_units(now: Measurement) -> Symptoms:
    for layer in now.layers:
        if layer.inactive is None or len(layer.inactive) < SOME * layer.units:
            continue
        silent = now.silent.get(layer.layer)
        if not silent:
            where = f"give 0 for all {now.batch} examples of the batch"
            yield of_units("dead_units", "info", layer, layer.inactive, where, SOME, "batch")
            continue
        share = len(silent) / layer.units
        severity: Severity = "error" if share == 1 else "warning" if share >= MANY else "info"
        where = f"give 0 for all {now.examples} training examples"
        yield of_units("dead_units", severity, layer, silent, where, MANY if share >= MANY else SOME)


def saturated_units(now: Measurement) -> Symptoms:
    if now.trend.now < UNSOLVED:
        return
    for layer in now.layers:
        if not layer.saturated or layer.passed is None or len(layer.saturated) < MANY * layer.units:
            continue
        if layer.passed < CHOKED * steepest(layer):
            where = f"are flat for most of the batch; the slopes leave {layer.passed:.2g} of the gradient"
            yield of_units("saturated_units", "warning", layer, layer.saturated, where, MANY)


def steepest(layer: LayerStatistics) -> float:
    """The largest slope that the layer's activation has."""
    return STEEPEST.get(layer.activation, 1.0)


def of_units(
    rule: str, severity: Severity, layer: LayerStatistics, units: Units, where: str, limit: float, form: str = ""
) -> Symptom:
    share = len(units) / layer.units
    evidence = f"{len(units)} of {layer.units} units of layer {layer.layer} ({share:.0%}) {where}"
    return Symptom(rule, severity, evidence, share, limit, layer.layer, units, layer.layer, form)


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
    ratio = spreads[-1] / spreads[0]
    whole = ratio * ratio
    value = max(whole, 1 / whole)
    each = whole ** (1 / (len(spreads) - 1))
    if value > SPREADS and max(each, 1 / each) > SPREAD_A_LAYER:
        number = len(spreads) + 1
        evidence = (
            f"the variance of {of_layer('Z', number)} is {whole:.2g} times that of {of_layer('Z', 2)}, "
            f"{each:.2g} times a layer"
        )
        yield Symptom("poor_initialization", "warning", evidence, value, SPREADS, number, form="spread")


def saturated_start(now: Measurement) -> Symptoms:
    for layer in now.layers[:-1]:
        if layer.saturated and len(layer.saturated) >= MANY * layer.units:
            share = len(layer.saturated) / layer.units
            evidence = f"{share:.0%} of the units of layer {layer.layer} are flat for most of the batch from the start"
            yield Symptom("poor_initialization", "warning", evidence, share, MANY, layer.layer, layer.saturated)


def high_first_loss(now: Measurement) -> Symptoms:
    first = now.trend.first
    if now.loss_kind.endswith("cross_entropy") and first > FAR_ABOVE:
        evidence = f"the first loss is {first:.2g} times that of the best constant answer"
        yield Symptom("poor_initialization", "warning", evidence, first, FAR_ABOVE, len(now.layers), form="loss")


def symmetric_weights(now: Measurement) -> Symptoms:
    for number, units in now.twins.items():
        layer = now.layer(number)
        evidence = (
            f"{len(units)} of {layer.units} units of layer {number} have the same weights, in and out, as another"
        )
        share = len(units) / layer.units
        yield Symptom("symmetric_weights", "warning", evidence, share, 0.0, number, units, number)


def learning_rate_too_high(now: Measurement) -> Symptoms:
    trend = now.trend
    start = max(trend.first, 1.0)
    limit = WORSE if trend.whole else WORSE_AT_ONCE
    if trend.steps >= FIRST_STEPS // 2 and trend.now > limit * start and now.ratio > SMALL_STEP:
        of = "that of the best constant answer" if trend.first <= 1 else "the first one"
        evidence = f"the mean loss of the last steps is {trend.now / start:.2g} times {of}"
        yield Symptom("learning_rate_too_high", "warning", evidence, trend.now / start, limit, form="worse")
    elif trend.fall is not None and trend.fall < SLIGHT_FALL and trend.now > UNSOLVED and strides(now):
        evidence = f"‖ΔW‖/‖W‖ is {now.ratio:.2g} and the loss fell by {trend.fall:.1%} only"
        yield Symptom("learning_rate_too_high", "warning", evidence, now.ratio, LARGE_STEP, form="step")


def strides(now: Measurement) -> bool:
    """Whether the steps are large, also beside weights of the usual size: tiny weights double at any step."""
    own = any(layer.update and layer.update > LARGE_STEP * usual_norm(layer) for layer in now.layers)
    return own and now.ratio > LARGE_STEP


def usual_norm(layer: LayerStatistics) -> float:
    return usual_spread(layer.activation, layer.inputs, layer.units) * sqrt(layer.inputs * layer.units)


def learning_rate_too_low(now: Measurement) -> Symptoms:
    if is_too_low(now):
        evidence = (
            f"‖ΔW‖/‖W‖ is {now.ratio:.2g}, and ‖∇ℒ‖ is still {now.gradient / now.first_gradient:.0%} of the first"
        )
        yield Symptom("learning_rate_too_low", "warning", evidence, now.ratio, TINY_STEP)


def is_too_low(now: Measurement) -> bool:
    """Whether nothing but small steps keeps the loss from falling."""
    trend = now.trend
    return (
        trend.fall is not None
        and trend.fall < SLOW_FALL
        and trend.now > UNSOLVED
        and 0 < now.ratio < TINY_STEP
        and now.elasticity > STIFF
        and now.gradient > STRONG * now.first_gradient
    )


def slow_convergence(now: Measurement) -> Symptoms:
    trend = now.trend
    if (
        trend.fall is not None
        and trend.halving is not None
        and trend.now > UNSOLVED
        and trend.stale < STALE
        and now.ratio < SMALL_STEP
        and trend.halving > FAR * trend.steps
        and not is_too_low(now)
    ):
        evidence = f"at this pace the loss takes {trend.halving:,.0f} more steps to halve, after {trend.steps:,}"
        value = trend.halving / trend.steps
        yield Symptom("slow_convergence", "warning", evidence, value, FAR)


def plateau(now: Measurement) -> Symptoms:
    trend = now.trend
    flat = trend.stale >= STALE and UNSOLVED < trend.now <= WORSE * max(trend.first, 1.0)
    if flat and now.ratio <= LARGE_STEP and not is_too_low(now):
        evidence = (
            f"no new lowest mean loss for {trend.stale * trend.period:,} steps; it is {trend.now:.0%} of that of the "
            "best constant answer"
        )
        yield Symptom("plateau", "warning", evidence, float(trend.stale), float(STALE))


def overfitting(now: Measurement) -> Symptoms:
    test = now.test
    if test is not None and test.overfit >= PATIENCE:
        evidence = (
            f"the test loss is {test.last:.3g}, {test.last / test.lowest:.2g} times its lowest of step {test.step}; "
            f"the training loss went from {test.training_then:.3g} to {test.training:.3g}"
        )
        yield Symptom("overfitting", "warning", evidence, test.last / test.lowest, OVERFIT)


@dataclass(frozen=True, slots=True)
class Rule:
    """`definition`: the rule in one line, with its thresholds. `patience`: measurements in a row that it takes.

    `until`: the last step at which it looks for new symptoms; None where it always does.
    """

    id: str
    title: str
    definition: str
    see: Callable[[Measurement], Symptoms]
    patience: int = PATIENCE
    until: int | None = None


RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "not_finite",
            "numbers that are not finite",
            "a loss, gradient or weight is infinite or no number at all",
            not_finite,
            patience=1,
        ),
        Rule(
            "exploding_gradient",
            "exploding gradient",
            f"‖dZ‖ of some layer is over {EXPLODED:g} times that of the last, and the loss is not yet halved",
            exploding_gradient,
            patience=1,
        ),
        Rule(
            "vanishing_gradient",
            "vanishing gradient",
            f"‖dZ‖ or ‖dW‖ of some layer is below {VANISHED:g} of that of the last, and the loss is not yet near 0",
            vanishing_gradient,
        ),
        Rule(
            "dead_units",
            "dead units",
            f"at least {MANY:.0%} of a layer's relu units give 0 for the whole training part; {SOME:.0%}: info",
            dead_units,
        ),
        Rule(
            "saturated_units",
            "saturated units",
            "at least half of a layer's units are flat (|tanh| > 0.97, σ < 0.03 or > 0.97) for most of the batch, and "
            f"its slopes pass less than {CHOKED:g} of what they could, and the loss is not yet halved",
            saturated_units,
        ),
        Rule(
            "poor_initialization",
            "poor initialization",
            f"in the first step the mean square of W is over {SPREADS:g} times more or less than suits the "
            f"activation, or the variance of Z changes over {SPREADS:g} times through the hidden layers and over "
            f"{SPREAD_A_LAYER:g} times a layer, or half of a hidden layer is saturated, or cross-entropy is over "
            f"{FAR_ABOVE:g} times a constant answer's",
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
        Rule(
            "learning_rate_too_high",
            "learning rate too high",
            f"‖ΔW‖/‖W‖ is over {SMALL_STEP:g} and the loss over {WORSE:g} times the first one and a constant answer's, "
            f"or ‖ΔW‖/‖W‖ is over {LARGE_STEP:g} and the loss does not fall",
            learning_rate_too_high,
        ),
        Rule(
            "learning_rate_too_low",
            "learning rate too low",
            f"‖ΔW‖/‖W‖ is below {TINY_STEP:g} and the loss hardly falls, though the gradient is not much weaker than "
            "in the first step",
            learning_rate_too_low,
            patience=CONFIRMED,
        ),
        Rule(
            "slow_convergence",
            "slow convergence",
            f"‖ΔW‖/‖W‖ is below {SMALL_STEP:g}, and at its pace the loss would halve in over {FAR:g} times the steps "
            "done",
            slow_convergence,
            patience=CONFIRMED,
        ),
        Rule(
            "plateau",
            "plateau",
            f"no new lowest mean loss for {STALE} epochs, or as many stretches of steps, and the loss is over "
            f"{UNSOLVED:.0%} of a constant answer's",
            plateau,
            patience=CONFIRMED,
        ),
        Rule(
            "overfitting",
            "overfitting",
            f"the test loss is over {OVERFIT:g} times its lowest, and the training loss under {LEARNED:g} of what it "
            f"was then, in {PATIENCE} evaluations in a row",
            overfitting,
            patience=1,
        ),
    )
}


def symptoms(now: Measurement, active: Collection[str]) -> list[Symptom]:
    """What the rules see; those for the start of a run look only there, and as long as they are `active`.

    Where numbers are not finite there is nothing else to see.
    """
    broken = list(not_finite(now))
    return broken or [
        symptom
        for rule in RULES.values()
        if rule.until is None or now.step <= rule.until or rule.id in active
        for symptom in rule.see(now)
    ]
