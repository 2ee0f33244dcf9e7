"""The strip of the position: every op is on it, the cursor is where the run is, and a click leads to what it shows."""

from collections.abc import Callable
from typing import Any

import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import ASCII, UNICODE, Look
from backprop_tui.tui.panes.position_strip import count_at, op_at, position_strip
from backprop_tui.tui.panes.view import View

NAMES = ("first-steps", "vanishing", "digits")
WIDTHS = (40, 60, 80, 120, 200)


@pytest.fixture
def opened(session_of: Callable[..., Session]) -> Callable[..., tuple[Session, View]]:
    """A session with the view of its first weight."""

    def make(name: str | dict[str, Any], **options: Any) -> tuple[Session, View]:
        session = session_of(name, **options)
        return session, View(Spotlight(1, 0, 0))

    return make


def test_every_op_is_on_it_by_phase_and_layer(opened: Callable[..., tuple[Session, View]]) -> None:
    session, view = opened("first-steps")
    assert position_strip(session, view, 80).text == (
        "forward  1 Z A  2 Z A │ loss ℒ │ backward  2 A Z W A  1 Z W │ update 1 2 │ ✓"
    )
    session.seek(5)
    assert "2 Z▸A │" in position_strip(session, view, 80).text
    assert position_strip(session, view, 60).text.startswith("forward 1ZA 2Z▸│loss ℒ")


def test_a_tenth_layer_is_ten(opened: Callable[..., tuple[Session, View]]) -> None:
    session, view = opened("vanishing")
    assert "│update 1·······10│" in position_strip(session, view, 120).text
    assert position_strip(session, view, 76).text == "forward 1·······10│loss ─│backward 10·······1│update 1·······10│✓"
    layers = session.timeline.finish_of(1) - len(session.trainer.layers)
    session.seek(layers + 3)
    assert "update 1··▸····10" in position_strip(session, view, 76).text


def test_batch_norm_dropout_and_residual_have_their_ops(opened: Callable[..., tuple[Session, View]]) -> None:
    parts = {"layers.0.batch_norm": True, "layers.0.residual": True, "layers.0.dropout": 0.5}
    session, view = opened("first-steps", changes=parts)
    assert "forward  1 Z N F D A  2 Z A" in position_strip(session, view, 120).text
    view.look = Look(glyphs=ASCII)
    assert position_strip(session, view, 120).text.isascii()


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_the_cursor_stands_once_moves_on_and_moves_nothing_else(
    opened: Callable[..., tuple[Session, View]], name: str, width: int, glyphs: Any
) -> None:
    session, view = opened(name)
    view.look = Look(glyphs=glyphs)
    still = position_strip(session, view, width).text
    assert glyphs.cursor not in still
    columns = []
    for count in range(2, len(session.plan.events) + 1):
        session.seek(count)
        text = position_strip(session, view, width).text
        assert len(text) == len(still) <= width
        assert text.count(glyphs.cursor) == 1
        columns.append(text.index(glyphs.cursor))
        here = columns[-1]
        assert text[:here] + text[here + 1 :] == still[:here] + still[here + 1 :]
    assert columns == sorted(columns)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_a_click_leads_to_what_stands_there(opened: Callable[..., tuple[Session, View]], name: str, width: int) -> None:
    session, view = opened(name)
    session.seek(len(session.plan.events) + 1)
    base = len(session.plan.events)
    text = position_strip(session, view, width).text
    places = [op_at(session, view.look, width, x) for x in range(len(text))]
    assert all(place is not None for place in places)
    assert op_at(session, view.look, width, len(text)) is None
    assert count_at(session, view.look, width, -1) is None
    for x in range(len(text)):
        count = count_at(session, view.look, width, x)
        assert count is not None
        session.seek(count)
        assert session.position.step == 2
        assert session.position.events - 1 == places[x]
        assert count > base


def test_with_room_for_every_op_a_click_reaches_every_op(opened: Callable[..., tuple[Session, View]]) -> None:
    session, view = opened("vanishing")
    for width in (120, 200):
        reached = {op_at(session, view.look, width, x) for x in range(width)}
        assert reached - {None} == set(range(1, len(session.plan.ops) + 2))
