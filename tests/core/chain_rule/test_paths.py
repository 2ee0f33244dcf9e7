"""The paths of a gradient: counted, added and ranked without listing them, against every path walked one by one."""

from collections.abc import Iterator
from itertools import product
from math import inf, isclose, isfinite, log10, prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.chain_rule.paths import LIMIT, PathView, path_view
from backprop_tui.core.ops.expression import Expression, Negative, Product, Quotient, Reference, Sum
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.plan import Plan

from ...share import share

LOSSES = (
    ("identity", "mean_squared_error"),
    ("sigmoid", "mean_squared_error"),
    ("softmax", "mean_squared_error"),
    ("tanh", "half_squared_error"),
    ("softmax", "half_squared_error"),
    ("softmax", "cross_entropy"),
    ("sigmoid", "binary_cross_entropy"),
)
PARAMETERS = ("W", "b", "γ", "β")


def after_backward(session: Session) -> Plan:
    """The plan of the session's first step, all of whose numbers are there."""
    session.seek(session.timeline.finish_of(1) - 1)
    return session.plan


def gradients_of(plan: Plan) -> list[Quantity]:
    return [q for q in plan.quantities.values() if q.symbol[0] == "d" and q.symbol[1:] in PARAMETERS]


def leads_back(plan: Plan, quantity: Quantity, first: Quantity) -> bool:
    """Whether a quantity is made of the first gradient, by the expressions that the ops give."""
    if quantity is first:
        return True
    op = plan.writer(quantity)
    if op is None or op.phase != "backward":
        return False
    zero = (0,) * quantity.array.ndim
    return any(leads_back(plan, r.quantity, first) for r in op.explain(quantity, zero).references())


def walked(plan: Plan, root: Reference, example: int | None = None) -> list[float]:
    """The product of every path, each walked by itself: the slow way that needs no trust."""
    first = next(op for op in plan.ops if op.phase == "backward").result
    known: dict[Quantity, bool] = {}

    def is_gradient(quantity: Quantity) -> bool:
        if quantity not in known:
            known[quantity] = leads_back(plan, quantity, first)
        return known[quantity]

    def products(expression: Expression) -> Iterator[float]:
        match expression:
            case Reference(quantity, index):
                if quantity is first:
                    yield quantity.value(index)
                else:
                    op = plan.writer(quantity)
                    assert op is not None
                    yield from products(op.explain(quantity, index))
            case Product(factors):
                sides = [products(f) if mentions(f) else iter([f.value()]) for f in factors]
                yield from (prod(chosen) for chosen in product(*sides))
            case Sum(terms):
                for term in terms:
                    yield from products(term)
            case Negative(inner):
                yield from (-each for each in products(inner))
            case Quotient(above, below):
                yield from (each / below.value() for each in products(above))
            case _:
                raise AssertionError(expression.symbols())

    def mentions(expression: Expression) -> bool:
        return any(is_gradient(reference.quantity) for reference in expression.references())

    op = plan.writer(root.quantity)
    assert op is not None
    expression = op.explain(root.quantity, root.index)
    if example is not None and plan.examples > 1:
        assert isinstance(expression, Product)
        share, total = expression.factors
        assert isinstance(total, Sum)
        expression = Product((share, total.terms[example]))
    return list(products(expression))


def check_sums(view: PathView) -> None:
    """What the paths add up to is what the step computed, to 1e-10 of the sum of magnitudes."""
    assert abs(view.signed_sum - view.part) <= 1e-10 * view.magnitude_sum
    if view.example is None:
        assert abs(view.part - view.gradient) <= 1e-10 * view.magnitude_sum
    assert abs(view.signed_sum) <= view.magnitude_sum * (1 + 1e-12)
    if view.complete:
        assert isclose(sum(p.product for p in view.paths), view.signed_sum, abs_tol=1e-10 * view.magnitude_sum)
        assert isclose(sum(abs(p.product) for p in view.paths), view.magnitude_sum, rel_tol=1e-10)
    for path in view.paths:
        assert isclose(prod(f.value for f in path.factors), path.product, rel_tol=1e-9, abs_tol=1e-300)


def check_walked(view: PathView, products: list[float]) -> None:
    assert view.count == len(products)
    assert isclose(view.magnitude_sum, sum(map(abs, products)), rel_tol=1e-10)
    assert abs(view.signed_sum - sum(products)) <= 1e-10 * view.magnitude_sum
    strongest = sorted(map(abs, products), reverse=True)[: len(view.paths)]
    assert [abs(p.product) for p in view.paths] == pytest.approx(strongest, rel=1e-9)
    if view.complete:
        assert sorted(p.product for p in view.paths) == pytest.approx(sorted(products), rel=1e-9)


