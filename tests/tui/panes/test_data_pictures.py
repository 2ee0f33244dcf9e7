"""The Data pane's pictures: one neuron's map, the data as a hidden layer sees them, confusion, test points, shades."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.hidden_layer import answers_to
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.measures import ClassMeasures
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.ground import ground_of
from backprop_tui.tui.drawing.palette import LIGHT
from backprop_tui.tui.panes.confusion_lines import confusion_lines, matrix
from backprop_tui.tui.panes.data import DataPane, data_lines, data_views, shown_view
from backprop_tui.tui.panes.hidden_lines import hidden_lines, pairs, sights
from backprop_tui.tui.panes.measuring import Measuring
from backprop_tui.tui.panes.neuron_map import answers_scale, moved, neuron_map, rounded_up
from backprop_tui.tui.panes.plane import Plane
from backprop_tui.tui.panes.view import DATA_VIEWS, View
from backprop_tui.tui.training_screen import TrainingScreen

LOOKS = [Look(), Look(palette=LIGHT), Look(color=False), Look(glyphs=ASCII)]
ROOMS = [(1, 1), (7, 3), (20, 8), (36, 14), (63, 21), (118, 30)]
SCATTER = np.random.default_rng(3).normal(size=(24, 2)).round(2).tolist()


def table(targets: Any, hidden: list[dict[str, Any]], output: str, units: int = 1, **data: Any) -> dict[str, Any]:
    """A preset on 24 points of the plane."""
    return {
        "title": "Points",
        "data": {"kind": "inline", "inputs": SCATTER, "targets": targets, "train_ratio": 0.75, **data},
        "layers": [*hidden, {"units": units, "activation": output}],
        "optimizer": {"learning_rate": 0.3},
    }


def three_kinds() -> dict[str, Any]:
    kinds = np.eye(3)[[int(x > 0) + int(y > 0) for x, y in SCATTER]].tolist()
    return table(kinds, [{"units": 2, "activation": "tanh"}], "softmax", 3)


def a_height() -> dict[str, Any]:
    heights = [[300.0 + 40 * x * y] for x, y in SCATTER]
    return table(heights, [{"units": 5, "activation": "relu"}], "identity", normalize_targets=True)


def two_labels() -> dict[str, Any]:
    labels = [[float(x > 0), float(y > 0)] for x, y in SCATTER]
    return {
        **table(labels, [{"units": 1, "activation": "sigmoid"}], "sigmoid", 2),
        "loss": {"kind": "binary_cross_entropy"},
    }


def text(strips: Any) -> str:
    return "\n".join(strip.text.rstrip() for strip in strips)


def styled_cells(strips: Any) -> list[list[tuple[str, Any]]]:
    return [[(character, segment.style) for segment in strip for character in segment.text] for strip in strips]


# The picture


def test_each_half_of_a_cell_is_the_answer_at_its_middle(session_of: Callable[..., Session]) -> None:
    session = session_of(three_kinds())
    session.forward("epoch")
    plane, view = Plane(), View(Spotlight(1, 0, 0))
    cells = styled_cells(data_lines(session, view, 40, 16, plane))
    place, ground = plane.surface.place, ground_of(Look())
    (left, right), (bottom, top) = session.dataset.domain  # type: ignore[misc]
    colors = [ground.colors[64 + number] for number in range(3)]
    compared = 0
    for row in range(place.height):
        for column in range(place.width):
            character, style = cells[row][place.left + column]
            if character != "▀":
                continue
            x = left + (right - left) * (column + 0.5) / place.width
            halves = [top - (top - bottom) * (2 * row + half + 0.5) / (2 * place.height) for half in (0, 1)]
            answer = session.evaluator.predict(np.array([[x, x], halves])).argmax(axis=0)
            assert (style.color.name, style.bgcolor.name) == tuple(colors[number] for number in answer)
            compared += 1
    assert compared > place.width * place.height / 2


def test_what_is_kept_is_drawn_anew_for_another_state(session_of: Callable[..., Session]) -> None:
    session, view, kept = session_of("xor"), View(Spotlight(1, 0, 0)), Plane()
    for unit in ("op", "step", "epoch", "phase"):
        session.forward(unit)
        for room in ((40, 16), (36, 14)):
            assert data_lines(session, view, *room, kept) == data_lines(session, view, *room)
        view.discrete = not view.discrete
        view.spotlight = Spotlight(1, 0, 0, view.spotlight.example + 1)


def test_test_points_are_hidden_and_shown(session_of: Callable[..., Session]) -> None:
    session = session_of(three_kinds())
    session.dataset.test_points[:] = np.clip(session.dataset.test_points, -2, 2)  # type: ignore[index]
    shown = text(data_lines(session, View(Spotlight(1, 0, 0)), 60, 20)[:17])
    hidden = text(data_lines(session, View(Spotlight(1, 0, 0), test_points=False), 60, 20)[:17])
    assert set("abc") & set(shown)
    assert not set("abc") & set(hidden)
    assert set("ABC") & set(hidden)


def test_the_bar_of_a_regression_is_in_the_data_s_own_units(session_of: Callable[..., Session]) -> None:
    session = session_of(a_height())
    data = session.dataset
    mean, deviation = float(data.target_mean[0, 0]), float(data.target_std[0, 0])  # type: ignore[index]
    limit = float(np.abs(data.targets).max())
    bar = text(data_lines(session, View(Spotlight(1, 0, 0)), 60, 20)).splitlines()[-2]
    numbers = [float(word) for word in bar.replace("█", " ").replace("−", "-").replace("+", " ").split() if word != "-"]
    assert numbers == pytest.approx([mean - limit * deviation, mean, mean + limit * deviation], rel=5e-3)


# One neuron


@pytest.mark.parametrize("layer", [1, 2])
def test_a_neuron_s_map_is_its_answer(session_of: Callable[..., Session], layer: int) -> None:
    session = session_of("xor")
    session.forward("epoch")
    view, plane = View(Spotlight(layer, 0, 0), discrete=True), Plane()
    cells = styled_cells(neuron_map(session, view, 40, 16, plane))
    place, ground = plane.surface.place, ground_of(Look())
    values = plane.responses.layer(session, layer, slice(0, 1))[0]
    middle = 0.5 if session.trainer.layers[layer - 1].activation == "sigmoid" else 0.0
    for row in range(place.height):
        for column in range(place.width):
            character, style = cells[row + 1][place.left + column]
            if character == "▀":
                expected = ground.colors[62 if values[2 * row, column] > middle else 0]
                assert style.color.name == expected


@pytest.mark.parametrize(("value", "expected"), [(0, 1), (1, 1), (1.01, 2), (0.0123, 0.02), (49, 50), (51, 100)])
def test_scales_end_at_round_numbers(value: float, expected: float) -> None:
    assert rounded_up(value) == pytest.approx(expected)


def test_a_scale_holds_all_values(session_of: Callable[..., Session]) -> None:
    layers = session_of(a_height()).trainer.layers
    scale = answers_scale(layers[0], np.array([[0.0, np.nan, 3.3]]))
    assert (scale.middle, scale.limit) == (0.0, 5.0)


def test_comma_and_full_stop_go_through_all_neurons_and_round(session_of: Callable[..., Session]) -> None:
    session = session_of(three_kinds())
    seen, view = [], View(Spotlight(1, 0, 0))
    for _ in range(6):
        layer, unit = moved(session, view, 1)
        view.spotlight = Spotlight(layer, unit, 0)
        seen.append((layer, unit))
    assert seen == [(1, 1), (2, 0), (2, 1), (2, 2), (1, 0), (1, 1)]
    assert moved(session, View(Spotlight(1, 0, 0)), -1) == (2, 2)


def test_a_neuron_of_one_input_is_a_curve(session_of: Callable[..., Session]) -> None:
    session = session_of("sine")
    session.forward("epoch")
    lines = text(neuron_map(session, View(Spotlight(1, 1, 0)), 60, 16, Plane())).splitlines()
    assert lines[0].startswith("neuron 2 of layer 1, ")
    assert any("⠒" in line or "⠤" in line or "⠉" in line for line in lines)


# As a hidden layer sees them


@pytest.mark.parametrize(
    ("units", "expected"),
    [(1, [(0, 0)]), (2, [(0, 1)]), (3, [None, (0, 1), (0, 2), (1, 2)]), (9, [None, (0, 1), (2, 3), (4, 5), (6, 7)])],
)
def test_pairs(units: int, expected: list[Any]) -> None:
    assert pairs(units) == expected


def test_each_example_stands_where_its_two_units_put_it(session_of: Callable[..., Session]) -> None:
    session = session_of(three_kinds())
    session.forward("epoch")
    view = View(Spotlight(1, 0, 0), test_points=False, playing=True)
    lines = hidden_lines(session, view, 60, 24)
    assert lines[0].text == "layer 1: neurons 1 and 2"
    rows = [strip.text for strip in lines[1:-2]]
    left = len(rows[1]) - len(rows[1].lstrip())
    width, height = len(rows[0]) - left, len(rows)
    # The last row of the drawing is the one above the axis.
    letters = session.dataset.targets.argmax(axis=0)
    expected = {}
    for (first, second), letter in zip(answers_to(session, "training", 1).T, letters, strict=True):
        column = min(int((first + 1) / 2 * width), width - 1)
        row = min(int((1 - second) / 2 * height), height - 1)
        expected[row, column] = "ABC"[letter]
    found = {
        (row, column): character
        for row, line in enumerate(rows)
        for column, character in enumerate(line[left:])
        if character in "ABC"
    }
    assert found == expected


def test_behind_the_last_hidden_layer_s_two_units_stands_the_answer(session_of: Callable[..., Session]) -> None:
    session = session_of(three_kinds())
    session.forward("epoch")
    view = View(Spotlight(1, 0, 0))
    assert "▀" in text(hidden_lines(session, view, 60, 24))
    assert "▀" not in text(hidden_lines(session_of(a_height()), view, 60, 24))


def test_what_letters_mean_stands_below(session_of: Callable[..., Session]) -> None:
    view = View(Spotlight(1, 0, 0))
    said = text(hidden_lines(session_of(a_height()), view, 60, 24))
    assert "− below 2" in said or "− below 3" in said
    assert "+ above" in said
    assert "layer 1: principal components, " in said
    said = text(hidden_lines(session_of(two_labels()), view, 60, 24))
    assert "layer 1: its one neuron" in said
    assert "letters: y1" in said
    assert "O no  X yes" in said


# Confusion


def test_the_matrix_has_the_counts_and_the_most_frequent_mistakes() -> None:
    counts = np.array([[40, 2, 0], [0, 1200, 7], [1, 0, 9]])
    measures = ClassMeasures(
        ("ant", "bee", "cat"), counts.sum(axis=1), counts.sum(axis=0), counts.diagonal().copy(), counts
    )
    for look in LOOKS:
        lines = text(matrix(measures, 60, 9, look)).splitlines()
        rows = [line.split() for line in lines if line.split()[:1] and line.split()[0] in ("ant", "bee", "cat")][1:]
        blank = look.text("·")
        assert rows == [["ant", "40", "2", blank], ["bee", blank, "1,200", "7"], ["cat", "1", blank, "9"]]
        assert lines[-3:] == [
            '7 of 1,207 "bee" are taken for "cat"',
            '2 of 42 "ant" are taken for "bee"',
            '1 of 10 "cat" is taken for "ant"',
        ]


def test_where_numbers_have_no_room_shares_are_told_by_colour_or_glyph() -> None:
    counts = np.diag([900] * 12)
    counts[0, 11] = 900
    measures = ClassMeasures(
        tuple(f"kind {place}" for place in range(12)), counts.sum(axis=1), counts.sum(axis=0), counts.diagonal(), counts
    )
    drawn = matrix(measures, 30, 14, Look(color=False))
    first = next(strip.text for strip in drawn if strip.text.rstrip().endswith("▒▒"))
    assert first.split()[-2:] == ["▒▒", "▒▒"]
    said = text(matrix(measures, 40, 8, Look())).splitlines()
    assert " ".join(said[:2]) == "12 × 12 have no room: z. The most frequent mistakes:"
    assert len(said) == 3
    assert said[2].startswith('900 of 1,800 "kind 0" are taken for')


# All views


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("made", [three_kinds, a_height, two_labels])
def test_no_picture_is_larger_than_its_room(
    session_of: Callable[..., Session], made: Callable[[], dict[str, Any]], look: Look
) -> None:
    session = session_of(made())
    session.forward("epoch")
    found = Measuring().look(session, playing=False)
    for width, height in ROOMS:
        for place in range(len(sights(session))):
            for discrete in (False, True):
                view = View(Spotlight(1, 0, 0), look=look, sight=place, discrete=discrete)
                drawn = [hidden_lines(session, view, width, height)]
                if session.dataset.target_kind != "real":
                    drawn.append(confusion_lines(found, "test", width, height, look))
                if "neuron" in data_views(session):
                    drawn.append(neuron_map(session, view, width, height, Plane()))
                    drawn.append(data_lines(session, view, width, height))
                for lines in drawn:
                    assert all(strip.cell_length <= width for strip in lines)
                    assert len(lines) <= max(height, 1)
                    if look.glyphs.ascii:
                        assert all(strip.text.isascii() for strip in lines)


@pytest.mark.parametrize(
    ("preset", "without"),
    [
        ("spiral", set()),
        ("digits-8x8", {"neuron"}),
        ("multigauss", {"confusion"}),
        ("sine", {"confusion"}),
        ("linear-neuron", {"hidden layer", "confusion"}),
    ],
)
def test_views_that_make_no_sense_are_left_out(
    session_of: Callable[..., Session], preset: str, without: set[str]
) -> None:
    views = data_views(session_of(preset))
    assert set(DATA_VIEWS) - set(views) - {"neuron" if preset == "linear-neuron" else ""} == without
    assert views == [name for name in DATA_VIEWS if name in views]


def test_a_view_that_makes_no_sense_is_the_picture(session_of: Callable[..., Session]) -> None:
    view = View(Spotlight(1, 0, 0), data="confusion")
    assert shown_view(session_of("spiral"), view) == "confusion"
    assert shown_view(session_of("multigauss"), view) == "picture"


async def test_the_keys_of_the_pane(session_of: Callable[..., Session]) -> None:
    session = session_of(three_kinds())
    session.forward("epoch")
    app = BackpropApp(AppRequest(), session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        pane = screen.query_one(DataPane)
        pane.focus()
        await pilot.press("D", "T")
        await pilot.pause()
        assert (screen.view.discrete, screen.view.test_points) == (True, False)
        assert screen.notice == "test points hidden: 6 examples"
        await pilot.press("m", "full_stop", "full_stop")
        await pilot.pause()
        assert (screen.view.spotlight.layer, screen.view.spotlight.unit) == (2, 0)
        assert text(pane.lines).startswith("output 1, softmax")
        await pilot.press("m", "full_stop")
        await pilot.pause()
        assert text(pane.lines).startswith("layer 1: neurons 1 and 2")
        await pilot.press("m", "comma")
        await pilot.pause()
        assert text(pane.lines).startswith("confusion, training part")
        assert str(pane.border_subtitle) == "m: confusion 4/7"
