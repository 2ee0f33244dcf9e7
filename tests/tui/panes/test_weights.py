"""The weights pane: what a layer is and started from, the spotlight in it, and what a click on it means."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.sensitivity import sensitivity
from backprop_tui.core.inquiry.spotlight_history import spotlight_history
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.drawing.diagram import laid_out
from backprop_tui.tui.drawing.diagram_layout import DiagramInput, DiagramLayer
from backprop_tui.tui.drawing.glyphs import ASCII, UNICODE, Look
from backprop_tui.tui.drawing.heatmap_layout import heatmap_layout
from backprop_tui.tui.drawing.matrix import Mark, matrix_entry_at, matrix_lines
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.key_hints import key_hints
from backprop_tui.tui.panes.gradients import GradientsPane
from backprop_tui.tui.panes.parameter_table import place_of, spotlight_at
from backprop_tui.tui.panes.pointed_lines import Pointed
from backprop_tui.tui.panes.same_place import in_layer
from backprop_tui.tui.panes.view import WEIGHT_VIEWS, View
from backprop_tui.tui.panes.weight_lines import count_line
from backprop_tui.tui.panes.weights import WeightsPane, offered, weights_picture
from backprop_tui.tui.training_screen import TrainingScreen

from ...share import share

Open = Callable[..., tuple[Session, View]]
PARTS = {"layers.0.batch_norm": True, "layers.0.residual": True, "layers.0.dropout": 0.2}


@pytest.fixture
def opened(session_of: Callable[..., Session]) -> Open:
    """A session with a view of its first weight."""

    def make(name: str, changes: dict[str, Any] | None = None, **options: Any) -> tuple[Session, View]:
        return session_of(name, changes=changes), View(Spotlight(1, 0, 0), **options)

    return make


def text_of(session: Session, view: View, width: int, height: int, *, trends: bool = False) -> str:
    history = spotlight_history(session, view.spotlight) if trends else None
    return "\n".join(strip.text.rstrip() for strip in weights_picture(session, view, width, height, history).lines)


# What is said


@pytest.mark.parametrize("weights", ["picture", "heatmaps", "numbers"])
def test_the_scheme_its_formula_and_the_spread_that_it_gave(opened: Open, weights: str) -> None:
    session, view = opened("xor", weights=weights)
    drawn = float(np.std(session.trainer.layers[0].weights(session.trainer.state.parameters)))
    text = text_of(session, view, 100, 30)
    assert "init W⁽¹⁾ xavier_uniform ±√(6 / (n_in + n_out)) = ±√(6 / (2 + 8)) = ±0.7746" in text
    assert f"sd {drawn:.4f} (aim 0.4472)" in text
    session.forward("epoch")
    assert f"sd {drawn:.4f}" in text_of(session, view, 100, 30)
    second = replace(view, spotlight=Spotlight(2, 0, 0))
    assert "±√(6 / (8 + 1)) = ±0.8165" in text_of(session, second, 100, 30)


def test_the_numbers_always_have_the_formula_even_in_the_smallest_pane(opened: Open) -> None:
    session, view = opened("xor", weights="numbers")
    text = text_of(session, view, 22, 9)
    assert "±√(6/(n_in+n_out))" in text
    assert "= ±0.7746" in text
    assert "sd 0.3501" in text


def test_given_weights_and_a_start_file_say_so(opened: Open) -> None:
    session, view = opened("by-hand", weights="numbers")
    assert "init W⁽¹⁾ given sd" in text_of(session, view, 60, 20)
    session, view = opened("three-or-eight", weights="numbers")
    assert "from three-or-eight.npz" in text_of(session, view, 60, 20)


def test_a_layers_parts_are_in_its_title_and_its_parameters_are_columns(opened: Open) -> None:
    session, view = opened("first-steps", PARTS, weights="numbers")
    text = text_of(session, view, 80, 20)
    assert "[W⁽¹⁾ | b⁽¹⁾ | γ⁽¹⁾ | β⁽¹⁾] 2×5 σ · norm · residual · dropout 0.2" in text
    assert "0.15  0.25  0.35  1  0" in text
    assert "13 parameters: 6 weights, 3 biases, 4 γ and β" in text
    narrow = text_of(session, view, 40, 20).splitlines()[0]
    assert narrow.endswith("…")
    view.weights = "heatmaps"
    assert "W⁽¹⁾ 2→2 σ · norm · residual · dropout 0.2" in text_of(session, view, 120, 20)


def test_parameters_are_counted_as_they_are(opened: Open) -> None:
    for changes in ({}, PARTS, {"layers.0.bias": False}):
        session, view = opened("spiral", {key: value for key, value in changes.items() if "residual" not in key})
        text = count_line(session, view, 200).text
        total, *parts = (int(word.replace(",", "")) for word in text.split() if word.replace(",", "").isdigit())
        assert total == sum(parts) == len(session.trainer.state.parameters)


@pytest.mark.parametrize("symbol", ["W", "b", "γ", "β"])
@pytest.mark.parametrize("weights", ["picture", "numbers"])
def test_the_spotlight_has_value_gradient_and_update_blank_until_computed(
    opened: Open, symbol: str, weights: str
) -> None:
    session, view = opened("first-steps", PARTS, weights=weights)
    view.spotlight = Spotlight(1, 1, 1 if symbol == "W" else None, symbol=symbol)
    name = f"{symbol}⁽¹⁾₂" + (",₂" if symbol == "W" else "")
    for _ in session.plan.ops:
        session.forward("op")
        text = text_of(session, view, 100, 30, trends=True)
        for prefix in ("d", "Δ"):
            known = session.computed(session.plan[prefix + symbol, 1])
            assert (f"{prefix}{name} ·" in text) != known
        assert f"▸ {name} " in text


def test_the_history_is_drawn_after_some_steps_and_not_without_one(opened: Open) -> None:
    session, view = opened("xor", weights="numbers")
    assert not set("▁▂▃▄▅▆▇█") & set(text_of(session, view, 80, 30, trends=True))
    for _ in range(5):
        session.forward("step")
    lines = text_of(session, view, 80, 30, trends=True).splitlines()
    for prefix in ("▸ W", "dW", "ΔW"):
        assert any(prefix in line and set("▁▂▃▄▅▆▇█") & set(line) for line in lines)
    assert not set("▁▂▃▄▅▆▇█") & set(text_of(session, view, 80, 30))


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII), Look(color=False)])
@pytest.mark.parametrize("name", ["first-steps", "xor", "vanishing", "digits"])
def test_every_view_stays_within_its_room(opened: Open, name: str, look: Look) -> None:
    for weights in WEIGHT_VIEWS:
        session, view = opened(name, weights=weights, look=look)
        session.forward("phase")
        for width, height in ((1, 1), (8, 3), (22, 8), (36, 17), (60, 25), (196, 46)):
            lines = weights_picture(session, view, width, height).lines
            assert len(lines) <= height
            assert all(strip.cell_length <= width for strip in lines)
            assert look.glyphs is UNICODE or all(strip.text.isascii() for strip in lines)


# Which way the update moves a parameter


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)])
def test_an_arrow_behind_each_number_is_the_way_of_the_update(opened: Open, look: Look) -> None:
    """In every position of a step: blank until −η dW is settled, then its sign; the linear neuron goes up."""
    up, down = look.glyphs.up, look.glyphs.down
    session, view = opened("first-steps", weights="numbers", look=look)
    for count in range(1, session.timeline.finish_of(1) + 1):
        session.seek(count)
        lines = text_of(session, view, 60, 20).splitlines()
        settled = session.computed(session.plan["dW", 1])
        for row in lines[1:3]:
            assert row.count(up) == (3 if settled else 0)
            assert down not in row
        assert lines[4].count(up) == (3 if session.computed(session.plan["dW", 2]) else 0)
        assert ("the way this step's update moves each" in lines[5]) == settled
        assert ("as soon as this step's update is settled" in lines[5]) != settled


def test_arrows_are_those_of_the_change_and_a_change_of_nothing_is_told(opened: Open) -> None:
    session, view = opened("xor", {"layers.1.activation": "sigmoid"}, weights="numbers")
    session.forward("step")
    for layer in session.trainer.layers:
        view.spotlight = Spotlight(layer.number, 0, 0)
        marks = {1.0: "↑", -1.0: "↓", 0.0: "="}
        delta = layer.parameters(session.trainer.delta)
        table = np.column_stack([delta["W"], delta["b"]])
        rows = text_of(session, view, 160, 40).splitlines()[1 : 1 + layer.units]
        for row, changes in zip(rows, table, strict=True):
            assert [sign for sign in row if sign in "↑↓="] == [marks[sign] for sign in np.sign(changes)]
    session, view = opened("xor", {"optimizer.train_biases": False}, weights="numbers")
    session.forward("step")
    rows = text_of(session, view, 60, 40).splitlines()[1 : 1 + session.trainer.layers[0].units]
    assert all(row.count("=") == 1 and row[:-1].endswith("=") for row in rows)


def test_with_adam_arrows_are_blank_until_the_update(opened: Open) -> None:
    session, view = opened("spiral", weights="numbers")
    assert session.preset.optimizer.kind == "adam"
    first = next(op for op in session.plan.ops if op.phase == "update")
    session.seek(first.place)
    assert not set("↑↓=") & set("".join(text_of(session, view, 80, 40).splitlines()[1:9]))
    session.seek(first.place + 1)
    assert set("↑↓") & set("".join(text_of(session, view, 80, 40).splitlines()[1:9]))


# All weights by |∂ℒ/∂w|


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)])
@pytest.mark.parametrize(("width", "height"), [(22, 8), (36, 15), (78, 20), (196, 46)])
def test_the_list_by_gradient_holds_what_there_is_room_for(opened: Open, width: int, height: int, look: Look) -> None:
    for name in ("first-steps", "vanishing", "digits"):
        session, view = opened(name, weights="sensitivity", look=look)
        assert "Blank until the backward pass" in " ".join(text_of(session, view, width, height).split())
        session.forward("step")
        for view.rank in (0, 3, 10**6):
            text = text_of(session, view, width, height)
            lines = text.splitlines()
            assert lines[0].startswith("Sensitivity, not blame")
            chosen = [row for row in lines[:-1] if row.startswith(look.glyphs.cursor)]
            (row,) = chosen
            rank = min(view.rank, sum(layer.units * layer.inputs for layer in session.trainer.layers) - 1)
            weight = sensitivity(session, rank, rank + 1).weights[0]
            name = look.text(session.plan["W", weight.layer].entry((weight.unit, weight.input)))
            # Where there is less room a number has fewer digits; it is never cut.
            shown = row.split(f"{name} ")[1].split()[0].replace("−", "-")
            assert float(shown) == pytest.approx(weight.gradient, rel=0.1)
            if width >= 78:
                assert format_number(weight.value, 9, 4, look.glyphs) in row


def test_the_list_says_which_layers_it_is_without(opened: Open) -> None:
    session, view = opened("vanishing", weights="sensitivity")
    while not session.computed(session.plan["dW", 8]):
        session.forward("op")
    text = text_of(session, view, 60, 20)
    assert "layers 1 to 7 not yet computed" in text
    while not session.computed(session.plan["dW", 2]):
        session.forward("op")
    assert "layer 1 not yet computed" in text_of(session, view, 60, 20)
    session.forward("step")
    assert "not yet computed" not in text_of(session, view, 60, 20)


@pytest.mark.parametrize(
    ("changes", "said", "brief"),
    [
        ({}, "not in the list: 3 biases (w: table)", "not in it: 3 biases"),
        ({"layers.0.bias": False}, "not in the list: 1 bias (w: table)", "not in it: 1 bias"),
        (
            {"layers.0.batch_norm": True},
            "not in the list: 3 biases, 4 γ and β (w: table)",
            "without 3 biases, 4 γ…",
        ),
        ({"layers.0.bias": False, "layers.1.bias": False}, "", ""),
    ],
)
def test_the_list_says_which_parameters_are_no_weights(
    opened: Open, changes: dict[str, Any], said: str, brief: str
) -> None:
    session, view = opened("first-steps", changes, weights="sensitivity")
    session.forward("step")
    for width, expected in ((60, said), (22, brief)):
        rows = text_of(session, view, width, 20).splitlines()
        assert [row for row in rows if "bias" in row] == ([expected] if expected else [])
    # The list comes first where there is little room.
    assert "bias" not in text_of(session, view, 60, 6)


# Maps of the gradients and of the step, the table, and linear layers as one matrix


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)])
def test_gradients_stand_beside_the_weights_with_their_exact_zeros(opened: Open, look: Look) -> None:
    session, view = opened("three-or-eight", weights="gradients", look=look)
    assert "blank until backward" in text_of(session, view, 36, 14)
    session.forward("step")
    text = text_of(session, view, 160, 40)
    assert look.text("W⁽²⁾ 128→10 softmax") in text
    assert look.text("dW⁽¹⁾ unit 1/128 · 79,360 exactly 0") in text
    assert look.text("dW⁽²⁾ 128→10 · 0 exactly 0") in text
    assert "exactly 0: 79,360 of 101,632 weights' gradients (78.1%)" in text
    assert "exactly 0: 79,360 of 101,632" in text_of(session, view, 36, 14)
    # Where maps beside each other would be too small the gradients stand alone.
    session, view = opened("vanishing", weights="gradients", look=look)
    assert look.text("dW⁽⁹⁾") in text_of(session, view, 36, 14)
    assert not any(row.startswith(look.text("W⁽")) for row in text_of(session, view, 36, 14).splitlines())


def test_the_map_of_the_step_has_an_arrow_a_weight(opened: Open) -> None:
    """A negative gradient moves its weight up: all six of the first steps; mazur's second output moves down."""
    session, view = opened("first-steps", weights="nudges")
    assert "ΔW is blank until this step's update is settled" in text_of(session, view, 60, 16)
    session.forward("step")
    text = text_of(session, view, 60, 16)
    assert "this step moves 6 of the weights ↑, 0 ↓, 0 not at all" in text
    assert "ΔW⁽¹⁾ 2→2" in text
    assert text.count("↑") == 7
    session, view = opened("mazur", weights="nudges", look=Look(glyphs=ASCII))
    session.forward("step")
    assert "this step moves 2 of the weights ^, 6 v, 0 not at all" in text_of(session, view, 60, 16)
    # Without colour the arrows stand in the ramps that tell how much.
    view.look = Look(color=False)
    text = text_of(session, view, 60, 16)
    assert (text.count("↑"), text.count("↓")) == (2 + 1, 6 + 1)
    assert "%%↓%%%" in text


