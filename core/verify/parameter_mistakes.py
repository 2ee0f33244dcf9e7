"""Mistakes of the gradients of parameters: dW and db, dγ and dβ."""

from functools import partial

import numpy as np

from .mistake import FARTHEST, Form, Mistake, Rule, opposite
from .step import Array, Step

SUMS = ("dW", "db", "dgamma", "dbeta")
"""Gradients that are means over the examples."""
FARTHER = tuple(sign * away for away in range(1, FARTHEST + 1) for sign in (1, -1))
"""Layers that may be taken for the right one, the nearest first."""
MOST_EXAMPLES = 32
"""Of a batch with more, only the first and the last are tried alone."""


def right(step: Step, layer: int) -> Array:
    """dZ: (units, m)."""
    return step["dZ", layer]


def times_m(symbol: str, power: int) -> Rule:
    """The gradient times m, or over m once more."""
    return lambda step, layer: None if step.m == 1 else step[symbol, layer] * float(step.m) ** power


def together(power: int, *symbols: str) -> dict[str, Rule]:
    return {symbol: times_m(symbol, power) for symbol in symbols}


def outer(step: Step, layer: int, read: Array) -> Array:
    """(1/m) dZ readᵀ."""
    product: Array = right(step, layer) @ read.T / step.m
    return product


def of_preactivation(step: Step, layer: int, *, normalized: bool) -> Array | None:
    """dW with Z, or with N where there is a batch norm, in the place of A."""
    symbol = "N" if normalized else "Z"
    if layer == 1 or not step.has((symbol, layer - 1)):
        return None
    return outer(step, layer, step[symbol, layer - 1])


def of_other_layer(step: Step, layer: int, *, away: int) -> Array | None:
    """dW with A of a layer that is `away` layers from the one below."""
    other = layer - 1 + away
    if not 0 <= other <= step.L:
        return None
    return outer(step, layer, step["X", None] if other == 0 else step["A", other])


def transposed(step: Step, layer: int) -> Array | None:
    dW = step["dW", layer]
    return None if 1 in dW.shape and dW.shape[0] == dW.shape[1] else dW.T.copy()


def of_example(step: Step, layer: int, *, example: int, divided: bool) -> Array | None:
    """db of one example alone."""
    if step.m == 1 or not -step.m <= example < step.m:
        return None
    found: Array = right(step, layer)[:, example] / (step.m if divided else 1)
    return found


def of_last(step: Step, layer: int, *, divided: bool) -> Array | None:
    """dW of the last example alone."""
    if step.m == 1:
        return None
    found: Array = right(step, layer)[:, -1:] @ step.below(layer)[:, -1:].T / (step.m if divided else 1)
    return found


def over_units(step: Step, layer: int, *, divided: str) -> Array | None:
    """db added up over the units instead of the examples, (m,); divided by m, by the units, or by nothing."""
    dZ = right(step, layer)
    if len(dZ) == 1:
        return None
    found: Array = dZ.sum(axis=0) / {"": 1, "m": step.m, "units": len(dZ)}[divided]
    return found


def summed(step: Step, layer: int, *, mean: bool, wide: bool) -> Array | None:
    """db added up over the units too, into one number."""
    dZ = right(step, layer)
    if len(dZ) == 1:
        return None
    total = np.asarray(dZ.sum() / (step.m if mean else 1))
    return np.full(len(dZ), total) if wide else total


def mean_of_all(step: Step, layer: int, *, wide: bool) -> Array | None:
    """db as the mean over units and examples."""
    dZ = right(step, layer)
    if len(dZ) == 1:
        return None
    return np.full(len(dZ), dZ.mean()) if wide else np.asarray(dZ.mean())


def zero(step: Step, layer: int) -> Array:
    return np.zeros_like(step["db", layer])


def accumulated(symbol: str) -> Rule:
    """The gradient on top of the one that was there before: of the step before where that is known, else its own."""

    def rule(step: Step, layer: int) -> Array | None:
        return step[symbol, layer] + step.start.previous.get((symbol, layer), step[symbol, layer])

    return rule


def examples_alone() -> tuple[int, ...]:
    return (-1, *range(MOST_EXAMPLES))


