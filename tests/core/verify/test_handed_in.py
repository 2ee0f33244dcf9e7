"""A step that was handed in as a session: the very step that was judged, with each result beside its own."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session
from backprop_tui.core.verify import handed_preset
from backprop_tui.core.verify.handed_in import PARAMETER_OF, HandedIn, Result, opened, symbol_of

from ...share import share
from .handed_in import COLUMNS, ROWS, Handed
from .handed_steps import EXERCISES
from .network import Mistake
from .verdict import verdict

SOME = ("sigmoid classes", "relu classes", "norm twice", "second", "clipped labels", "adam later", "dropout twice")

X, Y = [[1.0, 2.0], [3.0, -1.0]], [[1.0], [0.0]]
W1, b1 = [[0.5, -0.25]], [0.125]
"""Two examples as rows and one unit: Z = 0.125 and 1.875."""


def by_hand(**more: Any) -> Handed:
    """A step in rows: A = Z, dZ = 2 (A − Y)/1 = −1.75 and 3.75, here carrying 1/m; dW = (4.75, −3.625)."""
    return {
        "x": np.array(X),
        "t": np.array(Y),
        "w1": np.array(W1).T,
        "b1": np.array([b1]),
        "dz1": np.array([[-0.875], [1.875]]),
        "dw1": np.array([[4.75], [-3.625]]),
        "activations": ["identity"],
        "loss_kind": "mean_squared_error",
    } | more


def all_results(handed_in: HandedIn) -> list[Result]:
    return [result for page in handed_in.ops.values() for result in (*page.results.values(), *page.absent)]


@pytest.mark.parametrize("key", share(SOME, tuple(EXERCISES)))
def test_step_1_is_the_step_that_was_judged(key: str) -> None:
    report = verdict(EXERCISES[key].handed_in([Mistake("missing_mean")]))
    session, _ = opened(report)
    session.seek(session.timeline.finish_of(1) - 1)
    compared = 0
    for key_of, right in report.verdict.right.items():
        quantity = session.plan.find(symbol_of(key_of), key_of[1])
        if quantity is None:
            assert key_of == ("dA", len(session.trainer.layers))
            continue
        array = quantity.array
        if key_of[0] in PARAMETER_OF:
            array = session.plan[PARAMETER_OF[key_of[0]], key_of[1]].array + array
        np.testing.assert_array_equal(array, right, err_msg=str(key_of))
        compared += 1
    assert compared > 10
    session.seek(session.timeline.finish_of(1))
    for layer in session.trainer.layers:
        new = layer.parameters(session.trainer.state.parameters)
        np.testing.assert_array_equal(new["W"], report.verdict.right["W_new", layer.number])


@pytest.mark.parametrize("key", ["momentum later", "adam later", "dropout twice"])
def test_the_run_goes_on_as_it_began_however_it_is_gone_through(key: str) -> None:
    """Back and again, from the start again, and with an edit: masks and moments are those that were handed in."""
    report = verdict(EXERCISES[key].handed_in())
    session, _ = opened(report)
    ends = [session.timeline.finish_of(step) for step in (1, 3)]
    straight = [seen(session, end) for end in ends]
    assert [seen(session, end) for end in ends] == straight
    assert [seen(Session(session.preset, session.dataset), end) for end in ends] == straight
    assert [seen(session.twin(), end) for end in ends] == straight
    other = session.with_edits((Edit(0, "optimizer.learning_rate", 0.25),))
    other.seek(ends[0] - 1)
    for name, layer in (("dW", 1), ("dW", 2)):
        np.testing.assert_array_equal(other.plan[name, layer].array, report.verdict.right[name, layer])
    assert (
        other.trainer.optimizer_step() == session.trainer.optimizer_step() - session.step == report.verdict.step.number
    )


def seen(session: Session, count: int) -> bytes:
    """The whole state at a position, bit for bit."""
    session.seek(count)
    return session.trainer.state.vectors.tobytes()


def test_what_is_kept_of_a_parameter_that_there_is_not_is_let_be() -> None:
    handed = EXERCISES["momentum later"].handed_in()
    first = {name: array for name, array in handed.items() if name not in ("b1", "db1", "b1_new")}
    session, _ = opened(verdict(first))
    assert not session.trainer.layers[0].has_bias
    assert "velocity_b1" in first
    kept = session.trainer.layers[1].parameters(session.trainer.state.vectors[1])["b"]
    assert kept.any()


def test_a_later_step_says_so_at_its_updates() -> None:
    session, handed_in = opened(verdict(EXERCISES["adam later"].handed_in()))
    update = next(op for op in session.plan.ops if op.phase == "update")
    number = EXERCISES["adam later"].before + 1
    assert [(one.title, one.text) for one in handed_in.of(update).remarks] == [
        ("Step", f"{number} of the optimizer, as handed in")
    ]


def test_what_no_preset_can_be_made_of_is_one_line() -> None:
    """Targets that sum to 1 as nearly as float32 can: a run holds them to more."""
    handed = EXERCISES["sigmoid classes"].laid_out(COLUMNS).handed_in()
    soft = np.full(handed["Y"].shape, 1 / 3, np.float32) + np.float32(1e-7)
    with pytest.raises(PresetError, match="sum to 1") as refused:
        opened(verdict(handed | {"Y": soft}))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("key", share(("relu classes", "two classes", "norm tanh"), tuple(EXERCISES)))
@pytest.mark.parametrize("layout", [COLUMNS, ROWS], ids=str)
def test_each_entry_says_where_it_stands_in_what_was_handed_in(key: str, layout: Any) -> None:
    handed = EXERCISES[key].laid_out(layout).handed_in()
    report = verdict(handed)
    session, handed_in = opened(report)
    assert handed_in.first is None
    assert session.count == 0
    results = all_results(handed_in)
    assert {result.key for result in results} == set(report.verdict.order)
    assert len(results) == len(report.quantities)
    for result in results:
        for index in np.ndindex(result.right.shape):
            entry = result.entry(index)
            assert entry is not None
            assert entry.passed
            assert eval(entry.name, {}, dict(handed)) == entry.raw
            assert entry.raw * entry.times == pytest.approx(entry.value)
            assert entry.value == pytest.approx(float(result.right[index]), rel=1e-6, abs=1e-9)


def test_by_hand() -> None:
    """dW is off in its second entry, 4.75 and −3.625 being right; dZ carries 1/2."""
    session, handed_in = opened(verdict(by_hand(dw1=np.array([[4.75], [-3.5]]))))
    dZ = session.plan["dZ", 1]
    result = handed_in.of(session.plan.events[dZ.place]).results["dZ", 1]
    entry = result.entry((0, 1))
    assert entry is not None
    assert (entry.name, entry.raw, entry.times, entry.value, entry.passed) == ("dz1[1, 0]", 1.875, 2.0, 3.75, True)
    assert "carry 1/m" in result.note
    first = handed_in.first
    assert first is not None
    assert (first.symbol, first.layer, first.index, first.name) == ("dW", 1, (0, 1), "dW⁽¹⁾₁,₂")
    assert session.op is session.plan.writer(session.plan["dW", 1])
    assert session.plan["dW", 1].value((0, 1)) == -3.625
    assert first.spotlight.entry(session.plan["dW", 1], 1) == (0, 1)
    shown = handed_in.of(session.op).results["dW", 1]
    mine, other = shown.entry((0, 1)), shown.entry((0, 0))
    assert mine is not None
    assert other is not None
    assert (mine.name, mine.raw, mine.times, mine.passed) == ("dw1[1, 0]", -3.5, 1.0, False)
    assert (other.name, other.raw, other.passed) == ("dw1[0, 0]", 4.75, True)
    assert shown.state == "wrong"


def test_what_follows_is_told_apart_and_the_mistake_stands_at_its_op() -> None:
    report = verdict(EXERCISES["sigmoid classes"].handed_in([Mistake("missing_activation_derivative", 1)]))
    session, handed_in = opened(report)
    states = {result.key: result.state for result in all_results(handed_in)}
    assert {key for key, state in states.items() if state == "wrong"} == {("dZ", 1)}
    follow = {("dW", 1), ("db", 1), ("W_new", 1), ("b_new", 1)}
    assert {key for key, state in states.items() if state == "follows"} == follow
    assert session.op is session.plan.writer(session.plan["dZ", 1])
    said = [f"{remark.title} {remark.text}" for remark in handed_in.of(session.op).remarks]
    assert said[0].startswith("Mistake: the slope of the activation is left out")
    assert said[0].endswith("— yours: dZ⁽¹⁾ = dA⁽¹⁾")
    assert "Python: dZ1 = dA1 * A1 * (1 - A1)" in said
    assert handed_in.mistakes == (session.op.place,)
    assert handed_in.summary.startswith("first wrong: dZ⁽¹⁾; following from what is wrong: dW⁽¹⁾, db⁽¹⁾")


def test_a_gradient_that_one_op_does_without_stands_at_that_op() -> None:
    handed = EXERCISES["labels"].handed_in()
    assert "dA2" in handed
    off = handed["dA2"].copy()
    off[1, 3] *= 3
    session, handed_in = opened(verdict(handed | {"dA2": off}))
    assert session.op is session.plan.writer(session.plan["dZ", 2])
    (result,) = handed_in.of(session.op).absent
    wrong, right = result.entry((1, 3)), result.entry((0, 0))
    assert wrong is not None
    assert right is not None
    assert not wrong.passed
    assert right.passed
    first = handed_in.first
    assert first is not None
    assert (first.name, first.symbol, first.index) == ("dA⁽²⁾₂,₄", "dZ", (1, 3))


def test_what_has_another_shape_has_no_entries() -> None:
    exercise = EXERCISES["tanh regression"]
    handed = exercise.handed_in()
    session, handed_in = opened(verdict(handed | {"dW2": handed["dW2"].T.copy()}))
    assert session.op is not None
    result = handed_in.of(session.op).results["dW", 2]
    assert result.entry((0, 0)) is None
    assert "4 × 2" in result.shapes
    assert "2 × 4" in result.shapes


def test_where_nothing_tells_a_learning_rate_it_is_said() -> None:
    session, handed_in = opened(verdict(by_hand()))
    update = next(op for op in session.plan.ops if op.phase == "update")
    (remark,) = handed_in.of(update).remarks
    assert remark.title == "No learning rate"
    assert remark.text.endswith(f"this update takes {session.preset.optimizer.learning_rate:g}")
    told, beside = opened(verdict(by_hand(learning_rate=0.5)))
    assert not beside.of(next(op for op in told.plan.ops if op.phase == "update")).remarks


def test_what_is_too_large_is_refused_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    report = verdict(by_hand())
    monkeypatch.setattr(handed_preset, "BYTES_OF_A_NUMBER", 10**9 // 8)
    with pytest.raises(PresetError, match=r"9 numbers as a preset would need 1\.12 GB of memory"):
        opened(report)


def test_it_stands_beside_its_own_step_alone() -> None:
    session, handed_in = opened(verdict(by_hand()))
    assert handed_in.beside(session)
    again = Session(session.preset, session.dataset)
    assert handed_in.beside(again)
    again.seek(again.timeline.finish_of(1))
    assert handed_in.beside(again)
    assert handed_in.beside(again.branch("optimizer.learning_rate", 0.25)), "it is changed after the step"
    again.forward("op")
    assert not handed_in.beside(again)
    assert not handed_in.beside(session.with_edits((Edit(0, "optimizer.learning_rate", 0.25),)))
    assert not handed_in.beside(Session(replace(session.preset), session.dataset))
