"""The small history says what a straight run says, and going there leaves the session as it was."""

import random
from itertools import product
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.spotlight_history import Row, SpotlightHistory, spotlight_history
from backprop_tui.core.session import excursion
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.effort import effort
from backprop_tui.core.session.excursion import earliest, revisit
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.timeline import UNITS

from ...share import share

NETWORKS: dict[str, dict[str, Any]] = {
    "plain": {"optimizer": "adam", "batch": 3},
    "batch norm, dropout": {"batch_norm": True, "dropout": 0.4, "batch": 4},
    "residual": {"residual": True},
}
EDITS = (Edit(20, "optimizer.learning_rate", 0.01), Edit(33, "W2[1,2]", 0.25))
SPOTLIGHTS = (Spotlight(2, 0, 1), Spotlight(1, 1, 0), Spotlight(3, 2, None))
STEPS = 150


def straight(session: Session, spotlight: Spotlight) -> list[Row]:
    """The rows of steps 1 … STEPS of a run that only goes forward."""
    rows = []
    layer, symbol = session.trainer.layers[spotlight.layer - 1], spotlight.parameter
    for step in range(1, STEPS + 1):
        session.advance(session.timeline.finish_of(step) - 1)
        value, gradient, update = (
            float(layer.parameters(vector)[symbol][spotlight.index])
            for vector in (session.trainer.state.parameters, session.trainer.gradient, session.trainer.delta)
        )
        rows.append(Row(step, value, gradient, update))
        session.advance(session.timeline.finish_of(step))
    return rows


def everything(session: Session) -> tuple[Any, ...]:
    """All that a visit to the past must leave alone."""
    computed = {key: q.array.tobytes() for key, q in session.plan.quantities.items() if session.computed(q)}
    history = session.history
    curves = [np.array(history.gradients.rows).tobytes(), np.array(history.losses.series()).tobytes()]
    state = session.trainer.state
    return (
        *(session.count, session.op, session.plan, session.trainer, session.furthest, session.timing, session.chunk),
        *(state.step, state.vectors.tobytes(), state.statistics.tobytes(), computed, curves, history.steps),
        *(
            history.gradients.steps,
            session.not_finite_step,
            session.fault,
            session.records.dense,
            list(session.trainer.losses),
        ),
    )


def check(session: Session, spotlight: Spotlight, found: Any, rows: list[Row], most: int) -> None:
    position = session.position
    first = max(1, position.step - most + 1)
    assert found.steps == list(range(first, position.step + 1))
    last = position.step - (not position.finished)
    assert list(found.rows[: last - first + 1]) == rows[first - 1 : last]
    array = session.trainer.layers[spotlight.layer - 1].parameters(session.trainer.state.parameters)
    assert found.value == array[spotlight.parameter][spotlight.index]
    if not position.finished:
        own, whole = found.rows[-1], rows[position.step - 1]
        gradient = session.computed(session.plan[f"d{spotlight.parameter}", spotlight.layer])
        update = session.computed(session.plan[f"Δ{spotlight.parameter}", spotlight.layer])
        assert own.value == whole.value
        assert own.gradient == (whole.gradient if gradient else None)
        assert own.update == (whole.update if update else None)


