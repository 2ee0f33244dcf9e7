"""The gradients pane: what its gauge says of a layer, and when."""

from collections.abc import Callable
from math import inf, nan

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.history import LayerMeasure
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.panes.gauge import LIMITS, SCALE, bands, gauge, scale, shortened
from backprop_tui.tui.panes.gradients import Columns, gradient_lines, shown_layers
from backprop_tui.tui.panes.view import View


def words(session: Session, width: int, look: Look | None = None) -> dict[int, str]:
    """What stands in the column of the gauge, by layer."""
    lines = gradient_lines(session, View(Spotlight(1, 0, 0), look=look or Look()), width, 40, 0)
    rows = [strip.text for strip in lines[1 : 1 + len(session.trainer.layers)]]
    return {int(row.split()[0]): row.split()[2] for row in rows}


@pytest.mark.parametrize(
    ("weights", "update", "said"),
    [
        (10.0, None, None),
        (10.0, 0.00099, "small"),
        (10.0, 0.00101, "moderate"),
        (10.0, 0.499, "moderate"),
        (10.0, 0.501, "large"),
        (1e-3, 0.001, "large"),
        (10.0, 0.0, "zero"),
        (0.0, 0.0, "zero"),
        (0.0, 0.1, "W = 0"),
        (10.0, inf, "inf"),
        (10.0, nan, "nan"),
    ],
)
def test_a_gradient_is_gauged_by_what_its_update_does_to_the_weights(
    weights: float, update: float | None, said: str | None
) -> None:
    measure = LayerMeasure(1, weights, 3.0, update)
    assert gauge(measure) == said
    assert said is None or len(shortened(said, 5)) <= 5


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)])
@pytest.mark.parametrize("width", [23, 36, 63])
def test_the_gauge_is_blank_until_the_update_of_its_layer_is_computed(
    session_of: Callable[..., Session], width: int, look: Look
) -> None:
    session = session_of("first-steps")
    for _ in session.plan.events:
        session.forward("op")
        for layer, said in words(session, width, look).items():
            change = session.plan["ΔW", layer]
            if not session.computed(change):
                assert said == look.glyphs.blank
                continue
            weights = session.plan["W", layer].array - change.array * session.position.finished
            ratio = np.linalg.norm(change.array) / np.linalg.norm(weights)
            assert 1e-4 < ratio < 0.05
            assert said == ("moderate" if width == 63 else "mod.")


def test_the_first_layers_of_vanishing_have_small_gradients_and_those_of_exploding_large_ones(
    session_of: Callable[..., Session],
) -> None:
    session = session_of("vanishing")
    session.forward("step")
    said = [word for _, word in sorted(words(session, 63).items())]
    assert said == ["small"] * 6 + ["moderate"] * 4
    session = session_of("exploding")
    session.forward("step")
    assert set(words(session, 63).values()) == {"large"}


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)])
@pytest.mark.parametrize("name", ["first-steps", "vanishing", "digits"])
def test_the_rows_of_layers_keep_to_their_room(session_of: Callable[..., Session], name: str, look: Look) -> None:
    session = session_of(name)
    for unit in ("phase", "step"):
        session.forward(unit)  # type: ignore[arg-type]
        for width in (1, 8, 16, 22, 23, 24, 36, 50, 63, 120):
            for strip in gradient_lines(session, View(Spotlight(1, 0, 0), look=look), width, 12, 0):
                assert strip.cell_length <= width
                assert not look.glyphs.ascii or strip.text.isascii()


@pytest.mark.parametrize(
    ("ratio", "cell"), [(1e-7, 0), (1e-9, 0), (1e-3, 14), (10.0, 28), (1e4, 28), (0.0, 0), (float("inf"), None)]
)
def test_the_needle_stands_where_the_ratio_is_on_a_logarithmic_scale(ratio: float, cell: int | None) -> None:
    text, needle = scale(LayerMeasure(1, 1.0, 1.0, ratio), Look())
    assert needle == cell
    assert len(text) == len(bands()) == SCALE
    assert ("O" in text) == (cell is not None)


def test_the_needle_stands_under_the_word_of_the_gauge() -> None:
    for ratio in (3e-6, 2e-3, 0.6):
        measure = LayerMeasure(1, 1.0, 1.0, ratio)
        said, needle = gauge(measure), scale(measure, Look())[1]
        assert said is not None
        assert needle is not None
        begin = sum(limit < needle for limit in LIMITS)
        assert bands().split()[begin] == said


def test_a_wide_pane_has_the_scale_and_a_narrow_one_the_word_alone() -> None:
    for width, wide in ((40, False), (63, False), (118, True)):
        columns = Columns.fitting(width, 3)
        assert bool(columns.scale) == wide
        parts = (
            columns.layer,
            columns.number,
            columns.gauge,
            columns.scale,
            columns.bar,
            columns.ratio,
            columns.history,
        )
        assert sum(part + 1 for part in parts if part) - 1 <= width


@pytest.mark.parametrize(
    ("layers", "rows", "scroll", "expected"),
    [
        (3, 6, 0, [0, 1, 2]),
        (10, 6, 0, [0, 1, 2, None, 8, 9]),
        (10, 5, 0, [0, 1, None, 8, 9]),
        (10, 2, 0, [0, None]),
        (10, 1, 0, [0]),
        (10, 6, 1, [1, 2, 3, 4, 5, None]),
        (10, 6, 4, [4, 5, 6, 7, 8, 9]),
        (6, 6, 0, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_both_ends_of_a_deep_network_are_there_until_one_scrolls(
    layers: int, rows: int, scroll: int, expected: list[int | None]
) -> None:
    assert shown_layers(layers, rows, scroll) == expected


def test_columns_without_room_are_told_of_and_not_explained(session_of: Callable[..., Session]) -> None:
    session = session_of("first-steps")
    session.forward("step")

    def shown(width: int) -> list[str]:
        return [strip.text.rstrip() for strip in gradient_lines(session, View(Spotlight(1, 0, 0)), width, 40, 0)]

    assert shown(63)[0].split() == ["‖dW‖", "gauge", "log₁₀", "update", "trend"]
    assert Columns.fitting(63, 2).lost == ()
    assert {"update:", "trend:"} <= set(" ".join(shown(63)).split())
    assert shown(25)[0].split() == ["‖dW‖", "gauge", "log₁₀"]
    assert Columns.fitting(25, 2).lost == ("update", "trend")
    assert "gauge:" in " ".join(shown(25))
    assert not {"update:", "trend:"} & set(" ".join(shown(25)).split())
    assert Columns.fitting(16, 2).lost == ("gauge", "update", "trend")


def test_what_is_left_out_is_counted(session_of: Callable[..., Session]) -> None:
    session = session_of("vanishing")
    session.forward("step")
    texts = [strip.text for strip in gradient_lines(session, View(Spotlight(1, 0, 0)), 24, 8, 0)]
    names = [text.split()[0] for text in texts[1:7]]
    assert names[:3] == ["10", "9", "8"]
    assert "… 5 more" in texts[4]
    assert names[4:] == ["2", "1"]