def test_the_table_has_value_gradient_change_and_what_comes_of_it(opened: Open) -> None:
    session, view = opened("first-steps", weights="table")
    session.seek(session.plan["dW", 1].place + 1)
    rows = [row.split() for row in text_of(session, view, 70, 16).splitlines()]
    assert rows[0] == ["value", "∂ℒ/∂θ", "Δ", "new"]
    assert rows[1] == ["▸", "W⁽¹⁾₁,₁", "0.15", "−0.00188610", "↑0.000943049", "0.150943"]
    assert rows[3] == ["b⁽¹⁾₁", "0.35", "−0.00377220", "↑0.00188610", "0.351886"]
    assert rows[9] == ["b⁽²⁾₁", "0.6", "−0.0415272", "↑0.0207636", "0.620764"]
    session.forward("step")
    rows = [row.split() for row in text_of(session, view, 70, 16).splitlines()]
    # The step is done: what a value was stands no longer there, what it is now does.
    assert rows[0] == ["∂ℒ/∂θ", "Δ", "new"]
    assert rows[1] == ["▸", "W⁽¹⁾₁,₁", "−0.00188610", "↑0.000943049", "0.150943"]
    assert text_of(session, view, 24, 6).splitlines()[1].split()[:2] == ["▸", "W⁽¹⁾₁,₁"]
    # One column has no room, which its heading says.
    assert text_of(session, view, 28, 6).splitlines()[0].split() == ["∂ℒ/∂θ", "Δ…"]


