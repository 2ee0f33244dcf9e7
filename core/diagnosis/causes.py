"""Why a symptom is there: one or two sentences, made of what was measured in the very step that showed it."""

from collections.abc import Callable
from math import hypot, inf, isfinite, isnan

import numpy as np

from backprop_tui.core.chain_rule.attribution import Group, Way, attribution
from backprop_tui.core.network.schedule import RATE
from backprop_tui.core.network.usual_start import fitting_initializer, usual_spread
from backprop_tui.core.ops.expression import signed
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array, of_layer
from backprop_tui.core.training.plan import Plan

from .cures import large_epsilon
from .findings import Symptom
from .measurement import Measurement
from .rule import WORSE

USUAL_STEP = 1e-3
"""The rule of thumb for ‖ΔW‖/‖W‖."""
LARGE_STEP = 0.05
FLAT_BEYOND = {"tanh": 2.1, "sigmoid": 3.5}


def cause(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    """The cause of a symptom of the step whose backward pass and update `plan` holds."""
    return CAUSES[symptom.rule](symptom, now, plan, layers)


def of_decay(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    """Which factors of the chain rule made the gradient smaller, or larger, on its way down."""
    found, lower, upper = attribution(plan, layers), symptom.layer or 1, len(layers)
    way = found.between(lower, upper) if symptom.form == "dZ" else found.between_weights(lower, upper)
    return f"On its way from layer {upper} down to layer {lower} " + factors(way, smaller=symptom.value < 1)


def factors(way: Way, *, smaller: bool) -> str:
    """What did most on the way, with its share of the whole in log₁₀, and what else did something."""
    stopped = way.stopped_by
    if stopped is not None:
        return f"in layer {stopped.layer} the {stopped.title} make the gradient exactly 0."
    groups = way.groups if smaller else way.groups[::-1]
    main, *others = groups
    word = "weaken" if smaller else "strengthen"
    text = f"{main.title} {word} the gradient most, and multiply it by {main.extent}{share_of(main, way)}"
    rest = [group for group in others if isfinite(group.log10) and abs(group.log10) > 0.05]
    if rest:
        text += "; " + ", ".join(f"{group.title} multiply it by {group.extent}" for group in rest)
    return text + "."


def share_of(group: Group, way: Way) -> str:
    """`, 94 % of the whole in log₁₀`; nothing where others work against it."""
    share = group.log10 / way.log10 if way.log10 else 0.0
    return f", {share:.0%} of the whole in log₁₀" if isfinite(share) and 0 < share <= 1 else ""


def of_death(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    assert symptom.layer is not None
    layer = layers[symptom.layer - 1]
    Z = (plan.find("N", layer.number) or plan["Z", layer.number]).array[np.array(symptom.units) - 1]
    name = of_layer("N" if layer.batch_norm else "Z", layer.number)
    largest, mean = (signed(f"{float(number):.2g}") for number in (Z.max(), Z.mean()))
    text = f"In this batch the largest of their {name} is {largest}, the mean {mean}: "
    text += "below 0 the slope is 0, and their weights get no gradient"
    if symptom.form == "batch":
        return text + " from it. Other examples may wake them."
    return text + "." + what_the_biases_do(symptom, plan, layer, Z) + what_threw(now)


def what_the_biases_do(symptom: Symptom, plan: Plan, layer: Layer, Z: Array) -> str:
    """That the biases hold the units below 0, where without them they would give something."""
    biases = plan.find("b", layer.number)
    if biases is None or layer.batch_norm:
        return ""
    own = biases.array.reshape(-1)[np.array(symptom.units) - 1]
    without = Z - own[:, np.newaxis]
    if not (without > 0).any():
        return ""
    woken = int((without > 0).any(axis=1).sum())
    mean = signed(f"{float(own.mean()):.2g}")
    return f" Their biases, {mean} in the mean, make them so: without these {woken} of {len(own)} would give something."


def what_threw(now: Measurement) -> str:
    """What the largest update was, where it was large."""
    largest = now.largest
    if largest.ratio <= LARGE_STEP:
        return ""
    name = of_layer("W", largest.layer)
    return f" The largest update changed {name} by {largest.ratio:.2g} of its norm, in step {largest.step}."


def of_saturation(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    assert symptom.layer is not None
    layer, statistics = layers[symptom.layer - 1], now.layer(symptom.layer)
    values = (plan.find("N", layer.number) or plan["Z", layer.number]).array
    size = float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))
    name = of_layer("N" if layer.batch_norm else "Z", layer.number)
    text = f"The entries of {name} are {size:.2g} in root mean square; "
    text += f"{layer.activation} is flat beyond ±{FLAT_BEYOND[layer.activation]:g}"
    if statistics.passed is not None:
        text += f", so that dA ⊙ {layer.activation}′ keeps {statistics.passed:.2g} of the gradient's norm"
    return text + "." + what_threw(now)


def of_initialization(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    assert symptom.layer is not None
    layer, weights = layers[symptom.layer - 1], plan["W", symptom.layer].array
    spread = float(np.sqrt(np.mean(np.square(weights, dtype=np.float64))))
    usual, name = usual_spread(layer.activation, layer.inputs, layer.units), fitting_initializer(layer.activation)
    text = f"The entries of {of_layer('W', layer.number)} are {spread:.2g} in root mean square"
    text += f", those of {name} {usual:.2g}"
    sizes = now.layer(layer.number)
    if sizes.preactivations is not None:
        text += f"; {of_layer('Z', layer.number)} spreads by {sizes.preactivations[1]:.2g}"
    return text + "."


def of_symmetry(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    assert symptom.layer is not None
    weights = plan["W", symptom.layer].array
    if not weights.any():
        return (
            f"{of_layer('W', symptom.layer)} is 0 everywhere: what a unit gives does not depend on the inputs, and all "
            "get the same gradient."
        )
    return (
        "Units that compute the same and are weighted the same get the same gradient: they stay one unit, many times."
    )


def of_large_steps(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    largest = now.largest
    text = f"An update changes all weights together by {now.ratio:.2g} of their norm now"
    if largest.ratio > now.ratio:
        text += f", and changed those of layer {largest.layer} by {largest.ratio:.2g} in step {largest.step}"
    return text + f"; the rule of thumb is {USUAL_STEP:g}. The steps go past where the gradient they follow holds."


def of_small_steps(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    text = (
        f"An update changes all weights together by {now.ratio:.2g} of their norm; the rule of thumb is {USUAL_STEP:g}"
    )
    rate = plan.find(RATE, None)
    if rate is not None:
        text += f". The schedule has brought the learning rate to {rate.value(()):.2g}"
    text += what_shortens(now)
    if symptom.rule == "learning_rate_too_low":
        return text + f". The gradient is not to blame: ‖∇ℒ‖ is {now.gradient:.2g}, it was {now.first_gradient:.2g}."
    share = now.gradient / now.first_gradient if now.first_gradient else 0.0
    return text + f". ‖∇ℒ‖ is {now.gradient:.2g}, {share:.0%} of that of step 1."


def what_shortens(now: Measurement) -> str:
    """What of the optimizer's settings makes steps short, but for the learning rate."""
    optimizer, text = now.circumstances.preset.optimizer, ""
    if optimizer.clip_norm is not None and now.gradient > optimizer.clip_norm:
        text += f". Clipping to a norm of {optimizer.clip_norm:g} leaves {optimizer.clip_norm / now.gradient:.2g} of ∇ℒ"
    if large_epsilon(now.circumstances.preset):
        text += f". ε = {optimizer.epsilon:g} is added to what each entry of a step is divided by"
    return text


def of_plateau(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    bottom, top = now.layers[0], now.layers[-1]
    text = f"‖∇ℒ‖ is {now.gradient:.2g}; a step changes the weights by {now.ratio:.2g} of their norm"
    if symptom.form == "optimum":
        return text + ", and no parameters near these were found with a lower loss: this may be as low as it goes."
    if len(layers) > 1 and top.error and bottom.error is not None and bottom.error < 0.1 * top.error:
        found = attribution(plan, layers)
        text += f". Layer 1 gets {bottom.error / top.error:.2g} of layer {len(layers)}'s gradient: "
        return text + factors(found.between(1, len(layers)), smaller=True)
    return text + "."


def of_overfitting(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    parameters = sum(layer.size for layer in layers)
    return (
        f"{parameters:,} parameters learn {now.examples:,} training examples: what they learned since step "
        f"{now.test.step if now.test else now.step} holds for these, and not for the test set."
    )


def of_numbers(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    largest = now.largest
    if largest.ratio == 0 or isnan(largest.ratio):
        return "The numbers outgrew what the type of the numbers can hold."
    return (
        f"Before, the largest update that was measured changed {of_layer('W', largest.layer)} by {largest.ratio:.2g} "
        f"of its norm, in step {largest.step}."
    )


def of_inputs(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    if symptom.form == "small":
        return (
            "dW⁽¹⁾ = dZ⁽¹⁾ Xᵀ/m has the size of the inputs in it, and Z⁽¹⁾ once more: an update parts the Z⁽¹⁾ of two "
            f"examples {symptom.value**2:.2g} times as far as with normalized inputs."
        )
    name, size = now.circumstances.largest_input
    text = (
        f"dW⁽¹⁾ = dZ⁽¹⁾ Xᵀ/m has the size of the inputs in it, and Z⁽¹⁾ once more: through {name} an update moves Z⁽¹⁾ "
        f"{size * size:.2g} times as far as with an input of root mean square 1"
    )
    flat = now.layers[0].saturated_share
    if flat and len(layers) > 1:
        text += f"; {flat:.0%} of the units of layer 1 are flat"
    return text + "."


def of_targets(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    return (
        "The gradient is as large as the error: with targets of "
        f"{now.circumstances.target_size:.2g} in root mean square ‖∇ℒ‖ was {now.first_gradient:.2g} in step 1, "
        "and a step is as long."
    )


def of_range(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    low, high = now.circumstances.output_range
    reach = f"between {low:g} and {high:g}" if high < inf else f"from {low:g} on"
    return (
        f"A = {layers[-1].activation}(Z) lies {reach} whatever the weights: such a target is never reached, and the "
        "gradient drives Z to where the slope is 0."
    )


def of_fixed_answer(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    return "With X = 0 and no bias every Z is W·0 = 0, and dW = dZ·0 = 0: the example teaches nothing either."


def of_one_example(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    return (
        "The mean over one example is the example itself: Ẑ = 0 and N = β whatever the inputs, and dZ is 0 in that "
        f"layer, so that nothing below it learns{' in that step' if symptom.form == 'rest' else ''}."
    )


def of_order(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    return "A batch of one class pulls all answers to that class, and the next class's batches pull them back."


def of_penalty(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    optimizer = now.circumstances.preset.optimizer
    text = f"‖∇ℒ‖ of the data is {now.gradient:.2g}"
    if optimizer.l2:
        text += f", the L2 penalty's λ‖W‖ {optimizer.l2 * hypot(*(layer.weights for layer in now.layers)):.2g}"
    return text + ": the weights go to 0 faster than the data can make them grow."


def of_dropout(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    layer = layers[(symptom.layer or 1) - 1]
    return (
        f"In {layer.dropout**layer.units:.0%} of the passes no unit of layer {layer.number} is left, and each that is "
        f"stands for {1 / (1 - layer.dropout):.2g}: what comes through is noise more than signal."
    )


def of_line(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    text = "Layers without a nonlinearity between them are one matrix" if len(layers) > 1 else "One layer is a line"
    if now.trend.now > WORSE:
        return f"{text}, at any rate. The loss is above that of the best constant answer, which a line can give too."
    return f"{text}: ‖∇ℒ‖ is {now.gradient:.2g}, this is about the best that a line can give."


def of_few_units(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    layer = layers[(symptom.layer or 1) - 1]
    what = "one number" if layer.units == 1 else f"{layer.units} numbers"
    return (
        f"All that the layers above layer {layer.number} know of an example is {what}. ‖∇ℒ‖ is {now.gradient:.2g}: "
        "these units do what they can from here."
    )


def of_symmetric_outputs(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    if symptom.form == "mirror":
        return "Without biases Z(−x) = −Z(x), layer by layer: what both have in common is lost before the output."
    return "Outputs that compute the same from what is 0, or from units that are the same, get the same gradient."


def of_one_class(symptom: Symptom, now: Measurement, plan: Plan, layers: tuple[Layer, ...]) -> str:
    return (
        f"The loss is {now.trend.now:.0%} of that of the best answer which is the same for every example: what the "
        "network gives depends too little on the inputs for any other class."
    )


Cause = Callable[[Symptom, Measurement, Plan, tuple[Layer, ...]], str]
CAUSES: dict[str, Cause] = {
    "not_finite": of_numbers,
    "exploding_gradient": of_decay,
    "vanishing_gradient": of_decay,
    "dead_units": of_death,
    "saturated_units": of_saturation,
    "poor_initialization": of_initialization,
    "symmetric_weights": of_symmetry,
    "learning_rate_too_high": of_large_steps,
    "learning_rate_too_low": of_small_steps,
    "slow_convergence": of_small_steps,
    "plateau": of_plateau,
    "overfitting": of_overfitting,
    "inputs_not_scaled": of_inputs,
    "targets_not_scaled": of_targets,
    "targets_out_of_range": of_range,
    "fixed_answer": of_fixed_answer,
    "batch_norm_of_one": of_one_example,
    "sorted_examples": of_order,
    "penalty_too_strong": of_penalty,
    "dropout_too_strong": of_dropout,
    "linear_network": of_line,
    "too_few_units": of_few_units,
    "symmetric_outputs": of_symmetric_outputs,
    "one_class_only": of_one_class,
}
