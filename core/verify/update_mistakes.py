"""Mistakes of the update: what the optimizer makes of the gradient."""

from collections.abc import Callable

import numpy as np

from backprop_tui.core.ops.norm import norm

from .mistake import Mistake, WholeForm, WholeRule
from .step import Array, Step

ADAM = ("adam", "adamw")
ROOTS = ("adam", "adamw", "rmsprop", "adagrad")


def ascent(step: Step) -> Array:
    return -step.delta()


def ascent_of_gradient(step: Step) -> Array:
    """The step of the gradient turned round, while penalty and decay still pull to 0."""
    if step.optimizer.kind == "adamw":
        return step.delta() - 2 * step.delta(step.with_optimizer(weight_decay=0.0))
    return step.delta(gradient=-step.gradient)


def without_biases(step: Step) -> Array | None:
    if all(step.parameter("b", layer) is None for layer in range(1, step.L + 1)):
        return None
    delta = step.delta()
    for layer in step.layers:
        biases = layer.biases(delta)
        if biases is not None:
            biases[...] = 0
    return delta


def rate_over_m(step: Step) -> Array | None:
    return step.delta() / step.m if step.m > 1 else None


def settings(kinds: tuple[str, ...], **changes: object) -> WholeRule:
    """The update of the optimizer with other settings, if it is one of these kinds."""

    def rule(step: Step) -> Array | None:
        old = step.optimizer
        if old.kind not in kinds or all(getattr(old, name) == value for name, value in changes.items()):
            return None
        return step.delta(step.with_optimizer(**changes))

    return rule


def velocity_times(factor: Callable[[float], float]) -> WholeRule:
    """Momentum whose velocity of the steps before enters with another factor than β."""

    def rule(step: Step) -> Array | None:
        old = step.optimizer
        if old.kind not in ("momentum", "nesterov") or not any(array.any() for array in step.start.moments.values()):
            return None
        return step.delta(step.with_optimizer(momentum=factor(old.momentum)))

    return rule


def off_by_one(by: int) -> WholeRule:
    """Adam's bias correction with the number of another step; of step 0 it divides 0 by 0."""

    def rule(step: Step) -> Array | None:
        if step.optimizer.kind not in ADAM or not step.optimizer.bias_correction:
            return None
        number = step.number + by
        if number < 1:
            return np.full_like(step.gradient, np.nan)
        return step.delta(number=number)

    return rule


def penalty_times(factor: Callable[[Step], float]) -> WholeRule:
    """Penalties and decay with other factors."""

    def rule(step: Step) -> Array | None:
        old, by = step.optimizer, factor(step)
        if not (old.l1 or old.l2 or old.weight_decay) or by == 1:
            return None
        changes = {"l1": old.l1 * by, "l2": old.l2 * by, "weight_decay": old.weight_decay * by}
        return step.delta(step.with_optimizer(**changes))

    return rule


def in_loss_only(step: Step) -> Array | None:
    """No penalty in the update, where the loss has it."""
    return penalty_times(lambda step: 0.0)(step) if "penalty_in_loss" in step.conventions else None


def penalised_biases(step: Step) -> Array | None:
    """The penalty on biases as well."""
    old = step.optimizer
    if not (old.l1 or old.l2):
        return None
    gradient = step.gradient.copy()
    for layer in step.layers:
        b, db = layer.biases(step.parameters), layer.biases(gradient)
        if b is not None and db is not None:
            db += old.l2 * b + old.l1 * np.sign(b)
    return step.delta(gradient=gradient)


def coupled(step: Step) -> Array | None:
    """AdamW's decay inside the gradient, as Adam has it."""
    if step.optimizer.kind != "adamw" or not step.optimizer.weight_decay:
        return None
    return step.delta(step.with_optimizer(kind="adam"))


def clipped_apart(by_layer: bool) -> WholeRule:
    """Clipping by norm, for each layer or each array by its own norm."""

    def rule(step: Step) -> Array | None:
        limit = step.optimizer.clip_norm
        if limit is None:
            return None
        gradient = penalised(step)
        for layer in step.layers:
            parts = (
                [gradient[layer.start : layer.start + layer.size]] if by_layer else layer.parameters(gradient).values()
            )
            for part in parts:
                length = norm(np.asarray(part).reshape(-1))
                if length > limit:
                    part *= limit / length
        return step.delta(step.with_optimizer(clip_norm=None, l1=0.0, l2=0.0), gradient=gradient)

    return rule


def penalised(step: Step) -> Array:
    """The gradient with the penalties on weights added, (size,)."""
    gradient = step.gradient.copy()
    for layer in step.layers:
        W = layer.weights(step.parameters)
        layer.weights(gradient)[...] += step.optimizer.l2 * W + step.optimizer.l1 * np.sign(W)
    return gradient