@pytest.mark.parametrize("changes", [{}, PARTS, {"layers.0.bias": False}])
def test_every_parameter_has_its_row_in_the_table(opened: Open, changes: dict[str, Any]) -> None:
    session, _ = opened("first-steps", changes)
    layers = session.trainer.layers
    count = sum(layer.size for layer in layers)
    found = [spotlight_at(layers, place, Spotlight(1, 0, 0, 0)) for place in range(count)]
    assert [place_of(spotlight, layers) for spotlight in found] == list(range(count))
    # In the order of the flat vector: each is where its name says.
    session.trainer.state.parameters[:] = np.arange(count)
    for place, spotlight in enumerate(found):
        arrays = layers[spotlight.layer - 1].parameters(session.trainer.state.parameters)
        assert arrays[spotlight.parameter][spotlight.index] == place


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)])
def test_linear_layers_are_one_matrix_and_give_the_same(opened: Open, look: Look) -> None:
    session, view = opened("linear-is-not-enough", weights="one matrix", look=look)
    session.forward("step")
    text = " ".join(text_of(session, view, 36, 13).split())
    assert look.text("W⁽³⁾W⁽²⁾W⁽¹⁾, and b in the last column: 105 parameters do what 3 can") in text
    both = [text.split(words)[1].split()[0] for words in ("layer by layer", "one matrix ")]
    assert both[0] == both[1]
    assert len(both[0].strip("-−0.")) >= 8
    # In the smallest pane no number is cut.
    text = text_of(session, view, 22, 9)
    assert [row.split()[1] for row in text.splitlines() if row.startswith(("layers", "matrix"))] == both
    assert "they differ by " in text
    # Switched to tanh while one looks, it says why there is no such matrix.
    session, view = opened("xor", weights="one matrix", look=look)
    assert "No two of these layers are one matrix" in " ".join(text_of(session, view, 36, 13).split())