def table(widths: list[int], layers: list[dict[str, Any]], loss: str, examples: int, seed: int) -> dict[str, Any]:
    """The table of a network on random examples; `widths` begin with the inputs."""
    chance = np.random.default_rng(seed)
    inputs = chance.normal(size=(examples, widths[0])).round(3).tolist()
    targets = chance.random((examples, widths[-1])).round(3)
    if loss == "cross_entropy":
        targets = np.eye(widths[-1])[chance.integers(widths[-1], size=examples)]
    return {
        "title": "Random",
        "seed": seed,
        "data": {"kind": "inline", "inputs": inputs, "targets": targets.tolist()},
        "layers": [{"units": units, **layer} for units, layer in zip(widths[1:], layers, strict=True)],
        "loss": {"kind": loss},
    }


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """Two to four small layers of every kind, on one to four examples."""
    depth = draw(st.integers(1, 3))
    widths = draw(st.lists(st.integers(1, 3), min_size=depth + 2, max_size=depth + 2))
    output, loss = draw(st.sampled_from(LOSSES))
    widths[-1] = max(widths[-1], 2) if output == "softmax" else widths[-1]
    layers: list[dict[str, Any]] = []
    for i in range(depth):
        same = i > 0 and widths[i] == widths[i + 1]
        layers.append(
            {
                "activation": draw(st.sampled_from(["tanh", "relu", "sigmoid", "identity"])),
                "batch_norm": draw(st.booleans()),
                "dropout": draw(st.sampled_from([0.0, 0.4])),
                "residual": same and draw(st.booleans()),
                "bias": draw(st.booleans()),
            }
        )
    layers.append({"activation": output})
    return table(widths, layers, loss, draw(st.integers(1, 4)), draw(st.integers(0, 10_000)))


def session_from(preset: dict[str, Any]) -> Session:
    return Session(*load_preset(preset, "test", None, "test"))


@settings(deadline=None, max_examples=share(15, 50))
@given(networks(), st.data())
def test_paths_add_up_to_the_gradient_in_every_kind_of_network(preset: dict[str, Any], data: st.DataObject) -> None:
    plan = after_backward(session_from(preset))
    for gradient in gradients_of(plan):
        index = tuple(data.draw(st.integers(0, size - 1)) for size in gradient.array.shape)
        for example in (None, data.draw(st.integers(0, plan.examples - 1))):
            view = path_view(plan, gradient, index, example)
            check_sums(view)
            if view.count <= 2_000:
                check_walked(view, walked(plan, Reference(gradient, index), example))


@settings(deadline=None, max_examples=share(12, 30))
@given(networks())
def test_the_parts_of_all_examples_add_up_to_the_gradient(preset: dict[str, Any]) -> None:
    plan = after_backward(session_from(preset))
    for gradient in gradients_of(plan):
        index = (0,) * gradient.array.ndim
        views = [path_view(plan, gradient, index, example) for example in range(plan.examples)]
        whole = path_view(plan, gradient, index)
        assert abs(sum(v.signed_sum for v in views) - whole.signed_sum) <= 1e-10 * whole.magnitude_sum
        assert isclose(sum(v.magnitude_sum for v in views), whole.magnitude_sum, rel_tol=1e-10)
        assert sum(v.count for v in views) == whole.count


def dense(widths: list[int], examples: int = 1, activation: str = "tanh", **more: Any) -> dict[str, Any]:
    layers = [{"activation": activation, **more} for _ in widths[2:]] + [{"activation": "identity"}]
    return table(widths, layers, "mean_squared_error", examples, seed=2)


@pytest.mark.parametrize(
    ("widths", "layer", "count"),
    [
        ([2, 2, 1], 1, 1),  # W1[1,1] → hidden 1 → the output
        ([2, 2, 1], 2, 1),
        ([2, 3, 4, 3], 1, 12),  # through each of 4 units and each of 3 outputs
        ([2, 3, 4, 3], 2, 3),
        ([2, 3, 4, 3], 3, 1),
        ([1, 5, 6, 7, 2], 1, 84),
    ],
)
def test_a_weight_has_as_many_paths_as_the_product_of_the_widths_above(
    widths: list[int], layer: int, count: int
) -> None:
    one, three = (after_backward(session_from(dense(widths, examples))) for examples in (1, 3))
    view = path_view(one, one["dW", layer], (0, 0))
    assert (view.count, view.of_all, view.starts) == (count, count * one["dW", layer].array.size, 1)
    assert path_view(three, three["dW", layer], (0, 0)).count == 3 * count
    assert path_view(three, three["db", layer], (0,), example=2).count == count


