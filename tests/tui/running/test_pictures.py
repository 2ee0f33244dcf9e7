"""Pictures and tables that are taken out of a run: they hold what the screen shows, to the last digit."""

import csv
import re
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.hidden_layer import answers_to
from backprop_tui.core.inquiry.responses import Responses
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.replayed import ReplayedLosses
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.ground import ground_of
from backprop_tui.tui.drawing.palette import LIGHT
from backprop_tui.tui.drawing.points import SurfaceScale
from backprop_tui.tui.drawing.surface import surface_levels
from backprop_tui.tui.pages.share import ShareScreen
from backprop_tui.tui.panes.function_lines import function_of
from backprop_tui.tui.panes.loss import LossPane
from backprop_tui.tui.panes.loss_window import Window
from backprop_tui.tui.panes.overlay import Overlay
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.running.answer_picture import RESOLUTION, answers_svg
from backprop_tui.tui.running.pictures import (
    PAPER,
    gradients_csv,
    gradients_svg,
    loss_csv,
    loss_svg,
    screen_picture,
)
from backprop_tui.tui.running.shares import SHARES
from backprop_tui.tui.training_screen import TrainingScreen

from ..tool_pilot import type_in

SVG = "{http://www.w3.org/2000/svg}"


def session_of(name: str, steps: int, *settings: str) -> Session:
    session = Session(*load(name, settings=settings))
    session.seek(session.timeline.finish_of(steps))
    return session


def view(**options: object) -> View:
    return View(Spotlight(1, 0, 0), **options)  # type: ignore[arg-type]


def table_of(text: str) -> dict[str, dict[int, float]]:
    """Of each column its values by step."""
    head, *rows = csv.reader(StringIO(text))
    return {
        name: {int(row[0]): float(row[place]) for row in rows if row[place]} for place, name in enumerate(head) if place
    }


def test_the_table_has_the_loss_of_each_step_and_each_test_loss_exactly() -> None:
    session = session_of("spiral", 60)
    text, untold = loss_csv(session, view())
    table = table_of(text)
    steps, lows, _ = session.history.losses.series()
    assert list(table) == ["batch", "mean of 3", "test"]
    assert list(table["batch"].values()) == lows.tolist()
    assert list(table["batch"]) == steps.astype(int).tolist() == list(range(1, 61))
    tested = zip(*(one.tolist() for one in session.history.evaluations.series(0)), strict=True)
    assert table["test"] == {int(step): value for step, value in tested if 1 <= step <= 60}
    assert untold == []


def test_of_a_long_run_it_says_what_is_kept() -> None:
    session = session_of("xor", 5000)
    text, untold = loss_csv(session, view())
    table = table_of(text)
    assert list(table) == ["train_from", "train_low", "train_high"]
    assert untold == ["the loss of each step: of a run so long the least and the greatest of 2 are kept"]
    assert max(table["train_high"]) == 5000
    assert all(table["train_from"][step] == step - 1 for step in table["train_from"])
    assert all(table["train_low"][step] <= table["train_high"][step] for step in table["train_low"])


@pytest.mark.parametrize("log", [False, True])
def test_the_plot_is_on_paper_whatever_the_terminal(log: bool) -> None:
    session = session_of("spiral", 60)
    texts = {
        loss_svg(session, view(log=log, look=look))[0]
        for look in (Look(), Look(palette=LIGHT), Look(glyphs=ASCII), Look(color=False))
    }
    assert len(texts) == 1
    root = ElementTree.fromstring(texts.pop().encode())
    found = root.find(f"{SVG}rect")
    assert found is not None
    assert found.get("fill") == LIGHT.background
    told = root.findtext(f"{SVG}desc") or ""
    first = session.history.losses.series()[1][0]
    assert f"from {first:.6g} at 1 to " in told
    assert {"batch before update", "test after it"} <= {text.text for text in root.iter(f"{SVG}text")}


def test_a_run_that_has_not_begun_has_a_plot_that_says_so() -> None:
    session = Session(*load("xor"))
    assert "no steps yet" in loss_svg(session, view())[0]
    assert loss_csv(session, view()) == ("step\n", [])


