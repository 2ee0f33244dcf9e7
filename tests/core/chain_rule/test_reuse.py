"""What the backward pass reads back: by hand, and by running it with nothing kept."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.reuse import Reuse, reuse, sources, stored_reads
from backprop_tui.core.ops.event import Op
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.training.rehearsal import Rehearsal

PARTS = [{}, {"batch_norm": True}, {"dropout": 0.4}, {"residual": True}]
NAMES = ["plain", "batch norm", "dropout", "residual"]


def test_a_step_of_the_2_2_1_network_by_hand(session_of: Any) -> None:
    """4 + 2 multiply-adds forward; the way back takes 2 for dW⁽²⁾, 2 for dA⁽¹⁾ and 4 for dW⁽¹⁾.

    Read back: E for dA⁽²⁾; dA⁽²⁾ and A⁽²⁾ for dZ⁽²⁾; dZ⁽²⁾ and the two of A⁽¹⁾ for dW⁽²⁾; dZ⁽²⁾ for dA⁽¹⁾; the two of
    dA⁽¹⁾ and of A⁽¹⁾ for dZ⁽¹⁾; the two of dZ⁽¹⁾ for dW⁽¹⁾, whose other side is the batch. Up to dA⁽¹⁾ each would take
    the forward pass again, 6, and the two behind it dA⁽¹⁾ as well, 8.
    """
    session = session_of("first-steps")
    first = next(op.place for op in session.plan.ops if op.phase == "backward")
    assert [op.name for op in session.plan.ops[first - 1 :][:6]] == ["dA", "dZ", "dW db", "dA", "dZ", "dW db"]
    found = [reuse(session.plan, place + 1) for place in range(first - 1, first + 6)]
    assert [one.read for one in found] == [0, 1, 3, 6, 7, 11, 13]
    assert [one.from_forward for one in found] == [0, 1, 2, 4, 4, 6, 6]
    assert [one.saved for one in found] == [0, 6, 12, 18, 24, 32, 40]
    assert [one.taken for one in found] == [6, 6, 6, 8, 10, 10, 14]
    assert {one.of for one in found} == {13}


def plan_of(session: Session) -> Plan:
    trainer, data = session.trainer, session.dataset
    plan = Rehearsal(trainer, data.inputs, data.targets, trainer.masks(1, data.size), trainer.dtype).plan
    run([op for op in plan.ops if op.phase != "update"])
    return plan


def run(ops: list[Op]) -> None:
    with np.errstate(all="ignore"):
        for op in ops:
            for call in op.calls:
                call()


@pytest.mark.parametrize("extra", PARTS, ids=NAMES)
@pytest.mark.parametrize("output", [("softmax", "cross_entropy"), ("tanh", "mean_squared_error")])
@pytest.mark.parametrize("hidden", ["tanh", "gelu"])
def test_with_nothing_kept_the_sources_and_no_fewer_make_the_same_numbers(
    session_of: Any, network_table: Any, hidden: str, output: tuple[str, str], extra: dict[str, Any]
) -> None:
    plan = plan_of(session_of(network_table(hidden, *output, **extra)))
    stored = {op: stored_reads(op) for op in plan.ops}
    made = [quantity for quantity in plan.quantities.values() if quantity.place > 0]
    right = {id(quantity): quantity.array.copy() for quantity in made}

    def forget() -> None:
        for quantity in made:
            quantity.array.fill(np.nan)

    for op, places in sources(stored).items():
        if op.phase != "backward":
            continue
        needed = [other for other in plan.ops if places >> other.place & 1]
        forget()
        run([*needed, op])
        for quantity in op.writes:
            assert np.array_equal(quantity.array, right[id(quantity)]), op.name
        for left_out in needed:
            forget()
            run([other for other in [*needed, op] if other is not left_out])
            same = all(np.array_equal(quantity.array, right[id(quantity)]) for quantity in op.writes)
            assert not same, (op.name, left_out.name)


@pytest.mark.parametrize("preset", ["vanishing", "batch-norm", "digits"])
def test_it_grows_op_by_op_to_the_whole(session_of: Any, preset: str) -> None:
    plan = session_of(preset).plan
    found = [reuse(plan, events) for events in range(len(plan.events) + 1)]
    before = Reuse(0, found[0].of, 0, 0, 0)
    for op, one in zip(plan.events, found[1:], strict=True):
        reads = stored_reads(op) if op.phase == "backward" else []
        assert one.read - before.read == sum(quantity.array.size for quantity in reads)
        assert one.taken - before.taken == op.multiply_adds
        assert 0 <= one.from_forward <= one.read <= one.of
        assert (one.saved > before.saved) == bool(reads)
        before = one
    assert found[-1].read == found[-1].of > 0


def test_a_value_for_two_ops_is_read_back_twice(session_of: Any) -> None:
    plan = session_of("first-steps").plan
    readers = [op.name for op in plan.ops if op.phase == "backward" and plan["dZ", 2] in stored_reads(op)]
    assert readers == ["dW db", "dA"]
