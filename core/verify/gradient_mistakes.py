"""Mistakes of the backward pass between layers: the gradients dA and dZ of activations and preactivations."""

from functools import partial

import numpy as np

from .forward_mistakes import constant_statistics
from .mistake import FARTHEST, Form, Mistake, Rule, opposite
from .slopes import f_and_slope, softmax_product
from .step import Array, Step


def through(step: Step, layer: int) -> tuple[str, Array] | None:
    """The activation of a layer and what arrives at it, (units, m)."""
    arriving = step.arriving(layer)
    return None if arriving is None else (step.layers[layer - 1].activation, arriving)


def slope_left_out(step: Step, layer: int) -> Array | None:
    found = through(step, layer)
    return None if found is None or found[0] == "identity" else found[1].copy()


def slope_at_activation(step: Step, layer: int) -> Array | None:
    """f′ at A, where it belongs at Z."""
    found = through(step, layer)
    if found is None:
        return None
    kind, dA = found
    if kind == "softmax":
        A = step.value(layer)
        again = np.exp(A - A.max(axis=0))
        return softmax_product(again / again.sum(axis=0), dA)
    return dA * f_and_slope(step.layers[layer - 1], step.value(layer))[1]


def formula_on_z(step: Step, layer: int) -> Array | None:
    """The slope as it is written with a = f(z), but with z in the place of a."""
    found = through(step, layer)
    z = step.argument(layer)
    if found is None:
        return None
    kind, dA = found
    if kind == "softmax":
        return softmax_product(z, dA)
    slopes = {"sigmoid": z * (1 - z), "tanh": 1 - z * z, "elu": np.where(z > 0, 1, z + 1), "softplus": 1 - np.exp(-z)}
    return dA * slopes[kind] if kind in slopes else None


def slope_of_other(step: Step, layer: int, *, other: str) -> Array | None:
    """The slope of another activation, at what this layer has: written with a, that of relu with z."""
    found = through(step, layer)
    if found is None or found[0] in (other, "softmax"):
        return None
    a, z = step.value(layer), step.argument(layer)
    if other == "relu" and (z > 0).all():
        # Its slope is 1 then: it is left out, as far as anybody can tell.
        return None
    slopes = {"sigmoid": a * (1 - a), "tanh": 1 - a * a, "relu": 1.0 * (z > 0)}
    return found[1] * slopes[other]


def formula_in_part(step: Step, layer: int) -> Array | None:
    """The slope of sigmoid or tanh, a(1 − a) or 1 − a², of which the factor a or the square is left out."""
    found = through(step, layer)
    return None if found is None or found[0] not in ("sigmoid", "tanh") else found[1] * (1 - step.value(layer))


def activation_for_slope(step: Step, layer: int) -> Array | None:
    """f in the place of f′."""
    found = through(step, layer)
    return None if found is None or found[0] in ("identity", "softmax") else found[1] * step.value(layer)


def diagonal_of_softmax(step: Step, layer: int) -> Array | None:
    """dA through the diagonal of softmax's derivative alone, as if each output depended on its own z only."""
    found = through(step, layer)
    if found is None or found[0] != "softmax":
        return None
    A = step.value(layer)
    return found[1] * A * (1 - A)


def mask_of_gradient(step: Step, layer: int, *, both: bool) -> Array | None:
    """relu's slope asked of the gradient that arrives; with `both`, of z as well."""
    found = through(step, layer)
    if found is None or found[0] not in ("relu", "leaky_relu"):
        return None
    dA = found[1]
    low = step.layers[layer - 1].slope if found[0] == "leaky_relu" else 0.0
    masked: Array = np.where(dA > 0, dA, low * dA)
    return masked * f_and_slope(step.layers[layer - 1], step.argument(layer))[1] if both else masked


def output_slope_twice(step: Step, layer: int, *, kind: str, whole: bool) -> Array | None:
    """The derivative of softmax or sigmoid once more: A − Y, or what went through it, has it already.

    `whole`: softmax's as the matrix that it is, else its diagonal A (1 − A).
    """
    if step.layers[layer - 1].activation != kind or not (kind == "softmax" or whole):
        return None
    symbol = "dN" if step.has(("dN", layer)) else "dZ"
    dZ, A = step[symbol, layer], step.value(layer)
    if kind == "softmax" and whole:
        return softmax_product(A, dZ)
    return dZ * A * (1 - A)


def is_first(step: Step, symbol: str, layer: int) -> bool:
    """Whether that quantity is the loss's own gradient, where the backward pass starts."""
    return layer == step.L and symbol in (step.first_backward.result.symbol, "dA")