def test_of_a_part_in_view_it_has_that_part_and_says_so() -> None:
    session = session_of("xor", 300)
    part = view(window=Window(100, 120))
    text, untold = loss_csv(session, part)
    assert list(table_of(text)["train"]) == list(range(100, 121))
    assert untold == ["the steps that are not in view: it has 100 to 120"] == loss_svg(session, part)[1]
    # Of a long run the losses of a part are worked out again for the screen: then they are those of each step.
    session = session_of("xor", 5000)
    replayed = ReplayedLosses(session, 3001, 3050)
    while not replayed.finished:
        replayed.advance(1.0)
    text, untold = loss_csv(session, view(window=Window(3010, 3040), replayed=replayed))
    table = table_of(text)
    assert list(table) == ["train"]
    assert list(table["train"]) == list(range(3010, 3041))
    session.seek(session.timeline.finish_of(3020))
    assert table["train"][3020] == session.plan.loss()
    assert untold == ["the steps that are not in view: it has 3,010 to 3,040"]


def test_other_runs_that_are_laid_over_are_in_it() -> None:
    session, other = session_of("xor", 20), session_of("xor", 50, "optimizer.learning_rate=0.9")
    laid = view(others=lambda: (Overlay("last run", "η, 0.9", other.history),), overlay="last run")
    table = table_of(loss_csv(session, laid)[0])
    assert list(table) == ["η, 0.9", "train"]
    assert list(table["η, 0.9"].values()) == other.history.losses.series()[1].tolist()
    names = {element.text for element in ElementTree.fromstring(loss_svg(session, laid)[0]).iter(f"{SVG}text")}
    assert "η, 0.9" in names


def test_a_diverged_run_is_told_as_it_is() -> None:
    session = session_of("xor", 1, "optimizer.learning_rate=1e300", "layers.0.activation=identity")
    session.seek(session.timeline.finish_of(4))
    text, _ = loss_csv(session, view())
    values = next(iter(table_of(text).values()))
    assert np.array_equal(list(values.values()), session.history.losses.series()[1], equal_nan=True)
    ElementTree.fromstring(loss_svg(session, view())[0].encode())
    ElementTree.fromstring(loss_svg(session, view(log=True))[0].encode())