@pytest.mark.parametrize(
    ("name", "edits"), [*product(NETWORKS, [EDITS, ()])][:: share(2, 1)] + share([("plain", ())], [])
)
def test_a_walk_finds_the_rows_of_a_straight_run(
    session_of: Any, network_table: Any, name: str, edits: tuple[Edit, ...]
) -> None:
    fresh = session_of(network_table("tanh", "identity", "mean_squared_error", **NETWORKS[name]))
    rows = {s: straight(Session(fresh.preset, fresh.dataset, None, edits), s) for s in SPOTLIGHTS}
    session = Session(fresh.preset, fresh.dataset, None, edits)
    chance = random.Random(7)
    cached = SpotlightHistory()
    end = session.timeline.finish_of(STEPS) - 1
    seen = set()
    for place in [0, session.timeline.finish_of(20), session.timeline.finish_of(33), *[None] * share(14, 60)]:
        how = chance.random()
        if place is not None:
            session.seek(place)
        elif how < 0.7:
            session.forward(chance.choice(UNITS))
        elif how < 0.85:
            session.back(chance.choice(UNITS))
        else:
            session.seek(chance.randrange(end))
        if session.count > end:
            session.seek(end)
        spotlight = SPOTLIGHTS[0] if how < 0.8 else chance.choice(SPOTLIGHTS)
        before = everything(session)
        found = cached.look(session, spotlight)
        assert everything(session) == before
        check(session, spotlight, found, rows[spotlight], 32)
        assert found == cached.look(session, spotlight) == spotlight_history(session, spotlight)
        short = spotlight_history(session, spotlight, 3)
        check(session, spotlight, short, rows[spotlight], 3)
        assert everything(session) == before
        seen.add((len(found.rows), session.position.finished))
    assert (32, True) in seen
    assert (32, False) in seen


def test_nothing_is_computed_at_the_start(session_of: Any) -> None:
    session = session_of("first-steps")
    found = spotlight_history(session, Spotlight(1, 0, 0))
    assert found.rows == (Row(1, 0.15, None, None),)
    assert (found.values, found.gradients, found.updates) == ([0.15], [None], [None])
    session.forward("step")
    found = spotlight_history(session, Spotlight(1, 0, 0))
    assert found.rows[0].gradient == pytest.approx(-0.001886, abs=5e-7)
    assert found.value == found.rows[0].value + (found.rows[0].update or 0)


def test_stepping_on_with_a_cache_needs_no_way_back(session_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_of("spiral")
    session.seek(session.timeline.finish_of(40))
    cached = SpotlightHistory()
    cached.look(session, Spotlight(1, 0, 0))
    ways: list[int] = []
    monkeypatch.setattr(session, "rewind", ways.append)
    for unit in ("op", "op", "phase", "phase", "step", "step", "step", "op"):
        session.forward(unit)
        assert len(cached.look(session, Spotlight(1, 0, 0)).rows) == 32
    assert not ways
    assert cached.known is not None
    assert len(cached.known.starts) == 1
    assert len(cached.known.rows) <= 64


def test_where_steps_are_long_fewer_are_looked_at(session_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots stand at 0 and 100; a blink is made as short as so many steps."""
    session = session_of("xor")
    rows = {}
    for step in (105, 120, 160):
        session.seek(session.timeline.finish_of(step))
        rows[step] = spotlight_history(session, Spotlight(1, 0, 0)).rows
    for blink, step, number in (
        (1000, 105, 32),
        (105, 105, 32),
        (104, 105, 5),
        (5, 105, 5),
        (4, 105, 0),
        (30, 120, 20),
        (60, 160, 32),
        (59, 160, 0),
    ):
        fresh = session_of("xor")
        fresh.seek(fresh.timeline.finish_of(step))
        assert fresh.snapshots.steps == [0, 100]
        monkeypatch.setattr(excursion, "BLINK", blink * effort(fresh.plan.ops) + 1)
        found = spotlight_history(fresh, Spotlight(1, 0, 0))
        assert found.rows == (rows[step][-number:] if number else ())
        assert found.value == float(fresh.trainer.state.parameters[0])
        fresh.forward("op")
        assert spotlight_history(fresh, Spotlight(1, 0, 0)).rows[-1].step == step + 1


def test_an_excursion_that_is_broken_off_comes_back_all_the_same(session_of: Any) -> None:
    session = session_of("spiral")
    session.seek(session.timeline.finish_of(30) + 5)
    before = everything(session)
    way = revisit(session, 10, 20)
    assert [next(way), next(way)] == [10, 11]
    assert session.position.step == 11
    way.close()
    assert everything(session) == before
    assert earliest(session, 10) == 10