@pytest.mark.parametrize(
    ("name", "size", "without"),
    [
        ("first-steps", (36, 14), {"one matrix"}),
        ("three-or-eight", (36, 14), {"picture", "one matrix"}),
        ("linear-is-not-enough", (36, 14), set()),
        ("linear-is-not-enough", (20, 6), {"picture"}),
    ],
)
def test_views_are_those_that_the_network_has_in_this_room(
    opened: Open, name: str, size: tuple[int, int], without: set[str]
) -> None:
    session, view = opened(name)
    assert offered(session, view, *size, None) == [name for name in WEIGHT_VIEWS if name not in without]


# Where a click leads


def test_the_entry_of_a_heatmap_cell_is_the_one_that_the_cell_shows() -> None:
    for rows, columns, width, height in ((3, 2, 20, 9), (16, 16, 14, 6), (10, 128, 30, 8), (40, 5, 12, 7)):
        layout = heatmap_layout(rows, columns, width, height, Look())
        for y in range(layout.height):
            for x in range(layout.width):
                entry = layout.entry_at(x, y)
                assert entry is not None
                left, top = layout.cell_of(*entry)
                assert left <= x < left + layout.cell_width
                assert top <= y < top + layout.cell_height
        assert layout.entry_at(layout.width, 0) is None
        assert layout.entry_at(0, layout.height) is None


