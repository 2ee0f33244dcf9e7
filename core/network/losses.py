"""The four losses, each with its gradient under it.

ℓ is the loss of one example, ℒ their mean. The squared errors give dA of the last layer; cross-entropy after softmax
and binary cross-entropy after sigmoid are computed from Z, stably, and give dZ at once, since both derivatives
together come to A − Y.
"""

from collections.abc import Callable
from functools import partial
from math import exp, log1p

import numpy as np

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.ops.expression import (
    Apply,
    Constant,
    Expression,
    Negative,
    Product,
    Quotient,
    Reference,
    Sum,
    whole,
)
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.value_class import dataclass

from .affine import mean

Gradient = Callable[[], Quantity]


@dataclass(frozen=True, slots=True)
class Loss:
    """`write` writes the loss ops and hands back what writes its gradient.

    `combined`: the gradient is dZ, of output activation and loss in one op; otherwise it is dA of the last layer.
    """

    title: str
    formula: str
    write: Callable[[Builder, int], Gradient]
    combined: bool


def write_error(builder: Builder, last: int, *, mean_over_outputs: bool) -> Gradient:
    """A squared error: the mean over the K outputs of (A − Y)², or half their sum."""
    A, Y = builder.quantities["A", last], builder.quantities["Y", None]
    K, m = A.array.shape
    weight = 1 / K if mean_over_outputs else 0.5
    share = Constant("1/K", weight, f"1/{K}") if mean_over_outputs else Constant("½", weight, "½")
    E = builder.per_unit("E", None, K, "error: prediction minus target")
    value = builder.number("ℒ", "loss: the mean over the examples of the batch")
    squares = np.zeros_like(E.array)

    def of_example(i: int) -> Expression:
        total = Sum(tuple(Product((Reference(E, (k, i)), Reference(E, (k, i)))) for k in range(K)), over="unit")
        return total if weight == 1 else Product((share, total))

    def explain(quantity: Quantity, index: Index) -> Expression:
        if quantity is E:
            return Sum((Reference(A, index), Negative(Reference(Y, index))))
        return mean(tuple(of_example(i) for i in range(m)))

    builder.add(
        Op(
            phase="loss",
            name="ℒ",
            layer=None,
            rule=f"ℒ = {average(m)}{'(1/K) Σ' if mean_over_outputs else '½ Σ'} E²   E = {A.name} − Y",
            why="How far the predictions are from the targets, as one number.",
            reads=(A, Y),
            writes=(value, E),
            calls=(
                partial(np.subtract, A.array, Y.array, E.array),
                partial(np.square, E.array, squares),
                partial(squares.reshape(-1).dot, builder.ones(K * m, weight / m), value.array),
            ),
            explain=explain,
        )
    )

    def gradient() -> Quantity:
        dA = builder.per_unit("dA", last, K, "gradient at the output, per example")
        factor = 2 * weight
        scale = whole(1) if factor == 1 else whole(2) if factor == 2 else Constant("2/K", factor, f"2/{K}")

        def explain(quantity: Quantity, index: Index) -> Expression:
            error = Reference(E, index)
            return error if factor == 1 else Product((scale, error))

        builder.add(
            Op(
                phase="backward",
                name="dA",
                layer=last,
                rule=f"{dA.name} = {f'(2/K) ({A.name} − Y)' if mean_over_outputs else f'{A.name} − Y'}",
                why="The slope of the loss at the output, where the backward pass starts.",
                reads=(E,),
                writes=(dA,),
                calls=(partial(np.multiply, E.array, builder.constant(factor), dA.array),),
                explain=explain,
                local=E,
            )
        )
        return dA

    return gradient


def write_cross_entropy(builder: Builder, last: int) -> Gradient:
    """ℓ = −Σ y ln ŷ with ln ŷ = S − ln T from the softmax, which is finite even where ŷ is too small for a float."""
    S, T, Y = builder.quantities["S", last], builder.quantities["T", last], builder.quantities["Y", None]
    K, m = S.array.shape
    log_total = builder.per_example("ln T", None, "logarithm of the softmax's sum")
    picked = builder.per_unit("Y S", None, K, "logits, minus the largest, times the targets")
    each = builder.per_example("ℓ", None, "loss of each example")
    value = builder.number("ℒ", "loss: the mean over the examples of the batch")

    def explain(quantity: Quantity, index: Index) -> Expression:
        if quantity is log_total:
            return Apply("ln", lambda t: float(np.log(t)), (Reference(T, index),))
        if quantity is picked:
            return Product((Reference(Y, index), Reference(S, index)))
        if quantity is each:
            chosen = tuple(Negative(Reference(picked, (k, *index))) for k in range(K))
            return Sum((Reference(log_total, index), *chosen), over="unit")
        return mean(tuple(Reference(each, (i,)) for i in range(m)))

    builder.add(
        Op(
            phase="loss",
            name="ℒ",
            layer=None,
            rule=f"ℒ = {average(m)}ℓ   ℓ = −Σ Y ln {builder.quantities['A', last].name} = ln T − Σ Y S",
            why="The surprise at the right answer: −ln of the probability that the network gave it.",
            reads=(S, T, Y),
            writes=(value, each, log_total, picked),
            calls=(
                partial(np.log, T.array, log_total.array),
                partial(np.multiply, Y.array, S.array, picked.array),
                partial(builder.ones(K).dot, picked.array, each.array),
                partial(np.subtract, log_total.array, each.array, each.array),
                partial(each.array.dot, builder.ones(m, 1 / m), value.array),
            ),
            explain=explain,
        )
    )
    return lambda: write_combined(builder, last, 1.0, "softmax and cross-entropy")