def test_four_hundred_layers_have_more_paths_than_a_float_can_count() -> None:
    plan = after_backward(session_from(dense([2, *[8] * 400, 1])))
    view = path_view(plan, plan["dW", 1], (0, 0))
    assert view.count == 8**399
    assert not view.complete
    assert all(path.product == 0 or isfinite(path.log10) for path in view.paths)


def test_the_first_weights_of_a_network_for_digits_have_a_million_paths(session_of: Any) -> None:
    layers = [{"units": 128, "activation": "relu"}, {"units": 10, "activation": "softmax"}]
    session = session_of({"title": "Digits", "data": {"kind": "digits", "rows": [1, 2, 3]}, "layers": layers})
    plan = after_backward(session)
    view = path_view(plan, plan["dW", 1], (5, 400), example=1)
    assert (view.count, view.of_all) == (10, 1_003_520)
    check_sums(view)


def test_a_path_can_be_followed_by_hand(session_of: Any) -> None:
    layers = [
        {"units": 2, "activation": "identity", "weights": [[1.0, 2.0], [3.0, 4.0]]},
        {"units": 2, "activation": "identity", "weights": [[0.5, -1.0], [0.25, 1.0]]},
    ]
    data = {"kind": "inline", "inputs": [[1.0, 2.0], [9.0, 9.0]], "targets": [[0.5, 1.0], [0.0, 0.0]]}
    table = {"title": "By hand", "data": data, "layers": layers, "loss": {"kind": "half_squared_error"}}
    plan = after_backward(session_of(table))
    # A1 = (5, 11), A2 = (−8.5, 12.25), dA2 = (−9, 11.25); ∂ℓ/∂W1[1,2] = (−9 · 0.5 + 11.25 · 0.25) · 2
    view = path_view(plan, plan["dW", 1], (0, 1), example=0)
    assert (view.parameter, view.count, view.complete, view.starts) == ("W⁽¹⁾₁,₂", 2, True, 1)
    assert [path.product for path in view.paths] == [-4.5, 2.8125]
    assert (view.signed_sum, view.magnitude_sum) == (-1.6875, 7.3125)
    assert view.remainder == 1.6875 / 7.3125
    assert view.strongest_share == 4.5 / 7.3125
    assert view.listed_share == pytest.approx(1)
    strongest = view.paths[0]
    assert [(f.symbol, f.value, f.layer, f.kind) for f in strongest.factors] == [
        ("dA⁽²⁾₁,₁", -9.0, 2, "upstream"),
        ("id′(Z⁽²⁾)₁,₁", 1.0, 2, "slope"),
        ("W⁽²⁾₁,₁", 0.5, 2, "weight"),
        ("id′(Z⁽¹⁾)₁,₁", 1.0, 1, "slope"),
        ("X₂,₁", 2.0, 1, "input"),
        ("1/m", 0.5, 1, "mean"),
    ]
    assert [s.layer for s in strongest.stretches] == [2, 1]
    assert [s.log10 for s in strongest.stretches] == pytest.approx([log10(4.5), 0.0], abs=1e-15)
    assert strongest.stretches[-1].total == pytest.approx(strongest.log10) == pytest.approx(log10(4.5))


def test_every_reference_of_a_path_is_that_examples_own() -> None:
    preset = dense([2, 3, 2], examples=4, activation="sigmoid", dropout=0.3)
    plan = after_backward(session_from(preset))
    for path in path_view(plan, plan["dW", 1], (1, 1), example=2).paths:
        for factor in path.factors:
            assert factor.reference is None or factor.value == factor.reference.value()
            if factor.reference is not None and factor.reference.quantity.per_example:
                assert factor.reference.index[-1] == 2