@pytest.mark.parametrize("mark", [None, lambda row, column: ("^", None)])
@pytest.mark.parametrize(("width", "height"), [(60, 12), (30, 12), (22, 4), (14, 3)])
def test_the_entry_of_a_number_is_the_one_that_is_reversed_when_it_is_in_the_spotlight(
    width: int, height: int, mark: Mark | None
) -> None:
    array = np.arange(72.0).reshape(8, 9)
    for spotlight in ((0, 0), (5, 4), (7, 8)):
        lines = matrix_lines(array, width, height, Look(), spotlight=spotlight, mark=mark)
        assert all(strip.cell_length <= width for strip in lines)
        for y, strip in enumerate(lines):
            x = 0
            for piece in strip:
                if piece.style is not None and piece.style.reverse:
                    found = matrix_entry_at(
                        array, width, height, Look(), x, y, spotlight=spotlight, marked=mark is not None
                    )
                    assert found == spotlight
                x += len(piece.text)
        assert matrix_entry_at(array, width, height, Look(), width + 5, 0, spotlight=spotlight) is None
        assert matrix_entry_at(array, width, height, Look(), 2, height, spotlight=spotlight) is None


def test_in_a_diagram_a_number_is_its_edge_and_a_node_its_unit() -> None:
    weights = np.array([[0.1, -0.2], [0.3, 0.4]])
    layers = [DiagramLayer(weights, np.array([0.5, 0.6]), None, ["a1", "a2"])]
    diagram = laid_out(DiagramInput(["x1", "x2"], None), layers, 60, 12, Look())
    assert diagram is not None
    labels = diagram.labels(0, None)
    assert {(label.unit, label.source) for label in labels} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    for label in labels:
        for x in range(label.left, label.left + len(label.text)):
            assert diagram.place_at(x, label.row, None) == (1, label.unit, label.source)
    for place, rows in enumerate(diagram.rows):
        for unit, row in enumerate(rows):
            assert diagram.place_at(diagram.lefts[place], row, None) == (place, unit, None)
    assert diagram.place_at(diagram.lefts[1], 0, None) is None
    left = diagram.gap_left(0)
    for unit in range(2):
        for source in range(2):
            # At its ends an edge is the nearest or as near as another that leaves the same node.
            place = diagram.place_at(left, diagram.rows[0][source], None)
            assert place is not None
            assert place[2] == source
            place = diagram.place_at(left + diagram.layout.gap - 1, diagram.rows[1][unit], None)
            assert place is not None
            assert place[1] == unit