def loss_gradient_times(step: Step, layer: int, *, symbol: str, factor: str) -> Array | None:
    """The loss's gradient times a number."""
    K = step.K
    if not is_first(step, symbol, layer):
        return None
    factors = {"2": 2.0, "½": 0.5, "K": K, "1/K": 1 / K, "2/K": 2 / K, "K/2": K / 2, "2K": 2 * K, "1/(2K)": 0.5 / K}
    return step[symbol, layer] * factors[factor]


def error_turned(step: Step, layer: int, *, symbol: str) -> Array | None:
    return -step[symbol, layer] if is_first(step, symbol, layer) else None


def mask_not_applied(step: Step, layer: int) -> Array | None:
    return step["dA", layer].copy() if step.has(("dF", layer)) and step.has(("dA", layer)) else None


def mask_unscaled(step: Step, layer: int) -> Array | None:
    if not step.has(("dF", layer)) or not step.has(("dA", layer)):
        return None
    return step["dA", layer] * (step["mask", layer] > 0)


def mean_alone(step: Step, layer: int) -> Array | None:
    """dZ through batch norm where only the mean, not the variance, depends on Z."""
    gamma = step.parameter("γ", layer)
    if gamma is None or not step.has(("dN", layer)):
        return None
    dN = step["dN", layer]
    dZ: Array = (gamma / step["s", layer])[:, None] * (dN - dN.mean(axis=1, keepdims=True))
    return dZ


def weights_above(step: Step, layer: int) -> Array | None:
    """W of the layer above, through which dA of `layer` comes."""
    return step.parameter("W", layer + 1) if layer < step.L else None


def carried_on(step: Step, layer: int, product: Array) -> Array:
    """`product`, and with a residual connection above what came past it."""
    if step.layers[layer].residual and step.has(("dA", layer + 1)):
        return product + step["dA", layer + 1]
    return product


def transposed_backward(step: Step, layer: int) -> Array | None:
    W = weights_above(step, layer)
    if W is None or W.shape[0] != W.shape[1]:
        return None
    return carried_on(step, layer, W @ step["dZ", layer + 1])


def weights_left_out(step: Step, layer: int) -> Array | None:
    W = weights_above(step, layer)
    if W is None:
        return None
    dZ = step["dZ", layer + 1]
    product = dZ if W.shape[0] == W.shape[1] else np.ones((W.shape[1], 1)) * dZ.sum(axis=0)
    return carried_on(step, layer, product)


def weights_of_layer(step: Step, layer: int, *, away: int) -> Array | None:
    """W of a layer that is `away` layers from the right one."""
    W, other = weights_above(step, layer), layer + 1 + away
    if W is None or not 1 <= other <= step.L:
        return None
    wrong = step.parameter("W", other)
    if wrong is None:
        return None
    if wrong.shape == W.shape:
        return carried_on(step, layer, wrong.T @ step["dZ", layer + 1])
    if wrong.T.shape == W.shape:
        return carried_on(step, layer, wrong @ step["dZ", layer + 1])
    return None


def updated_weights(step: Step, layer: int) -> Array | None:
    W = weights_above(step, layer)
    if W is None:
        return None
    delta = step.layers[layer].weights(step.delta())
    return carried_on(step, layer, (W + delta).T @ step["dZ", layer + 1])


def slopes(formula: str, rule: Rule) -> tuple[Form, ...]:
    """A form at dZ, and at dN where a batch norm stands before the activation."""
    return Form(formula, {"dZ": without_norm(rule)}), Form(formula.replace("dZ", "dN"), {"dN": rule})


def without_norm(rule: Rule) -> Rule:
    return lambda step, layer: None if step.has(("dN", layer)) else rule(step, layer)


