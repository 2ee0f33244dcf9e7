"""Why a symptom is there, of what was recorded in the very step that showed it: one or two sentences."""

from collections.abc import Callable

import numpy as np

from backprop_tui.core.diagnosis.causes import FLAT_BEYOND, USUAL_STEP
from backprop_tui.core.diagnosis.findings import Symptom
from backprop_tui.core.diagnosis.measurement import Measurement
from backprop_tui.core.ops.expression import signed

from .recorded_measurements import Recorded


def cause(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    """The cause of a symptom that was seen in `now`."""
    return CAUSES[symptom.rule](symptom, now, run)


def of_decay(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    """How the gradient goes from layer to layer on its way down."""
    sizes = [(layer.error if symptom.form == "dZ" else layer.gradient) or 0.0 for layer in now.layers]
    way = [f"{size:.2g}" for size in reversed(sizes)]
    told = ", ".join(way if len(way) <= 8 else shortened(way))
    text = f"From the last layer down to the first ‖{symptom.form}‖ is {told}"
    used = sorted({layer.activation for layer in now.layers[:-1] if layer.activation in FLAT_BEYOND})
    if symptom.value < 1 and used:
        slopes = {"sigmoid": "a sigmoid's slope is 0.25 at most", "tanh": "tanh's slope is 1 at most, and 0 far from 0"}
        return (
            text
            + f": each step down multiplies it by Wᵀ and by slopes, and {' and '.join(slopes[name] for name in used)}."
        )
    return text + ": each step down multiplies it by Wᵀ and by the slopes of the activation."


def shortened(way: list[str]) -> list[str]:
    return [*way[:4], "…", *way[-3:]]


def of_death(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    own = run.arrays.get(now.step, {}).get(symptom.layer or 1)
    text = "Below 0 the slope of relu is 0, and their weights get no gradient"
    places = np.array(symptom.units) - 1
    if own is not None and own.Z is not None and own.Z.ndim == 2 and places.max() < own.Z.shape[1]:
        layer = run.layer(symptom.layer)
        Z = own.Z[:, places]
        if not layer.normalized:
            largest, mean = (signed(f"{float(size):.2g}") for size in (Z.max(), Z.mean()))
            text = f"In this batch the largest of their Z is {largest}, the mean {mean}: below 0 the slope is 0, and "
            text += "their weights get no gradient"
    return text + "." + what_threw(now, run)


def what_threw(now: Measurement, run: Recorded) -> str:
    """What the largest update was, where it was large."""
    largest = now.largest
    if largest.ratio <= 0.05:
        return ""
    name = run.layer(largest.layer).text
    return (
        f" The largest update that was recorded changed W of {name} by {largest.ratio:.2g} of its norm, in step "
        f"{largest.step:,}."
    )


def of_saturation(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    own, layer = now.layer(symptom.layer or 1), run.layer(symptom.layer)
    text = f"{own.activation} is flat beyond ±{FLAT_BEYOND[own.activation]:g}"
    arrays = run.arrays.get(now.step, {}).get(layer.number)
    if arrays is not None and arrays.Z is not None and not layer.normalized:
        text = f"The entries of Z are {float(np.sqrt(np.mean(np.square(arrays.Z)))):.2g} in root mean square; " + text
    return text + f"; the slopes there are {own.passed or 0.0:.2g} in root mean square." + what_threw(now, run)


def of_initialization(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    own, layer = now.layer(symptom.layer or 1), run.layer(symptom.layer)
    spread = own.weights / (layer.units * layer.inputs) ** 0.5
    text = f"The entries of {layer.weights[0]} are {spread:.2g} in root mean square at the start"
    what = "swells" if symptom.form == "large" else "fades"
    return text + f": what comes through {what} more than it should."


def of_symmetry(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    weight = next((step.array(f"θ/{run.layer(symptom.layer).weights[0]}") for step in run.whole.values()), None)
    text = (
        "Units that compute the same and are weighted the same get the same gradient: they stay one unit, many times."
    )
    if weight is not None and not weight.any():
        return f"{run.layer(symptom.layer).weights[0]} begins as 0 everywhere. " + text
    return text


def of_large_steps(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    largest = now.largest
    text = f"{updates(run)} all weights together by {now.ratio:.2g} of their norm"
    if largest.ratio > now.ratio:
        name = run.layer(largest.layer).text
        text += f", and changed those of {name} by {largest.ratio:.2g} in step {largest.step:,}"
    rate = run.rate(now.step)
    text += f"; the rule of thumb is {USUAL_STEP:g}. The steps go past where the gradient they follow holds."
    return text if rate is None else text + f" The learning rate is {rate:g}."


def of_small_steps(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    share = now.gradient / now.first_gradient if now.first_gradient else 0.0
    text = f"{updates(run)} all weights together by {now.ratio:.2g} of their norm; the rule of thumb is {USUAL_STEP:g}"
    rate = run.rate(now.step)
    if rate is not None:
        text += f". The learning rate is {rate:g}"
    if len(run.measured) < 2:
        return text + f". ‖∇ℒ‖ was {now.gradient:.2g} there."
    return text + f". ‖∇ℒ‖ is {now.gradient:.2g}, {share:.0%} of that of the first kept step."


def updates(run: Recorded) -> str:
    """The steps that a ratio is of: the last kept ones."""
    if len(run.measured) == 1:
        return f"In step {run.measured[0]:,}, the only kept one, the update changed"
    return "In the last kept steps an update changed"


def of_plateau(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    text = f"In the last kept step ‖∇ℒ‖ was {now.gradient:.2g}"
    text += f"; an update changed the weights by {now.ratio:.2g} of their norm."
    return text if run.known.known else text + " How low this loss can go is not known: it may be as low as it goes."


def of_numbers(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    broken = batches_not_finite(run)
    if broken:
        return f"The batch of step {broken[0]:,} has numbers that are not finite in it."
    largest = now.largest
    if not run.layers or largest.ratio == 0:
        return "What was recorded before does not show what brought it about."
    name = run.layer(largest.layer).text
    return (
        f"Before, the largest update that was recorded changed W of {name} by {largest.ratio:.2g} of its norm, in step "
        f"{largest.step:,}."
    )


def batches_not_finite(run: Recorded) -> list[int]:
    """The kept steps whose batch has numbers that are not finite."""
    return [step for step, kept in sorted(run.whole.items()) if bad(kept.array("inputs")) or bad(kept.array("targets"))]


def bad(array: object) -> bool:
    return isinstance(array, np.ndarray) and not bool(np.isfinite(array).all())


def of_inputs(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    size = symptom.value
    text = (
        f"dW of {run.layer(1).text} has the size of its inputs in it, and Z once more: through this input an update "
        f"moves Z {size * size:.2g} times as far as with one of root mean square 1"
    )
    flat = now.layers[0].saturated_share
    return text + (f"; {flat:.0%} of its units are flat." if flat and len(now.layers) > 1 else ".")


def of_targets(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    return (
        f"The gradient is as large as the error: with targets of {symptom.value:.2g} in root mean square ‖∇ℒ‖ was "
        f"{now.first_gradient:.2g} in the first kept step, and a step is as long."
    )


def of_one_class(symptom: Symptom, now: Measurement, run: Recorded) -> str:
    return f"The loss is {now.trend.now:.0%} of {run.known.of}: what the network gives hardly depends on the inputs."


CAUSES: dict[str, Callable[[Symptom, Measurement, Recorded], str]] = {
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
    "inputs_not_scaled": of_inputs,
    "targets_not_scaled": of_targets,
    "one_class_only": of_one_class,
}