def test_dead_paths_are_counted_and_are_zero() -> None:
    preset = dense([2, 3, 1], activation="relu")
    preset["layers"][0]["biases"] = [-100.0, 5.0, 5.0]
    plan = after_backward(session_from(preset))
    view = path_view(plan, plan["dW", 1], (0, 0))
    assert (view.count, view.signed_sum, view.magnitude_sum, view.remainder, view.strongest_share) == (1, 0, 0, 0, 0)
    (path,) = view.paths
    assert (path.product, path.share, path.log10) == (0, 0, -inf)
    assert [f.kind for f in path.factors if f.value == 0] == ["slope"]
    assert path_view(plan, plan["dW", 1], (1, 0)).magnitude_sum > 0


def test_a_network_without_any_gradient_has_paths_all_the_same() -> None:
    preset = dense([2, 3, 2], examples=2)
    preset["layers"][1]["weights"] = [[0.0] * 3] * 2
    preset["data"]["targets"] = [[0.0, 0.0]] * 2
    plan = after_backward(session_from(preset))
    view = path_view(plan, plan["dW", 1], (0, 0))
    assert (view.count, view.magnitude_sum, view.remainder) == (4, 0, 0)
    assert all(path.product == 0 for path in view.paths)


def test_numbers_that_are_none_are_listed_first_and_break_nothing() -> None:
    preset = dense([2, 3, 2], examples=2, activation="identity")
    plan = after_backward(session_from(preset))
    plan["W", 2].array[0, 1] = np.nan
    view = path_view(plan, plan["dW", 1], (1, 0), example=0)
    assert np.isnan(view.signed_sum)
    assert np.isnan(view.paths[0].product)
    assert isfinite(view.paths[1].product)


def test_a_shortcut_is_a_path_of_its_own() -> None:
    layers = [{"activation": "tanh"}, {"activation": "tanh", "residual": True}, {"activation": "identity"}]
    plan = after_backward(session_from(table([2, 2, 2, 1], layers, "mean_squared_error", 1, seed=1)))
    view = path_view(plan, plan["dW", 1], (0, 0))
    assert view.count == 3  # through the two units of layer 2, and past it
    past = [path for path in view.paths if any(f.kind == "shortcut" for f in path.factors)]
    assert len(past) == 1
    assert [f.symbol for f in past[0].factors if f.layer == 2] == ["1"]


def test_batch_norm_leads_paths_through_other_examples() -> None:
    preset = dense([2, 2, 1], examples=3, batch_norm=True)
    plan = after_backward(session_from(preset))
    view = path_view(plan, plan["dW", 1], (0, 0), example=1)
    # dN of the example itself, and of all three by each of the two means.
    assert (view.count, view.starts, view.coupled) == (1 + 3 + 3, 3, True)
    ends = [path.factors[0].reference for path in view.paths]
    assert {end.index[-1] for end in ends if end is not None} == {0, 1, 2}
    above = path_view(plan, plan["dW", 2], (0, 0), example=1)
    assert (above.count, above.starts, above.coupled) == (1, 1, False)


def test_a_bias_before_a_batch_norm_has_paths_that_cancel() -> None:
    plan = after_backward(session_from(dense([2, 2, 1], examples=5, batch_norm=True)))
    view = path_view(plan, plan["db", 1], (0,))
    assert view.magnitude_sum > 0
    assert view.remainder < 1e-12


def test_of_too_many_paths_the_strongest_are_listed() -> None:
    plan = after_backward(session_from(dense([2, 6, 6, 6, 6, 2])))
    root = Reference(plan["dW", 1], (0, 0))
    products = walked(plan, root)
    assert len(products) == 6 * 6 * 6 * 2 <= LIMIT
    assert path_view(plan, root.quantity, root.index).complete
    plan = after_backward(session_from(dense([2, 6, 6, 6, 6, 3])))
    root = Reference(plan["dW", 1], (0, 0))
    view = path_view(plan, root.quantity, root.index, strongest=40)
    assert not view.complete
    assert len(view.paths) == 40
    assert view.count == 648 > LIMIT
    check_walked(view, walked(plan, root))
    assert 0 < view.strongest_share < view.listed_share < 1


def test_an_example_beyond_a_smaller_batch_is_its_last() -> None:
    plan = after_backward(session_from(dense([2, 2, 1], examples=2)))
    assert path_view(plan, plan["dW", 1], (0, 0), example=7).example == 1


def test_in_single_precision_the_sum_is_right_as_far_as_that_goes() -> None:
    preset = {**dense([2, 4, 4, 1], examples=3), "training": {"dtype": "float32"}}
    plan = after_backward(session_from(preset))
    view = path_view(plan, plan["dW", 1], (0, 0))
    assert abs(view.signed_sum - view.gradient) <= 1e-5 * view.magnitude_sum