def unclipped(step: Step) -> Array | None:
    if step.optimizer.clip_norm is None and step.optimizer.clip_value is None:
        return None
    return step.delta(step.with_optimizer(clip_norm=None, clip_value=None))


UPDATE_MISTAKES = (
    Mistake(
        "biases_not_updated", "the biases are not updated", (WholeForm("Δb{l} = 0", without_biases, by_layer=True),)
    ),
    Mistake(
        "gradient_ascent",
        "the step goes up the slope of the loss, not down",
        tuple(
            WholeForm("W{l} + η dW{l} in place of W{l} − η dW{l}", rule, by_layer=True)
            for rule in (ascent, ascent_of_gradient)
        ),
    ),
    Mistake(
        "momentum_dampened",
        "the gradient enters the velocity times 1 − β",
        (WholeForm("v = β v₀ + (1 − β) g", settings(("momentum", "nesterov"), ema=True)),),
    ),
    Mistake(
        "velocity_factor",
        "the velocity of the steps before enters with another factor than β, or not at all",
        (
            WholeForm("v = g, without β v₀", velocity_times(lambda beta: 0.0)),
            WholeForm("v = −β v₀ + g", velocity_times(lambda beta: -beta)),
            WholeForm("v = v₀ + g, without β", velocity_times(lambda beta: 1.0)),
            WholeForm("v = (1 − β) v₀ + g", velocity_times(lambda beta: 1 - beta)),
        ),
    ),
    Mistake(
        "look_ahead_missing",
        "the step is that of momentum: Nesterov's looks ahead",
        (WholeForm("Δθ = −η v in place of −η (β v + g)", settings(("nesterov",), kind="momentum")),),
    ),
    Mistake(
        "adam_without_bias_correction",
        "Adam's bias correction is left out",
        (WholeForm("Δθ = −η m / (√v + ε)", settings(ADAM, bias_correction=False)),),
    ),
    Mistake(
        "adam_step_off_by_one",
        "Adam's bias correction counts the steps wrongly",
        (
            WholeForm("1 − βᵗ⁻¹ in place of 1 − βᵗ", off_by_one(-1)),
            WholeForm("1 − βᵗ⁺¹ in place of 1 − βᵗ", off_by_one(1)),
        ),
    ),
    Mistake(
        "epsilon_inside_sqrt",
        "ε stands under the root, where it belongs beside it",
        (WholeForm("√(v + ε) in place of √v + ε", settings(ROOTS, epsilon_inside_sqrt=True)),),
    ),
    Mistake(
        "weight_decay_coupled",
        "the weight decay goes through Adam's moments, where AdamW's stands beside the step",
        (WholeForm("g = dθ + λ θ", coupled),),
    ),
    Mistake(
        "penalty_on_biases",
        "the penalty is put on the biases too",
        (WholeForm("g = db{l} + λ b{l}", penalised_biases),),
    ),
    Mistake(
        "penalty_in_loss_only",
        "the penalty is in the loss, but its gradient is missing",
        (WholeForm("g = dW{l}, without λ W{l}", in_loss_only),),
    ),
    Mistake(
        "penalty_missing",
        "the penalty, or the weight decay, is missing from the gradient",
        (WholeForm("g = dW{l}, without λ W{l}", penalty_times(lambda step: 0.0)),),
    ),
    Mistake(
        "penalty_factor",
        "the penalty has another factor",
        tuple(
            WholeForm(f"g = dW{{l}} + {text}λ W{{l}}", penalty_times(factor))
            for text, factor in (
                ("2", lambda step: 2.0),
                ("½ ", lambda step: 0.5),
                ("(1/m) ", lambda step: 1 / step.m),
                ("m ", lambda step: float(step.m)),
                ("(2/m) ", lambda step: 2 / step.m),
                ("(1/2m) ", lambda step: 0.5 / step.m),
                ("−", lambda step: -1.0),
            )
        ),
    ),
    Mistake(
        "clipping_per_layer",
        "each layer's gradient is clipped by its own norm, where the norm of all is meant",
        (
            WholeForm("each array's gradient by its own norm", clipped_apart(by_layer=False)),
            WholeForm("each layer's gradient by its own norm", clipped_apart(by_layer=True)),
        ),
    ),
    Mistake("clipping_missing", "the gradient is not clipped", (WholeForm("g = dθ, not clipped", unclipped),)),
    Mistake(
        "learning_rate_over_m",
        "the learning rate is divided by the number of examples, over which the gradient is a mean already",
        (WholeForm("Δθ = −(η/m) dθ", rate_over_m),),
    ),
)
