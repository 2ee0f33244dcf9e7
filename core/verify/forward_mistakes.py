"""Mistakes of the forward pass and of the loss."""

from functools import partial

import numpy as np

from backprop_tui.core.network.batch_norm import EPSILON, MOMENTUM

from .mistake import Form, Mistake, Rule, WholeForm, WholeRule
from .step import Array, Step


def bias_left_out(step: Step, layer: int) -> Array | None:
    W = step.parameter("W", layer)
    if W is None or step.parameter("b", layer) is None:
        return None
    return W @ step.below(layer)


def transposed_forward(step: Step, layer: int) -> Array | None:
    W, b = step.parameter("W", layer), step.parameter("b", layer)
    if W is None or W.shape[0] != W.shape[1]:
        return None
    Z = W.T @ step.below(layer)
    return Z if b is None else Z + b[:, None]


def activation_left_out(step: Step, layer: int) -> Array | None:
    return None if step.layers[layer - 1].activation == "identity" else step.argument(layer)


def preactivation_read(step: Step, layer: int) -> Array | None:
    """Z of a layer that reads Z of the one below, of which all else reads A."""
    W, b = step.parameter("W", layer), step.parameter("b", layer)
    if W is None or layer == 1 or step.layers[layer - 2].activation == "identity":
        return None
    Z = W @ step.argument(layer - 1)
    return Z if b is None else Z + b[:, None]


def mask_left_out(step: Step, layer: int) -> Array | None:
    return step["F", layer] if step.has(("mask", layer)) else None


def mask_unscaled(step: Step, layer: int) -> Array | None:
    """M of 0 and 1: what is kept is not divided by the share kept."""
    if not step.has(("mask", layer)):
        return None
    return step["F", layer] * (step["mask", layer] > 0)


def running(step: Step, layer: int, *, moved: bool) -> tuple[Array, Array]:
    """The running mean and variance, (units,) each; `moved`: as this batch leaves them."""
    mean, variance = step.layers[layer - 1].running(step.statistics)
    if not moved:
        return mean, variance
    Z = step["Z", layer]
    of_batch = Z.var(axis=1) * (step.m / (step.m - 1) if step.m > 1 else 1.0)
    return MOMENTUM * mean + (1 - MOMENTUM) * Z.mean(axis=1), MOMENTUM * variance + (1 - MOMENTUM) * of_batch


def running_deviation(step: Step, layer: int, *, moved: bool) -> Array:
    deviation: Array = np.sqrt(running(step, layer, moved=moved)[1] + EPSILON)
    return deviation


def normalized_by_running(step: Step, layer: int, *, moved: bool) -> Array:
    mean = running(step, layer, moved=moved)[0]
    found: Array = (step["Z", layer] - mean[:, None]) / running_deviation(step, layer, moved=moved)[:, None]
    return found


def shifted_by_running(step: Step, layer: int, *, moved: bool) -> Array | None:
    gamma, beta = step.parameter("γ", layer), step.parameter("β", layer)
    if gamma is None or beta is None:
        return None
    return gamma[:, None] * normalized_by_running(step, layer, moved=moved) + beta[:, None]


def constant_statistics(step: Step, layer: int) -> Array | None:
    """dZ where mean and variance are taken for constants."""
    gamma = step.parameter("γ", layer)
    if gamma is None or not step.has(("dN", layer)):
        return None
    return (gamma / step["s", layer])[:, None] * step["dN", layer]


def by_running(*, moved: bool, backward: bool) -> Form:
    """Normalization by the running statistics, and with `backward` the way back through them as constants."""
    rules: dict[str, Rule] = {
        "N": partial(shifted_by_running, moved=moved),
        "Z_hat": partial(normalized_by_running, moved=moved),
        "s": partial(running_deviation, moved=moved),
    }
    when = ", moved by this batch" * moved + ", and so backward" * backward
    formula = f"Ẑ{{l}} = (Z{{l}} − running μ) / √(running σ² + ε){when}"
    return Form(formula, rules | ({"dZ": constant_statistics} if backward else {}))