FARTHER = tuple(sign * away for away in range(1, FARTHEST + 1) for sign in (-1, 1))
"""Layers that may be taken for the right one, the nearest first."""
FACTORS = ("2", "½", "K", "1/K", "2/K", "K/2", "2K", "1/(2K)")
GRADIENT_MISTAKES = (
    Mistake(
        "softmax_derivative_twice",
        "the derivative of softmax is applied a second time: A − Y has it already",
        (
            *slopes(
                "dZ{l} = A{l} ⊙ (d − Σₖ Aₖ dₖ) with d = A{l} − Y",
                partial(output_slope_twice, kind="softmax", whole=True),
            ),
            *slopes("dZ{l} = (A{l} − Y) ⊙ A{l} ⊙ (1 − A{l})", partial(output_slope_twice, kind="softmax", whole=False)),
        ),
    ),
    Mistake(
        "sigmoid_derivative_twice",
        "the derivative of the sigmoid is applied a second time",
        slopes("dZ{l} = (right dZ{l}) ⊙ A{l} ⊙ (1 − A{l})", partial(output_slope_twice, kind="sigmoid", whole=True)),
    ),
    Mistake(
        "softmax_derivative_diagonal",
        "the derivative of softmax is taken for each output alone: all of them depend on each z",
        slopes("dZ{l} = dA{l} ⊙ A{l} ⊙ (1 − A{l})", diagonal_of_softmax),
    ),
    Mistake(
        "derivative_formula_on_z",
        "the formula of the slope in terms of a is given z",
        slopes("dZ{l} = dA{l} ⊙ f′ written with a, at a = Z{l}", formula_on_z),
    ),
    Mistake(
        "derivative_at_activation",
        "the slope is taken at the activation, where it belongs at the preactivation",
        slopes("dZ{l} = dA{l} ⊙ f′(A{l})", slope_at_activation),
    ),
    Mistake(
        "relu_mask_of_gradient",
        "relu's mask is taken from the sign of the gradient, where it belongs to the sign of z",
        (
            *slopes("dZ{l} = dA{l} ⊙ (dA{l} > 0)", partial(mask_of_gradient, both=False)),
            *slopes("dZ{l} = dA{l} ⊙ (dA{l} > 0) ⊙ (Z{l} > 0)", partial(mask_of_gradient, both=True)),
        ),
    ),
    Mistake(
        "missing_activation_derivative",
        "the slope of the activation is left out",
        slopes("dZ{l} = dA{l}", slope_left_out),
    ),
    Mistake(
        "derivative_of_other_activation",
        "the slope is that of another activation",
        tuple(
            form
            for other, slope in (("sigmoid", "A{l} ⊙ (1 − A{l})"), ("tanh", "(1 − A{l}²)"), ("relu", "(Z{l} > 0)"))
            for form in slopes(f"dZ{{l}} = dA{{l}} ⊙ {slope}, of {other}", partial(slope_of_other, other=other))
        ),
    ),
    Mistake(
        "derivative_formula_in_part",
        "a part of the slope's formula is left out",
        slopes("dZ{l} = dA{l} ⊙ (1 − A{l})", formula_in_part),
    ),
    Mistake(
        "activation_instead_of_derivative",
        "the activation itself stands where its slope should",
        slopes("dZ{l} = dA{l} ⊙ f(Z{l})", activation_for_slope),
    ),
    Mistake(
        "dropout_mask_not_applied",
        "the dropout mask of the forward pass is not applied to the gradient",
        (Form("dZ{l} = dA{l} ⊙ f′, without M{l}", {"dF": mask_not_applied}),),
    ),
    Mistake(
        "dropout_scale_missing",
        "what dropout keeps is divided by the share kept forward, but not backward",
        (Form("dZ{l} = dA{l} ⊙ kept ⊙ f′, without 1/(1 − p)", {"dF": mask_unscaled}),),
    ),
    Mistake(
        "batch_norm_statistics_constant",
        "mean and variance of batch norm are taken for constants: they depend on Z too",
        (
            Form("dZ{l} = γ/s ⊙ dN{l}", {"dZ": constant_statistics}),
            Form("dZ{l} = γ/s ⊙ (dN{l} − mean dN{l})", {"dZ": mean_alone}),
        ),
    ),
    Mistake(
        "updated_weights_used",
        "the gradient is carried back through the weights after their update",
        (Form("dA{l} = (W{n} + ΔW{n})ᵀ dZ{n}", {"dA": updated_weights}),),
    ),
    Mistake(
        "transposed_weights",
        "the weights are transposed the wrong way",
        (Form("dA{l} = W{n} dZ{n}", {"dA": transposed_backward}),),
    ),
    Mistake(
        "weights_of_wrong_layer",
        "the weights of another layer are used",
        tuple(
            Form(
                f"dA{{l}} = (W{{n{away:+d}}})ᵀ dZ{{n}}",
                {"dA": partial(weights_of_layer, away=away)},
            )
            for away in FARTHER
        ),
    ),
    Mistake(
        "weights_left_out",
        "the weights are left out on the way back",
        (Form("dA{l} = dZ{n}, added up over its units, without W{n}", {"dA": weights_left_out}),),
    ),
    Mistake(
        "loss_gradient_factor",
        "the gradient of the loss has another constant factor",
        tuple(
            Form(
                f"{symbol}{{l}} = {factor} · (right {symbol}{{l}})",
                {symbol: partial(loss_gradient_times, symbol=symbol, factor=factor)},
            )
            for symbol in ("dA", "dZ", "dN")
            for factor in FACTORS
        ),
    ),
    Mistake(
        "wrong_sign",
        "the sign is wrong",
        (
            *(
                Form(
                    f"{symbol}{{l}} = Y − A{{l}} in place of A{{l}} − Y", {symbol: partial(error_turned, symbol=symbol)}
                )
                for symbol in ("dA", "dZ", "dN")
            ),
            *(Form(f"−{symbol}{{l}}", {symbol: opposite(symbol)}) for symbol in ("dZ", "dA", "dN")),
        ),
    ),
)