@pytest.mark.parametrize("ascii", [False, True])
async def test_the_picture_of_the_screen_is_that_below_the_page(
    ascii: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = BackpropApp(AppRequest(ascii=ascii), session_of("first-steps", 2))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        shown = [strip.text.rstrip() for strip in screen._compositor.render_strips()]
        await pilot.press("C")
        page = app.screen
        assert isinstance(page, ShareScreen)
        page.chosen = [share.id for share in SHARES].index("screen")
        await pilot.press("enter")
        await type_in(pilot, "mine.svg")
        root = ElementTree.parse("mine.svg").getroot()
        told = (root.findtext(f"{SVG}desc") or "").split("\n")
        assert [line.rstrip() for line in told] == shown
        assert told[0].startswith("backprop-tui")
        letters = "".join(element.text or "" for element in root.iter(f"{SVG}text"))
        assert letters.isascii() == ascii
        if not ascii:
            assert "ℒ" in letters
        # Frames and braille are shapes, of which no letter is left.
        assert not set(letters) & set("─│╭╮╰╯▀█⠉")
        assert screen_picture(page, "x", page.view.look) != Path("mine.svg").read_text(encoding="utf-8")


def test_the_norms_of_the_gradients_are_a_picture_and_a_table() -> None:
    session = session_of("vanishing", 30)
    text, untold = gradients_csv(session)
    table = table_of(text)
    layers = len(session.trainer.layers)
    assert len(table) == 2 * layers
    for layer in range(layers):
        for name, column in ((f"norm_dW{layer + 1}", layer), (f"ratio_W{layer + 1}", layers + layer)):
            steps, values = session.history.gradients.series(column)
            assert table[name] == dict(zip(steps.astype(int).tolist(), values.tolist(), strict=True))
    assert untold == ["the steps between: of a run so long each 2nd is measured"] * (
        session.history.gradients.stride > 1
    )
    root = ElementTree.fromstring(gradients_svg(session)[0].encode())
    names = {element.text for element in root.iter(f"{SVG}text")}
    assert {f"layer {layer + 1}" for layer in range(layers)} <= names
    assert "‖dW‖, logarithmic" in names
    assert gradients_csv(Session(*load("xor")))[0] == "step,norm_dW1,norm_dW2,ratio_W1,ratio_W2\n"
    assert "no steps yet" in gradients_svg(Session(*load("xor")))[0]


def test_the_answers_over_the_plane_are_those_of_the_network() -> None:
    session = session_of("moons", 200)
    text, untold = answers_svg(session, view())
    assert untold == []
    root = ElementTree.fromstring(text.encode())
    looks = [element.get("class") or "" for element in root.iter()]
    # Beside the examples two are in the legend for classes, two for the parts.
    data = session.dataset
    assert sum(look.startswith("point train") for look in looks) == data.size + 3
    assert sum(look.startswith("point test") for look in looks) == data.test_size + 1
    without = ElementTree.fromstring(answers_svg(session, view(test_points=False))[0].encode())
    assert not any((element.get("class") or "").startswith("point test") for element in without.iter())
    assert root.findtext(f"{SVG}title") == "Two moons: the network's answers, after step 200"
    # In the middle of a place it is the colour of what the network answers there.
    domain = data.domain
    assert domain is not None
    places = np.array([[low + (high - low) * 60.5 / RESOLUTION] for low, high in domain])
    places[1] = domain[1][1] - (domain[1][1] - domain[1][0]) * 60.5 / RESOLUTION
    answer = session.evaluator.predict(places)
    color = ground_of(PAPER).colors[int(surface_levels(answer, SurfaceScale())[0, 0])]
    width = 480 / RESOLUTION
    runs = [
        (float(x), float(x) + float(across), path.get("stroke"))
        for path in root.iter(f"{SVG}path")
        if path.get("class") == "ground"
        for x, y, across in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)", path.get("d") or "")
        if float(y) == 60.5 * width
    ]
    assert [stroke for begin, end, stroke in runs if begin <= 60.5 * width < end] == [color]


def test_of_what_is_no_plane_and_no_line_there_is_no_picture() -> None:
    for name in ("digits-8x8", "first-steps", "by-hand"):
        with pytest.raises(PresetError, match="not points of a plane or of a line"):
            answers_svg(Session(*load(name)), view())


def test_a_network_of_one_input_is_a_line_through_its_answers() -> None:
    session = session_of("sine", 300)
    text, untold = answers_svg(session, view())
    assert untold == []
    root = ElementTree.fromstring(text.encode())
    path = next(element for element in root.iter(f"{SVG}path") if element.get("class") == "answers")
    found = np.array([pair.split() for pair in (path.get("d") or "")[1:].split("L")], dtype=float)
    drawn = function_of(session, view())
    along = drawn.horizontal.low + found[:, 0] / 480 * (drawn.horizontal.high - drawn.horizontal.low)
    answers = drawn.vertical.high - found[:, 1] / 480 * (drawn.vertical.high - drawn.vertical.low)
    assert np.allclose(along, drawn.along, atol=1e-3)
    assert np.allclose(answers, session.evaluator.predict(drawn.along[None])[0], atol=1e-3)
    data = session.dataset
    looks = [element.get("class") or "" for element in root.iter()]
    assert sum(look.startswith("point train") for look in looks) == data.size + 1
    assert sum(look.startswith("point test") for look in looks) == data.test_size + 1
    assert {"the network", "training part", "test part"} <= {element.text for element in root.iter(f"{SVG}text")}
    # What diverged has no line.
    lost = session_of("normalization", 600)
    assert not np.isfinite(function_of(lost, view()).answers).any()
    texts = {element.text for element in ElementTree.fromstring(answers_svg(lost, view())[0]).iter(f"{SVG}text")}
    assert "no finite answer" in texts