@pytest.mark.parametrize("weights", WEIGHT_VIEWS)
@pytest.mark.parametrize("name", ["first-steps", "xor", *share([], ["spiral", "digits"])])
def test_what_stands_at_a_cell_is_a_parameter_of_the_network(opened: Open, name: str, weights: str) -> None:
    session, view = opened(name, PARTS if name == "first-steps" else None, weights=weights)
    session.forward("step")
    found = set()
    shown = weights_picture(session, view, 80, 30)
    for y in range(-1, 31):
        for x in range(81):
            spotlight = shown.at(x, y)
            if spotlight is not None:
                array = session.trainer.layers[spotlight.layer - 1].parameters(session.trainer.state.parameters)
                assert np.isfinite(array[spotlight.parameter][spotlight.index])
                found.add((spotlight.layer, spotlight.parameter, spotlight.index))
    if name == "first-steps" and weights == "numbers":
        # W, b, γ and β of layer 1, and W and b of layer 2, for which there is room below.
        assert len(found) == 2 * 5 + 3
    if name == "first-steps" and weights == "sensitivity":
        assert {place for place in found if place[1] == "W"} == found
        assert len(found) == 6
    if name == "xor" and weights == "heatmaps":
        assert {place for place in found if place[1] == "W"} == {
            (layer.number, "W", (unit, column))
            for layer in session.trainer.layers
            for unit in range(layer.units)
            for column in range(layer.inputs)
        }


def test_the_same_place_in_another_layer(opened: Open) -> None:
    session, _ = opened("first-steps", PARTS)
    first, second = session.trainer.layers
    assert in_layer(Spotlight(1, 1, 0), second) == Spotlight(2, 0, 0)
    assert in_layer(Spotlight(1, 1, None), second) == Spotlight(2, 0, None)
    assert in_layer(Spotlight(1, 1, None, symbol="γ"), second).input == 0
    assert in_layer(Spotlight(2, 0, 1, example=3), first) == Spotlight(1, 0, 1, example=3)


# In the app


@asynccontextmanager
async def running(preset: str, size: tuple[int, int]) -> AsyncIterator[tuple[Pilot[None], TrainingScreen]]:
    app = BackpropApp(AppRequest(preset))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, TrainingScreen)
        yield pilot, screen


async def test_a_click_on_a_number_puts_the_spotlight_there() -> None:
    async with running("first-steps", (120, 36)) as (pilot, screen):
        await pilot.press("w", "w", "right")
        pane = screen.query_one(WeightsPane)
        row = next(y for y, strip in enumerate(pane.lines) if strip.text.startswith("⎣"))
        column = pane.lines[row].text.index("0.3")
        gutter = pane.gutter
        await pilot.click(WeightsPane, offset=(column + gutter.left, row + gutter.top))
        await pilot.pause()
        assert str(screen.view.spotlight.name) == "W1[2,2]"


async def test_a_click_on_a_layer_of_the_gradients_puts_the_spotlight_there() -> None:
    async with running("vanishing", (120, 36)) as (pilot, screen):
        pane = screen.query_one(GradientsPane)
        for y in (1, 4):
            layer = int(pane.lines[y].text.split()[0])
            await pilot.click(GradientsPane, offset=(3 + pane.gutter.left, y + pane.gutter.top))
            await pilot.pause()
            assert screen.view.spotlight.layer == layer
            assert any(of_layer("|dW", layer) in strip.text for strip in pane.lines)


async def test_enter_on_a_weight_of_the_list_puts_the_spotlight_there() -> None:
    async with running("first-steps", (80, 24)) as (pilot, screen):
        await pilot.press("w", "w", "w", "shift+tab", "enter", "down")
        assert str(screen.view.spotlight.name) == "W1[1,1]"
        assert screen.view.rank == 0
        await pilot.press("4", "right", "up", "down", "down", "enter")
        third = sensitivity(screen.session, 2, 3).weights[0]
        spotlight = screen.view.spotlight
        assert (spotlight.layer, spotlight.unit, spotlight.input) == (third.layer, third.unit, third.input) == (1, 1, 1)
        assert ("↑↓ enter", "spotlight") in key_hints(screen)
        await pilot.press("w", "down", "enter")
        assert screen.view.rank == 2
        assert screen.view.spotlight == spotlight