def average(examples: int) -> str:
    """The mean over examples in a rule, where there is more than one."""
    return "(1/m) Σ " if examples > 1 else ""


def softplus(z: float) -> float:
    """ln(1 + e^z), without overflow."""
    return max(z, 0.0) + log1p(exp(-abs(z)))


def write_binary_cross_entropy(builder: Builder, last: int) -> Gradient:
    """ℓ = −(1/K) Σ (y ln ŷ + (1−y) ln(1−ŷ)) = (1/K) Σ (softplus(z) − y z), from Z and so without a logarithm of 0."""
    Z, Y = builder.logits(last), builder.quantities["Y", None]
    K, m = Z.array.shape
    plus = builder.per_unit("softplus(Z)", None, K, "ln(1 + e^Z)")
    pull = builder.per_unit("Y Z", None, K, "logits times targets")
    costs = builder.per_unit("C", None, K, "cross-entropy of each output")
    each = builder.per_example("ℓ", None, "loss of each example")
    value = builder.number("ℒ", "loss: the mean over the examples of the batch")
    A, share = builder.quantities["A", last].name, "(1/K) Σ " if K > 1 else ""

    def explain(quantity: Quantity, index: Index) -> Expression:
        if quantity is plus:
            return Apply("softplus", softplus, (Reference(Z, index),))
        if quantity is pull:
            return Product((Reference(Y, index), Reference(Z, index)))
        if quantity is costs:
            return Sum((Reference(plus, index), Negative(Reference(pull, index))))
        if quantity is each:
            total = Sum(tuple(Reference(costs, (k, *index)) for k in range(K)), over="unit")
            return total if K == 1 else Product((Constant("1/K", 1 / K, f"1/{K}"), total))
        return mean(tuple(Reference(each, (i,)) for i in range(m)))

    builder.add(
        Op(
            phase="loss",
            name="ℒ",
            layer=None,
            rule=f"ℒ = {average(m)}ℓ   ℓ = {share}(−Y ln {A} − (1 − Y) ln(1 − {A})) = "
            f"{share}(softplus({Z.name}) − Y {Z.name})",
            why="−ln of the probability given to the right answer, yes or no, computed from the logit.",
            reads=(Z, Y),
            writes=(value, each, plus, pull, costs),
            calls=(
                partial(np.logaddexp, builder.constant(0.0), Z.array, plus.array),
                partial(np.multiply, Y.array, Z.array, pull.array),
                partial(np.subtract, plus.array, pull.array, costs.array),
                partial(builder.ones(K, 1 / K).dot, costs.array, each.array),
                partial(each.array.dot, builder.ones(m, 1 / m), value.array),
            ),
            explain=explain,
        )
    )
    return lambda: write_combined(builder, last, 1 / K, "sigmoid and binary cross-entropy")


def write_combined(builder: Builder, last: int, weight: float, pair: str) -> Quantity:
    """dZ = A − Y, or (A − Y)/K: output activation and loss in one op; dN behind a batch norm."""
    A, Y = builder.quantities["A", last], builder.quantities["Y", None]
    K = A.array.shape[0]
    symbol = f"d{builder.logits(last).symbol}"
    dZ = builder.per_unit(symbol, last, K, f"gradient at the logits of layer {last}, per example")
    calls: list[Call] = [partial(np.subtract, A.array, Y.array, dZ.array)]
    if weight != 1:
        calls.append(partial(np.multiply, dZ.array, builder.constant(weight), dZ.array))

    def explain(quantity: Quantity, index: Index) -> Expression:
        error = Sum((Reference(A, index), Negative(Reference(Y, index))))
        return error if weight == 1 else Quotient(error, whole(K))

    builder.add(
        Op(
            phase="backward",
            name=symbol,
            layer=last,
            rule=f"{dZ.name} = {f'{A.name} − Y' if weight == 1 else f'({A.name} − Y)/K'}   combined: A − Y",
            why=f"{pair[0].upper()}{pair[1:]} in one op: the two derivatives multiply out to prediction minus target.",
            reads=(A, Y),
            writes=(dZ,),
            calls=tuple(calls),
            explain=explain,
        )
    )
    return dZ


LOSSES: dict[str, Loss] = {
    "mean_squared_error": Loss(
        "mean squared error", "ℓ = (1/K) Σ (ŷ − y)²", partial(write_error, mean_over_outputs=True), combined=False
    ),
    "half_squared_error": Loss(
        "half squared error", "ℓ = ½ Σ (ŷ − y)²", partial(write_error, mean_over_outputs=False), combined=False
    ),
    "cross_entropy": Loss("cross-entropy", "ℓ = −Σ y ln ŷ", write_cross_entropy, combined=True),
    "binary_cross_entropy": Loss(
        "binary cross-entropy",
        "ℓ = −(1/K) Σ (y ln ŷ + (1 − y) ln(1 − ŷ))",
        write_binary_cross_entropy,
        combined=True,
    ),
}