def test_where_the_data_show_a_neuron_it_is_the_picture_of_that() -> None:
    session = session_of("multigauss", 50)
    text, _ = answers_svg(session, View(Spotlight(2, 4, 0), data="neuron"))
    root = ElementTree.fromstring(text.encode())
    assert root.findtext(f"{SVG}title") == (f"{session.preset.title}: neuron 5 of layer 2, tanh, after step 50")
    texts = [element.text for element in root.iter(f"{SVG}text")]
    # The neuron's scale, and the examples by their own.
    assert {"1", "0", "−1", "up to 0", "above 0"} <= set(texts)
    answer = Responses(RESOLUTION, RESOLUTION).layer(session, 2)[4]
    levels = surface_levels(answer, SurfaceScale(0.0, 1.0))
    colors = ground_of(PAPER).colors
    found = {path.get("stroke") for path in root.iter(f"{SVG}path") if path.get("class") == "ground"}
    assert found == {colors[level] for level in np.unique(levels).tolist()}


async def test_a_zoomed_plot_is_taken_out_as_it_is_seen() -> None:
    app = BackpropApp(AppRequest(), session_of("spiral", 300))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        pane = screen.query_one(LossPane)
        pane.focus()
        await pilot.press("full_stop", "full_stop", "left_square_bracket", "l")
        await pilot.pause()
        frame = pane.plotted.frame
        assert frame is not None
        assert 1 < frame.first < frame.last < 300
        table = table_of(loss_csv(screen.session, screen.view)[0])
        assert [min(table["batch"]), max(table["batch"])] == [frame.first, frame.last]
        pictured = pane.picture()
        for one in pictured.series:
            here = (one.steps >= frame.first) & (one.steps <= frame.last)
            assert list(table[one.name].values()) == one.low[here].tolist()
        root = ElementTree.fromstring(loss_svg(screen.session, screen.view)[0].encode())
        texts = {element.text for element in root.iter(f"{SVG}text")}
        assert "loss, logarithmic" in texts
        assert f"{frame.first:,.0f}" in texts


def test_where_the_data_show_a_hidden_layer_it_is_the_examples_as_that_sees_them() -> None:
    session = session_of("xor", 400, "layers.0.units=2")
    text, _ = answers_svg(session, View(Spotlight(1, 0, 0), data="hidden layer"))
    root = ElementTree.fromstring(text.encode())
    assert root.findtext(f"{SVG}title") == f"{session.preset.title}: layer 1: neurons 1 and 2, after step 400"
    seen = answers_to(session, "training", 1)
    found = []
    for element in root.iter():
        if (element.get("class") or "").startswith("point train"):
            place = re.match(r"M(-?[\d.]+) (-?[\d.]+)", element.get("d") or "")
            x, y = place.groups() if place else (element.get("cx"), element.get("cy"))
            found.append((float(x or 0) / 240 - 1, 1 - float(y or 0) / 240))
    # tanh lies between −1 and 1; behind the four examples come two of the legend.
    assert np.allclose(sorted(found[:4]), sorted(map(tuple, seen.T.tolist())), atol=1e-3)
    assert any(path.get("class") == "ground" for path in root.iter(f"{SVG}path"))
    # Of more units no more than the examples is known.
    wide = session_of("digits-8x8", 20)
    root = ElementTree.fromstring(answers_svg(wide, View(Spotlight(1, 0, 0), data="hidden layer"))[0].encode())
    assert not any(path.get("class") == "ground" for path in root.iter(f"{SVG}path"))
    assert {"PC1", "PC2", *"0123456789"} <= {element.text for element in root.iter(f"{SVG}text")}
    flat = session_of("xor", 0, "layers.0.init=zeros")
    with pytest.raises(PresetError, match="all the same, or are no numbers"):
        answers_svg(flat, View(Spotlight(1, 0, 0), data="hidden layer"))


def test_the_plot_marks_where_the_run_stands() -> None:
    session = session_of("xor", 100)
    session.seek(session.timeline.finish_of(25))
    root = ElementTree.fromstring(loss_svg(session, view())[0].encode())
    places = {element.text: float(element.get("x") or 0) for element in root.iter(f"{SVG}text")}
    cursor = next(element for element in root.iter(f"{SVG}line") if element.get("class") == "cursor")
    wanted = places["20"] + (places["40"] - places["20"]) / 4
    assert abs(float(cursor.get("x1") or 0) - wanted) < 0.1
    assert any(element.get("opacity") for element in root.iter(f"{SVG}g"))
