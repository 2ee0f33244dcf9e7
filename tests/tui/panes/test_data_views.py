"""The views of the data behind `m`: measures, the most wrong examples, about the data; and in which units they are."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from backprop_tui.core.chain_rule.batch_example import batch_example, place_of_example
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.measures import ClassMeasures, Measured, measured
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.titles import told_apart
from backprop_tui.tui.panes.about_lines import about_lines
from backprop_tui.tui.panes.data import DataPane, data_lines, data_views, titled
from backprop_tui.tui.panes.example_lines import brightness
from backprop_tui.tui.panes.measure_lines import list_lines, matrix_width, measure_lines, share
from backprop_tui.tui.panes.measuring import Found, Measuring
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.panes.wrong_lines import wrong_lines
from backprop_tui.tui.training_screen import TrainingScreen

LOOKS = [Look(), Look(glyphs=ASCII), Look(color=False)]
NAMES = ("Iris-setosa", "Iris-versicolor", "Iris-virginica")
FEATURES = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal \x1b[31m width")


@pytest.fixture
def flowers(session_of: Callable[..., Session]) -> Session:
    """Nine flowers of three kinds, four of them held out, with names that are long, alike, and hostile."""
    inputs = [[float(place % 3), float(place), 1.0, 0.5] for place in range(9)]
    table = {
        "title": "Flowers",
        "data": {
            "kind": "inline",
            "inputs": inputs,
            "targets": [[float(place % 3 == one) for one in range(3)] for place in range(9)],
            "train_ratio": 5 / 9,
        },
        "layers": [{"units": 3, "activation": "softmax"}],
        "training": {"batch_size": 2},
    }
    made = session_of(table)
    return Session(
        made.preset,
        replace(
            made.dataset, class_names=NAMES, feature_names=FEATURES, notes=("column 1 counts the rows and is left out",)
        ),
    )


@pytest.fixture
def prices(session_of: Callable[..., Session]) -> Session:
    """Three prices of mean 300 and deviation √(140000/3), which the network learns normalized."""
    table = {
        "title": "Prices",
        "data": {
            "kind": "inline",
            "inputs": [[50.0, 1.0, 0.0], [70.0, 2.0, 1.0], [150.0, 6.0, 5.0]],
            "targets": [[100.0], [200.0], [600.0]],
            "normalize": True,
            "normalize_targets": True,
        },
        "layers": [{"units": 1, "activation": "identity", "weights": [[0.0, 0.0, 0.0]], "biases": [0.5]}],
    }
    return session_of(table)


def text(strips: Any) -> str:
    return "\n".join(strip.text.rstrip() for strip in strips)


def found_of(session: Session) -> Found:
    return Measuring().look(session, playing=False)


# What they say


def test_the_matrix_is_the_one_of_the_measures(flowers: Session) -> None:
    flowers.seek(flowers.timeline.finish_of(3))
    found = found_of(flowers)
    for part in ("training", "test"):
        measures = measured(flowers.evaluator, part)  # type: ignore[arg-type]
        assert measures is not None
        assert isinstance(measures.measures, ClassMeasures)
        assert measures.measures.confusion is not None
        rows = text(measure_lines(replace(found, parts={part: measures}), flowers, 60, Look())).splitlines()  # type: ignore[dict-item]
        shown = [row.split()[1:4] for row in rows if row.startswith("Iris-")]
        assert [[int(cell) for cell in row] for row in shown] == measures.measures.confusion.tolist()


def test_accuracy_stands_beside_that_of_one_class_for_all() -> None:
    counts = np.array([88, 12])
    measures = ClassMeasures(("no", "yes"), counts, np.array([100, 0]), np.array([88, 0]), np.array([[88, 0], [12, 0]]))
    found = Found(1, None, {"training": Measured(measures, np.zeros(100)), "test": None})  # type: ignore[arg-type]

    class Plain:
        target_std = None

    class Bare:
        dataset = Plain

    said = text(measure_lines(found, Bare, 80, Look()))  # type: ignore[arg-type]
    assert 'accuracy 0.88, 0.88 by always "no": the network is no better' in said
    assert "–" in said.splitlines()[-1]


def test_errors_and_examples_are_in_the_data_s_own_units(prices: Session) -> None:
    deviation = sqrt(140000 / 3)
    found = found_of(prices)
    said = text(measure_lines(found, prices, 60, Look()))
    errors = [300 + deviation / 2 - price for price in (100, 200, 600)]
    row = next(line for line in said.splitlines() if line.startswith("y "))
    assert [float(cell.replace("−", "-")) for cell in row.split()[1:]] == pytest.approx(
        [1 - sum(e * e for e in errors) / 140000, sqrt(sum(e * e for e in errors) / 3), sum(map(abs, errors)) / 3],
        rel=1e-3,
    )
    assert "RMSE and MAE are in the data's own units." in " ".join(said.split())
    assert "losses are of normalized targets" in titled("measures", found, prices, View(Spotlight(1, 0, 0)), 78).text
    # Right before the update the answer is the first one; once the step is finished it is that of the new weights.
    prices.seek(prices.timeline.finish_of(1) - 1)
    lines = text(data_lines(prices, View(Spotlight(1, 0, 0, 2)), 80, 12)).splitlines()
    prices.forward("epoch")
    again = prices.batch_again()
    assert again is not None
    after = prices.dataset.in_own_units(again.plan["A", 1].array)[0, 2]
    finished = text(data_lines(prices, View(Spotlight(1, 0, 0, 2)), 80, 12))
    assert f"{after:.1f}" in finished
    assert "after update 1" in finished
    target = next(line for line in lines if " y " in line)
    assert target.split()[-4:] == ["408.0", "600", "0.5", "1.389"]
    first = next(line for line in lines if line.startswith("x1"))
    assert first.split()[:3] == ["x1", "150", "1.389"]


def test_the_most_wrong_are_in_order_and_the_chosen_one_is_shown_in_full(flowers: Session) -> None:
    flowers.seek(flowers.timeline.finish_of(4))
    found, view = found_of(flowers), View(Spotlight(1, 0, 0))
    losses = [found.loss(part, number) for part, number in found.most_wrong]
    assert losses == sorted(losses, reverse=True)
    assert len(losses) == found.examples == 9
    view.wrong = found.most_wrong[4]
    said = text(wrong_lines(found, flowers, view, 110, 12))
    part, number = view.wrong
    assert f"{part} example {number + 1}" in said
    rows = [line for line in said.splitlines() if line.startswith("▸")]
    assert len(rows) == 1
    assert rows[0].split()[1] == str(number + 1)
    inputs = flowers.dataset.inputs if part == "training" else flowers.dataset.test_inputs
    values = [float(row.split("  ")[-1].split()[0]) for row in detail_rows(said)]
    assert values == inputs[:, number].tolist()


def test_the_list_of_the_most_wrong_has_a_heading_and_an_end(flowers: Session) -> None:
    flowers.seek(flowers.timeline.finish_of(4))
    found, view = found_of(flowers), View(Spotlight(1, 0, 0))
    whole = text(wrong_lines(found, flowers, view, 40, 12)).splitlines()
    assert whole[0].split() == ["no.", "part", "loss", "target", "→", "answer"]
    assert len(whole) == 10
    # The titles stand over what they tell of.
    assert whole[1].index("→") > whole[0].index("target") > whole[1].index(".") > whole[0].index("part")
    assert text(wrong_lines(found, flowers, view, 34, 12)).splitlines()[0].endswith("target → ŷ")
    cut = text(wrong_lines(found, flowers, view, 40, 6)).splitlines()
    assert (cut[0], cut[-1]) == (whole[0], "… 5 more: ↑ ↓")
    view.wrong = found.most_wrong[-1]
    assert text(wrong_lines(found, flowers, view, 40, 6)).splitlines()[-1] == "end of the list"
    # What has no room is told of; of other parameters there are no answers.
    assert text(wrong_lines(found, flowers, view, 22, 6)).splitlines()[0].split() == ["no.", "part", "loss", "…"]
    flowers.forward("step")
    assert text(wrong_lines(found, flowers, view, 40, 6)).splitlines()[0].split() == ["no.", "part", "loss", "target"]


def detail_rows(said: str) -> list[str]:
    """What stands beside the list about the inputs of the chosen example, behind their names."""
    return [row.split("…")[-1] for row in said.splitlines() if "sepal" in row or "petal" in row]


def test_about_has_the_notes_the_classes_and_the_features(flowers: Session) -> None:
    said = text(about_lines(flowers.dataset, 60, Look()))
    assert "9 examples: 5 to train on, 4 held out to test with." in said
    assert "- column 1 counts the rows and is left out" in said
    counts = flowers.dataset.targets.sum(axis=1), flowers.dataset.test_targets.sum(axis=1)
    for place, name in enumerate(NAMES):
        row = next(line for line in said.splitlines() if line.startswith(name))
        assert [float(cell) for cell in row.split()[1:]] == [counts[0][place], counts[1][place]]
    assert "petal \\x1b[31m" in said


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", ["digits", "xor", "sine", "moons", "mazur", "flowers", "prices"])
def test_no_view_is_larger_than_its_room(
    session_of: Callable[..., Session], request: pytest.FixtureRequest, name: str, look: Look
) -> None:
    session = request.getfixturevalue(name) if name in ("flowers", "prices") else session_of(name)
    session.forward("step")
    found, view = found_of(session), View(Spotlight(1, 0, 0), look=look)
    for width, height in ((1, 1), (7, 3), (24, 8), (38, 16), (78, 20), (118, 33), (198, 46)):
        for drawn in (
            data_lines(session, view, width, height),
            wrong_lines(found, session, view, width, height),
            measure_lines(found, session, width, look),
            about_lines(session.dataset, width, look),
        ):
            assert all(strip.cell_length <= width for strip in drawn)
            assert all("\x1b" not in strip.text for strip in drawn)
            if look.glyphs.ascii:
                assert all(strip.text.isascii() for strip in drawn)
        assert len(wrong_lines(found, session, view, width, height)) <= height
        assert len(data_lines(session, view, width, height)) <= height


@pytest.mark.parametrize("room", range(3, 20))
def test_names_are_cut_where_they_still_differ(room: int) -> None:
    for names in (
        NAMES,
        FEATURES,
        ("a", "b"),
        ("same", "same"),
        ("日本語の名前", "日本語の国"),
        tuple(f"class number {i}" for i in range(12)),
    ):
        cut = told_apart(names, room, Look())
        assert len(set(cut)) == len(set(names))
        assert all(0 < cell_len(text) <= room for text in cut)


# Where an example is trained on


@pytest.mark.parametrize(
    "changes", [{}, {"training.batch_size": 7}, {"training.batch_size": 7, "training.drop_last": True}]
)
def test_every_example_is_found_where_it_is_trained_on(
    session_of: Callable[..., Session], changes: dict[str, Any]
) -> None:
    trainer = session_of("spiral", changes=changes).trainer
    for example in (0, 3, 100, 249):
        for epoch in (0, 3):
            found = place_of_example(trainer, example, range(epoch, epoch + 9))
            assert found is not None
            step, place = found
            assert batch_example(trainer, step, place) == example
            assert (step - 1) // trainer.steps_per_epoch >= epoch
    assert place_of_example(trainer, 10**6, range(3)) is None


# At full speed


def test_at_full_speed_it_measures_within_its_share_of_the_time(
    flowers: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([10.0, 10.2, 11.0, 13.1, 13.3, 13.4])
    monkeypatch.setattr("backprop_tui.tui.panes.measuring.perf_counter", lambda: next(clock))
    measuring = Measuring()
    first = measuring.look(flowers, playing=True)
    flowers.forward("step")
    # It took a fifth of a second: for 15 times as long the first is shown, which says of which step it is.
    assert measuring.look(flowers, playing=True) is first
    assert measuring.look(flowers, playing=True) is first
    assert measuring.look(flowers, playing=True).step == first.step + 1


# With keys


@asynccontextmanager
async def app_on(
    session: Session, size: tuple[int, int]
) -> AsyncIterator[tuple[Pilot[None], TrainingScreen, DataPane]]:
    app = BackpropApp(AppRequest(), session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, TrainingScreen)
        yield pilot, app.screen, app.screen.query_one(DataPane)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_m_turns_through_the_views(flowers: Session, size: tuple[int, int]) -> None:
    async with app_on(flowers, size) as (pilot, screen, pane):
        seen = []
        views = data_views(flowers)
        for name in (*views[1:], views[0]):
            await pilot.press("m")
            await pilot.pause()
            assert screen.view.data == name
            assert pane.display
            seen.append(text(pane.lines))
        assert "confusion, test part" in seen[0]
        assert "training, 5 examples" in seen[1]
        assert "most wrong first: 1 of" in seen[2]
        assert "9 examples" in seen[3]
        assert all(len(shown.splitlines()) <= pane.content_size.height for shown in seen)


async def test_enter_puts_the_chosen_example_into_the_spotlight(flowers: Session) -> None:
    flowers.seek(flowers.timeline.finish_of(4))
    async with app_on(flowers, (120, 36)) as (pilot, screen, _):
        screen.pane("data").focus()
        await pilot.press("m", "m", "m")
        for _ in range(9):
            await pilot.pause()
            found = Measuring().look(flowers, playing=False)
            part, number = screen.view.wrong or found.most_wrong[0]
            await pilot.press("enter")
            for _ in range(200):
                if screen.travelling is None:
                    break
                await asyncio.sleep(0.01)
            if part == "test":
                assert "no step trains on it" in screen.notice
            else:
                X = flowers.plan["X", None].array[:, screen.view.spotlight.example]
                assert np.array_equal(X, flowers.dataset.inputs[:, number])
                assert f"example {number + 1} of the training set" in screen.notice
                # The one that was chosen stays so, wherever it ranks after another step.
                assert screen.view.wrong == (part, number)
            await pilot.press("down")


async def test_long_views_are_scrolled(session_of: Callable[..., Session]) -> None:
    async with app_on(session_of("digits"), (80, 24)) as (pilot, _, pane):
        await pilot.press("m", "m", "m", "z")
        await pilot.pause()
        before = text(pane.lines)
        assert "more lines" in before
        await pilot.press(*["down"] * 40)
        await pilot.pause()
        assert "more lines" not in text(pane.lines)
        assert "precision" in pane.lines[-1].text or "precision" in text(pane.lines[-3:])
        await pilot.press(*["up"] * 40)
        await pilot.pause()
        assert text(pane.lines) == before


def test_many_classes_are_a_list_with_what_each_is_taken_for() -> None:
    names = tuple(f"word {chr(97 + place)}" for place in range(26))
    confusion = np.diag(np.arange(1, 27))
    confusion[3, 7] = 12
    measures = ClassMeasures(names, confusion.sum(axis=1), confusion.sum(axis=0), confusion.diagonal(), confusion)
    assert matrix_width(measures, 78) is None
    lines = text(list_lines(measures, 78, Look())).splitlines()
    row = next(line for line in lines if line.startswith("word d"))
    assert row.split()[2:] == ["16", "0.2500", "1", "word", "h", "(12)"]
    narrow = text(list_lines(measures, 23, Look())).splitlines()
    assert next(line for line in narrow if " 16 " in line).split()[-3:] == ["16", ".25", "1"]


@pytest.mark.parametrize(
    ("value", "width", "expected"),
    [
        (0.9519, 6, "0.9519"), (1.0, 6, "1"), (0.0, 6, "0"), (None, 6, "–"),
        # What is not all is not shown as all.
        (0.99999, 6, "0.9999"), (0.999, 3, ".99"), (0.5, 3, ".50"), (0.25, 4, "0.25"),
    ],
)  # fmt: skip
def test_shares_are_never_rounded_to_all(value: float | None, width: int, expected: str) -> None:
    assert share(value, Look(), width) == expected


def test_what_takes_long_is_not_measured_at_full_speed(flowers: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 12.0, 1000.0, 2000.0, 2001.0])
    monkeypatch.setattr("backprop_tui.tui.panes.measuring.perf_counter", lambda: next(clock))
    measuring = Measuring()
    first = measuring.look(flowers, playing=True)
    flowers.forward("step")
    assert measuring.look(flowers, playing=True) is first
    assert measuring.look(flowers, playing=False).step == 1


def test_pixels_are_as_bright_as_the_data_have_them(session_of: Callable[..., Session]) -> None:
    session = session_of("digits")
    data = session.dataset
    pixels = data.inputs[:, 3]
    assert np.array_equal(brightness(pixels, data), pixels)
    assert np.array_equal(brightness(16 * pixels, data), 16 * pixels / max(1, 16 * pixels.max()))
    mean, std = np.full((784, 1), 0.5), np.full((784, 1), 0.25)
    normalized = replace(data, mean=mean, std=std)
    assert brightness((pixels - 0.5) / 0.25, normalized) == pytest.approx(pixels)


async def test_data_and_status_say_that_one_class_for_all_is_as_good(session_of: Callable[..., Session]) -> None:
    table = {
        "title": "Rare",
        "data": {
            "kind": "inline",
            "inputs": [[0.0, 1, 2], [1.0, 2, 2], [2.0, 0, 1], [3.0, 1, 1]],
            "targets": [[0.0], [0.0], [1.0], [0.0]],
        },
        "layers": [{"units": 1, "activation": "sigmoid", "weights": [[0.0, 0.0, 0.0]], "biases": [-2.0]}],
        "optimizer": {"learning_rate": 1e-9},
    }
    session = session_of(table)
    said = "accuracy 0.75: the most frequent class alone gives 0.75"
    async with app_on(session, (120, 36)) as (pilot, screen, pane):
        assert said not in text(screen.pane("counters").lines)
        await pilot.press("4", "right")
        await pilot.pause()
        assert said in text(screen.pane("counters").lines)
        assert said in " ".join(text(pane.lines).split())
