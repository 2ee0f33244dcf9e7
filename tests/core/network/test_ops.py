"""Every op of every kind of network: what it says about a number is how the number came about."""

from collections.abc import Iterator
from itertools import islice, product
from math import isclose
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import origins, statements
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Reference, abridged
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.session.session import Session

from ...share import share

HIDDEN = ("identity", "sigmoid", "tanh", "relu")
OTHERS = ("leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "softplus")
PAIRS = (
    *product((*HIDDEN, "softmax"), ("mean_squared_error", "half_squared_error")),
    ("softmax", "cross_entropy"),
    ("sigmoid", "binary_cross_entropy"),
)
OPTIMIZERS = ("sgd", "adam", "frozen biases")
PARTS: tuple[dict[str, Any], ...] = (
    {"batch_norm": True},
    {"residual": True},
    {"dropout": 0.4},
    {"batch_norm": True, "dropout": 0.4},
    {"residual": True, "dropout": 0.4},
    {"batch_norm": True, "residual": True, "dropout": 0.4},
)
RULES: tuple[dict[str, Any], ...] = (
    *({"kind": kind} for kind in ("momentum", "nesterov", "rmsprop", "adagrad", "adamw")),
    {"kind": "momentum", "ema": True},
    {"kind": "nesterov", "ema": True},
    {"kind": "rmsprop", "epsilon_inside_sqrt": True},
    {"kind": "adam", "bias_correction": False, "epsilon_inside_sqrt": True},
    {"kind": "adamw", "weight_decay": 0.1},
    {"kind": "sgd", "l1": 0.01, "l2": 0.1, "weight_decay": 0.05, "clip_value": 0.1, "clip_norm": 0.2},
    {"kind": "adam", "l2": 0.1, "clip_norm": 0.1, "train_biases": False},
    {"kind": "rmsprop", "clip_norm": 100.0},
    {"kind": "adagrad", "clip_value": 0.01},
)
Network = tuple[str, str, str, dict[str, Any]]
NETWORKS: tuple[Network, ...] = (
    *((hidden, *pair, {}) for hidden, pair in product(HIDDEN, PAIRS)),
    *((hidden, "identity", "mean_squared_error", {}) for hidden in OTHERS),
    *(("tanh", other, "half_squared_error", {}) for other in OTHERS),
    *((hidden, *PAIRS[-1 - i % 2], parts) for i, (hidden, parts) in enumerate(product(("sigmoid", "gelu"), PARTS))),
    *(("relu", "tanh", "mean_squared_error", parts) for parts in PARTS),
    *(("tanh", "softmax", "cross_entropy", {"optimizer": rule, "batch_norm": True}) for rule in RULES),
)
every_network = pytest.mark.parametrize(
    "network", NETWORKS, ids=lambda network: "-".join(map(str, (*network[:3], *network[3].items())))
)
MOST_ENTRIES = 6


def sessions(session_of: Any, network_table: Any, network: Network) -> Iterator[Session]:
    """One of these networks with each batch size and each optimizer once, with and without biases.

    Which of these meet changes from network to network, so that over all of them each meets each. By default a
    network has one of the three batch sizes.
    """
    hidden, output, loss, options = network
    number = NETWORKS.index(network)
    for place, batch in islice(enumerate((1, 3, 7)), number // 2 % share(3, 1), None, share(3, 1)):
        optimizer = OPTIMIZERS[(place + number) % 3]
        bias = (place + number // 3) % 2 == 0
        chosen = {"optimizer": optimizer} | options
        yield session_of(network_table(hidden, output, loss, batch=batch, bias=bias, **chosen))


def entries(quantity: Quantity) -> list[Index]:
    """Some entries of a quantity, all of a small one; which ones changes from quantity to quantity."""
    every = list(np.ndindex(quantity.array.shape))
    stride = -(-len(every) // MOST_ENTRIES)
    return every[quantity.place % stride :: stride]


def close(left: float, right: float) -> bool:
    return isclose(left, right, rel_tol=1e-12, abs_tol=1e-15)


def check_explanations(session: Session, op: Op) -> None:
    """What the op that has just run says of its numbers, and of which it says that they made them."""
    own = {id(quantity) for quantity in op.writes}
    sources = {id(quantity) for quantity in op.reads} | own
    for quantity in op.writes:
        assert session.computed(quantity)
        for index in entries(quantity):
            expression = op.explain(quantity, index)
            assert close(expression.value(), quantity.value(index)), (op.name, quantity.entry(index))
            for reference in expression.references():
                assert id(reference.quantity) in sources, (op.name, reference.symbols())
            for most in (2, 4):
                assert close(abridged(expression, most, index[-1] if index else None).value(), expression.value())


def check_statements(session: Session, op: Op, spotlight: Spotlight) -> None:
    """What is said for the spotlight names nothing that is still to come."""
    layers = len(session.trainer.layers)
    found = statements(op, spotlight, layers)
    assert [s.name.startswith("new ") for s in found].count(True) == sum(q.symbol[0] == "Δ" for q in op.writes)
    assert len(found) >= len(op.writes)
    for shown in found:
        assert close(shown.expression.value(), shown.value), shown.text(str)
        for reference in shown.expression.references():
            assert session.computed(reference.quantity), shown.text(str)
        for origin in origins(shown, session.plan, layers):
            made_before = origin.op is None or origin.op.place <= op.place
            assert made_before, origin.text


@every_network
def test_explanations_make_the_numbers(session_of: Any, network_table: Any, network: Network) -> None:
    for session in sessions(session_of, network_table, network):
        for count in range(2 * session.timeline.length):
            session.seek(count + 1)
            assert session.op is not None
            # A second step, since only then do moments start from something.
            if session.op.writes and session.op.phase != "start":
                check_explanations(session, session.op)
                layer = count % 3 + 1
                check_statements(session, session.op, Spotlight(layer, 1, None if count % 2 else 0, example=count % 7))


@every_network
def test_a_step_is_pure(session_of: Any, network_table: Any, network: Network) -> None:
    for session in sessions(session_of, network_table, network):
        for plan in (plan for plans in session.trainer.plans.values() for plan in plans):
            written = {id(plan["X", None]), id(plan["Y", None])}
            written |= {id(quantity) for quantity in plan.quantities.values() if quantity.place < 0}
            for place, op in enumerate(plan.ops, 1):
                assert op.place == place
                assert {id(quantity) for quantity in op.reads} <= written, op.name
                assert not {id(quantity) for quantity in op.writes} & written, op.name
                written |= {id(quantity) for quantity in op.writes}
                assert all(quantity.place == place for quantity in op.writes)
                assert all(plan.writer(quantity) is op for quantity in op.writes)
                for side in (op.upstream, op.local):
                    assert side is None or id(side) in written
            assert written == {id(quantity) for quantity in plan.quantities.values()}


def test_no_two_quantities_of_a_step_share_memory(session_of: Any, network_table: Any) -> None:
    session = session_of(network_table("tanh", "softmax", "mean_squared_error", batch=3, optimizer="adam"))
    for plan in (plan for plans in session.trainer.plans.values() for plan in plans):
        quantities = list(plan.quantities.values())
        for i, one in enumerate(quantities):
            for other in quantities[i + 1 :]:
                assert not np.shares_memory(one.array, other.array), (one.name, other.name)


def test_phases_follow_each_other_and_layers_go_up_and_down(session_of: Any, network_table: Any) -> None:
    session = session_of(network_table("relu", "sigmoid", "half_squared_error"))
    told = [(op.phase, op.name, op.layer) for op in session.plan.ops]
    assert told == [
        *(("forward", name, layer) for layer in (1, 2, 3) for name in ("Z", "A")),
        ("loss", "ℒ", None),
        ("backward", "dA", 3),
        *(("backward", name, layer) for layer in (3, 2) for name in ("dZ", "dW db", "dA")),
        *(("backward", name, 1) for name in ("dZ", "dW db")),
        *(("update", "ΔW Δb", layer) for layer in (1, 2, 3)),
    ]


def test_output_and_loss_in_one_op_say_so(session_of: Any, network_table: Any) -> None:
    for output, loss in (("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")):
        plan = session_of(network_table("tanh", output, loss)).plan
        assert plan.find("dA", 3) is None
        first = next(op for op in plan.ops if op.phase == "backward")
        assert "combined" in first.rule
        assert first.result is plan["dZ", 3]


def test_a_chain_rule_is_upstream_times_local(session_of: Any, network_table: Any) -> None:
    plan = session_of(network_table("tanh", "identity", "mean_squared_error")).plan
    sides = {op.result.name: (op.upstream, op.local) for op in plan.ops if op.phase == "backward"}
    assert sides["dZ⁽²⁾"] == (plan["dA", 2], plan["tanh′(Z)", 2])
    assert sides["dW⁽²⁾"] == (plan["dZ", 2], plan["A", 1])
    assert sides["dW⁽¹⁾"] == (plan["dZ", 1], plan["X", None])
    assert sides["dA⁽¹⁾"] == (plan["dZ", 2], plan["W", 2])


def test_what_is_given_has_no_explanation(session_of: Any, network_table: Any) -> None:
    session = session_of(network_table("tanh", "identity", "mean_squared_error"))
    with pytest.raises(LookupError, match="given"):
        session.plan.started.explain(session.plan["X", None], (0, 0))


def test_a_number_that_is_asked_for_comes_first_and_at_its_own_entry(session_of: Any, network_table: Any) -> None:
    session = session_of(network_table("tanh", "identity", "mean_squared_error"))
    session.seek(session.timeline.finish_of(1) - 1)
    spotlight = Spotlight(1, 0, 0)
    op = next(op for op in session.plan.ops if op.name == "dZ" and op.layer == 2)
    slope = session.plan["tanh′(Z)", 2]
    assert [s.name for s in statements(op, spotlight, 3)] == ["dZ⁽²⁾₁,₁", "tanh′(Z⁽²⁾)₁,₁"]
    wanted = Reference(slope, (3, 6))
    assert [s.name for s in statements(op, spotlight, 3, wanted)] == ["tanh′(Z⁽²⁾)₄,₇", "dZ⁽²⁾₄,₇"]