PARAMETER_MISTAKES = (
    Mistake(
        "bias_gradient_zero", "the gradient of the biases is 0: it was not computed", (Form("db{l} = 0", {"db": zero}),)
    ),
    Mistake(
        "last_example_only",
        "the last example alone is counted: each one overwrote the one before",
        tuple(
            Form(
                f"dW{{l}} = {'(1/m) ' * divided}dZ{{l}} {{below}}ᵀ of the last example",
                {"dW": partial(of_last, divided=divided)}
                | ({"db": partial(of_example, example=-1, divided=divided)} if biases else {}),
            )
            for divided in (False, True)
            for biases in (True, False)
        ),
    ),
    Mistake(
        "bias_gradient_of_one_example",
        "the gradient of the biases is that of one example",
        tuple(
            Form(
                f"db{{l}} = {'(1/m) ' * divided}dZ{{l}} of {'the last example' if i < 0 else f'example {i + 1}'}",
                {"db": partial(of_example, example=i, divided=divided)},
            )
            for i in examples_alone()
            for divided in (False, True)
        ),
    ),
    Mistake(
        "bias_gradient_summed",
        "the gradient of the biases is added up over the units too: each unit has a bias of its own",
        (
            *(
                Form(
                    f"db{{l}} = {'(1/m) ' * mean}Σ dZ{{l}} over units and examples",
                    {"db": partial(summed, mean=mean, wide=wide)},
                )
                for mean in (True, False)
                for wide in (True, False)
            ),
            *(
                Form(
                    f"db{{l}} = {what} dZ{{l}} over the units instead of the examples",
                    {"db": partial(over_units, divided=divided)},
                )
                for what, divided in (("(1/m) Σ", "m"), ("Σ", ""), ("mean of", "units"))
            ),
            *(Form("db{l} = mean of all of dZ{l}", {"db": partial(mean_of_all, wide=wide)}) for wide in (True, False)),
        ),
    ),
    Mistake(
        "bias_gradient_missing_mean",
        "the gradient of the biases is a sum over the examples, where it should be their mean",
        (Form("db{l} = Σ dZ{l}, without 1/m", together(1, "db")),),
    ),
    Mistake(
        "missing_mean",
        "the mean over the examples is missing: a sum stands in its place",
        (
            Form("dW{l} = dZ{l} {below}ᵀ, without 1/m", together(1, *SUMS)),
            Form("dW{l} = dZ{l} {below}ᵀ, without 1/m", together(1, "dW", "db")),
            Form("dW{l} = dZ{l} {below}ᵀ, without 1/m", together(1, "dW")),
        ),
    ),
    Mistake(
        "double_mean",
        "the mean over the examples is taken twice",
        (
            Form("dW{l} = (1/m²) dZ{l} {below}ᵀ", together(-1, *SUMS)),
            Form("dW{l} = (1/m²) dZ{l} {below}ᵀ", together(-1, "dW", "db")),
            Form("dW{l} = (1/m²) dZ{l} {below}ᵀ", together(-1, "dW")),
            Form("db{l} = (1/m²) Σ dZ{l}", together(-1, "db")),
        ),
    ),
    Mistake(
        "preactivation_instead_of_activation",
        "the preactivation of the layer below stands where its activation should",
        tuple(
            Form(
                f"dW{{l}} = (1/m) dZ{{l}} ({'N' if normalized else 'Z'}{{k}})ᵀ",
                {"dW": partial(of_preactivation, normalized=normalized)},
            )
            for normalized in (False, True)
        ),
    ),
    Mistake(
        "activation_of_wrong_layer",
        "the activation of another layer stands where that of the layer below should",
        tuple(
            Form(
                f"dW{{l}} = (1/m) dZ{{l}} (A{{k{away:+d}}})ᵀ",
                {"dW": partial(of_other_layer, away=away)},
            )
            for away in FARTHER
        ),
    ),
    Mistake(
        "transposed_gradient",
        "the gradient is transposed",
        (Form("dW{l} = (1/m) {below} (dZ{l})ᵀ", {"dW": transposed}),),
    ),
    Mistake(
        "gradient_accumulated",
        "the gradient is added to one that was there before: it was not set to 0",
        (
            *(
                Form("dW{l} = dW{l} + dW{l} of the pass before", {symbol: accumulated(symbol) for symbol in symbols})
                for symbols in (SUMS, ("dW", "db"), ("dW",))
            ),
        ),
    ),
    Mistake(
        "wrong_sign",
        "the sign is wrong",
        (
            Form("−dW{l}", {symbol: opposite(symbol) for symbol in SUMS}),
            Form("−dW{l}", {"dW": opposite("dW")}),
            Form("−db{l}", {"db": opposite("db")}),
        ),
    ),
)