def times(factor: WholeRule) -> WholeRule:
    """The loss times a number."""

    def rule(step: Step) -> Array | None:
        number = factor(step)
        return None if number is None else step["loss", None] * number

    return rule


def squared_last_error(step: Step) -> Array | None:
    """The loss of the last example alone."""
    A, Y = step["A", step.L][:, -1], step["Y", None][:, -1]
    if step.loss_kind == "cross_entropy":
        return np.asarray(-(Y * np.log(A)).sum())
    if step.loss_kind == "binary_cross_entropy":
        return np.asarray(-(Y * np.log(A) + (1 - Y) * np.log(1 - A)).mean())
    squares = (A - Y) ** 2
    return np.asarray(squares.mean() if step.loss_kind == "mean_squared_error" else squares.sum() / 2)


LOSS = ("loss", None)
FORWARD_MISTAKES = (
    Mistake(
        "bias_left_out_forward",
        "the bias is left out of the forward pass",
        (Form("Z{l} = W{l} {below}", {"Z": bias_left_out}),),
    ),
    Mistake(
        "transposed_weights",
        "the weights are transposed where they should not be",
        (Form("Z{l} = (W{l})ᵀ {below} + b{l}", {"Z": transposed_forward}),),
    ),
    Mistake(
        "preactivation_instead_of_activation",
        "the preactivation goes on where its activation should",
        (
            Form("A{l} = Z{l}", {"A": activation_left_out}),
            Form("Z{l} = W{l} Z{k} + b{l}, and dW{l} with A{k}", {"Z": preactivation_read}),
        ),
    ),
    Mistake(
        "batch_norm_running_statistics",
        "training normalizes by the running mean and variance instead of the batch's own",
        tuple(by_running(moved=moved, backward=backward) for moved in (False, True) for backward in (False, True)),
    ),
    Mistake(
        "dropout_mask_not_applied",
        "the dropout mask is not applied",
        (Form("A{l} = F{l}, without M{l}", {"A": mask_left_out}),),
    ),
    Mistake(
        "dropout_scale_missing",
        "what dropout keeps is not divided by the share kept",
        (Form("A{l} = F{l} ⊙ kept, without 1/(1 − p)", {"A": mask_unscaled}),),
    ),
    Mistake(
        "missing_mean",
        "the mean over the examples is missing: a sum stands in its place",
        (WholeForm("ℒ = Σ ℓ, without 1/m", times(lambda step: np.asarray(step.m * 1.0)), LOSS),),
    ),
    Mistake(
        "double_mean",
        "the mean over the examples is taken twice",
        (WholeForm("ℒ = (1/m²) Σ ℓ", times(lambda step: np.asarray(1 / step.m)), LOSS),),
    ),
    Mistake("wrong_sign", "the sign is wrong", (WholeForm("−ℒ", times(lambda step: np.asarray(-1.0)), LOSS),)),
    Mistake(
        "last_example_only",
        "the last example alone is counted",
        (WholeForm("ℒ = ℓ of the last example", squared_last_error, LOSS),),
    ),
    Mistake(
        "loss_factor",
        "the loss is another by a constant factor: its gradient may be right all the same",
        tuple(
            WholeForm(f"{text} ℒ", times(factor), LOSS)
            for text, factor in (
                ("2", lambda step: np.asarray(2.0)),
                ("½", lambda step: np.asarray(0.5)),
                ("K", lambda step: np.asarray(1.0 * step.K)),
                ("(1/K)", lambda step: np.asarray(1 / step.K)),
                ("m K", lambda step: np.asarray(1.0 * step.K * step.m)),
                ("(m K / 2)", lambda step: np.asarray(0.5 * step.K * step.m)),
                ("(K/2)", lambda step: np.asarray(step.K / 2)),
                ("(2/K)", lambda step: np.asarray(2 / step.K)),
                ("(m/2)", lambda step: np.asarray(step.m / 2)),
                ("2m", lambda step: np.asarray(2.0 * step.m)),
            )
        ),
    ),
)