async def test_the_frame_says_which_view_is_on_and_every_press_shows_another() -> None:
    """Without room for a diagram the first press does not seem dead: it shows numbers."""
    async with running("three-or-eight", (120, 36)) as (pilot, screen):
        pane = screen.query_one(WeightsPane)
        await pilot.press("4", "right")
        names, pictures = [], []
        for _ in range(6):
            names.append(pane.border_subtitle)
            pictures.append([strip.text for strip in pane.lines])
            await pilot.press("w")
        views = ("heatmaps", "numbers", "sensitivity", "gradients", "nudges", "table")
        assert names == [f"w: {name} {place}/6" for place, name in enumerate(views, 1)]
        assert pane.border_subtitle == "w: heatmaps 1/6"
        assert len({tuple(lines) for lines in pictures}) == 6
        assert pane.border_title == "Weights"
        # In the table the arrows move the spotlight.
        await pilot.press("shift+tab", *"wwwww", "down", "down", "up")
        assert str(screen.view.spotlight.name) == "W2[2,43]"


def test_while_it_trains_only_small_networks_are_multiplied_out(opened: Open) -> None:
    """What would take too long between two slices of training comes as soon as it pauses."""
    session, view = opened("linear-is-not-enough", weights="one matrix", playing=True)
    assert "one matrix" in text_of(session, view, 60, 16)
    wide = {"layers.0.units": 2000, "data.samples": 200}
    session, view = opened("linear-is-not-enough", wide, weights="one matrix", playing=True)
    assert "Worked out as soon as it pauses" in text_of(session, view, 60, 16)
    view.playing = False
    assert "one matrix" in text_of(session, view, 60, 16)


# What the mouse points at, and another value in its place


def test_what_is_pointed_at_is_told_of_in_the_place_of_the_spotlight(opened: Open) -> None:
    session, view = opened("circle")
    session.forward("step")
    plain = weights_picture(session, view, 116, 30)
    pointed = Pointed(Spotlight(1, 4, None), (1, 4))
    told = weights_picture(session, view, 116, 30, pointed=pointed)
    assert len(told.lines) == len(plain.lines)
    text = "\n".join(strip.text for strip in told.lines)
    bias = float(session.trainer.layers[0].biases(session.trainer.state.parameters)[4])
    assert "→ A⁽¹⁾₅,₁ " in text
    assert f"b⁽¹⁾₅ {format_number(bias, 9, 4, UNICODE)}" in text
    assert "▸ W⁽¹⁾₁,₁" not in text
    alone = weights_picture(session, view, 62, 20, pointed=Pointed(Spotlight(2, 0, 3)))
    weight = float(session.trainer.layers[1].weights(session.trainer.state.parameters)[0, 3])
    said = "\n".join(strip.text for strip in alone.lines)
    assert f"→ W⁽²⁾₁,₄ {format_number(weight, 9, 4, UNICODE)}" in said


async def test_another_value_is_typed_in_the_place_of_the_old_one() -> None:
    async with running("circle", (120, 36)) as (pilot, screen):
        await pilot.press("E")
        await pilot.pause()
        await pilot.press("ctrl+u", "2", ".", "5", "enter")
        await pilot.pause()
        assert screen.session.trainer.layers[0].weights(screen.session.trainer.state.parameters)[0, 0] == 2.5
        await pilot.press("E")
        await pilot.pause()
        await pilot.press("ctrl+u", "x", "enter")
        await pilot.pause()
        assert screen.notice == 'W1[1,1]: expected a number such as -0.5 or 1e-3, found "x"'
        pane = screen.query_one(WeightsPane)
        row = next(y for y, strip in enumerate(pane.lines) if " a5 " in strip.text)
        column = pane.lines[row].text.index("a5")
        await pilot.hover(WeightsPane, offset=(column + pane.gutter.left, row + pane.gutter.top))
        await pilot.pause()
        assert pane.pointed == Pointed(Spotlight(1, 4, None, screen.view.spotlight.example), (1, 4))
