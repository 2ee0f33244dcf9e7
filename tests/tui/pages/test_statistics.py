"""The screen of the statistics of every layer: the table and the histograms."""

from collections.abc import Callable

import numpy as np
import pytest

from backprop_tui.core.diagnosis.statistics import Histogram, histogram, statistics_table
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.palette import DARK
from backprop_tui.tui.pages.histogram_lines import DIGITS, NUMBER, histogram_lines
from backprop_tui.tui.pages.statistics import ALL, SHOWN, StatisticsScreen
from backprop_tui.tui.pages.statistics_lines import Columns, heading_lines, number, row_line
from backprop_tui.tui.training_screen import TrainingScreen

from ...share import share
from ..tool_pilot import opened, text_of, until, window

Sessions = Callable[..., Session]
LOOK = Look()
SIZES = ((80, 24), (120, 36), (200, 50))


def rows_of(screen: StatisticsScreen) -> list[list[str]]:
    """The cells of the table, row by row, without the mark of the chosen one."""
    lines = text_of(screen).replace(screen.view.look.glyphs.cursor, " ", 1).splitlines()
    first = next(i for i, line in enumerate(lines) if line.split()[:2] == ["W", "dW"]) + 1
    return [line.split() for line in lines[first : first + len(screen.network)]]


def words(text: str) -> str:
    return " ".join(text.split())


# The table


@pytest.mark.parametrize("size", SIZES)
async def test_the_table_is_that_of_the_step(session_of: Sessions, size: tuple[int, int]) -> None:
    session = session_of("dead-relu")
    session.advance_steps(3)
    expected = statistics_table(session.plan, session.trainer.layers, session.events)
    async with opened(StatisticsScreen, session, size) as (_, screen):
        for cells, row in zip(rows_of(screen), expected, strict=True):
            assert row.preactivations is not None
            assert row.activations is not None
            values = [row.weights, row.gradient, row.update, row.ratio]
            shares = cells[5:7]
            moments = [*row.preactivations, *row.activations]
            assert cells[0] == str(row.layer)
            for text, value in zip([*cells[1:5], *cells[7:]], [*values, *moments], strict=True):
                assert float(text.replace("−", "-")) == pytest.approx(value, rel=0.06, abs=1e-99)
            relu = row.activation == "relu"
            assert shares[0] == (f"{row.inactive_share:.0%}" if relu else "–")
            assert shares[1] == ("–" if relu else f"{row.saturated_share:.0%}")


async def test_what_a_step_has_not_computed_is_blank_and_not_zero(session_of: Sessions) -> None:
    session = session_of("exploding")
    async with opened(StatisticsScreen, session, (120, 36)) as (pilot, screen):
        assert "only the weights are known" in text_of(screen)
        for cells in rows_of(screen):
            assert cells[1] not in ("·", "0")
            assert set(cells[2:]) == {"·", "–"}
        screen.view.unit = "phase"
        await pilot.press("right")
        for cells in rows_of(screen):
            assert cells[2:5] == ["·"] * 3
            assert "·" not in cells[5:]
        session.seek(session.timeline.finish_of(3))
        assert all(cells[2:5] == ["0"] * 3 for cells in rows_of(screen))


async def test_the_chosen_layer_is_told_with_its_units(session_of: Sessions) -> None:
    session = session_of("dead-relu")
    session.advance_steps(8)
    expected = statistics_table(session.plan, session.trainer.layers, session.events)
    async with opened(StatisticsScreen, session, (120, 36)) as (pilot, screen):
        assert screen.chosen == screen.view.spotlight.layer - 1
        await pilot.press(*["up"] * screen.chosen)
        silent = expected[0].inactive
        assert silent
        assert words(text_of(screen)).split("zero for the whole batch: units ")[1].startswith(str(silent[0]))
        await pilot.press("down", "down")
        assert "layer 3: 1 unit of sigmoid, 16 inputs" in text_of(screen)
        assert "saturated: " in text_of(screen)


async def test_a_ratio_to_weights_of_zero_is_none(session_of: Sessions) -> None:
    session = session_of("initialization")
    session.advance_steps(1)
    async with opened(StatisticsScreen, session, (120, 36)) as (_, screen):
        rows = rows_of(screen)
        assert rows[0][1] == "0"
        assert rows[0][4] == "–"


@pytest.mark.parametrize("ascii", [False, True])
def test_columns_are_left_out_as_groups_and_numbers_are_never_cut(session_of: Sessions, ascii: bool) -> None:
    look = Look(glyphs=ASCII) if ascii else LOOK
    session = session_of("dead-relu")
    session.advance_steps(2)
    layers = session.trainer.layers
    rows = statistics_table(session.plan, layers, session.events)
    for width in range(30, 130):
        columns = Columns.fitting(width, len(layers))
        lines = [row_line(rows[0], layers[0], len(layers), look, width, chosen=True)]
        lines += heading_lines(len(layers), look, width)
        assert all(len(strip.text) <= width for strip in lines)
        assert len(lines[0].text) == columns.width <= width
        assert (look.glyphs.ellipsis in lines[1].text) == (columns.groups < 4)
        assert not ascii or all(strip.text.isascii() for strip in lines)
    assert Columns.fitting(72, 99).groups == 4


def test_small_numbers_keep_digits() -> None:
    assert [number(x, 6, LOOK) for x in (2.93e-4, 2.9e-30, 0.0, None, 1234567.0)] == [
        "2.9e-4",
        "3e-30",
        "0",
        "·",
        "1e+06",
    ]
    assert number(-2.93e-4, 7, LOOK) == "−2.9e-4"
    assert number(float("nan"), 6, LOOK) == "nan"


async def test_more_layers_than_lines_are_scrolled_through(session_of: Sessions) -> None:
    session = session_of("vanishing", changes={"layers.0.repeat": 39})
    session.advance_steps(1)
    async with opened(StatisticsScreen, session) as (pilot, screen):
        screen.chosen = 0
        for layer in range(1, 41):
            lines = window(screen)
            row = next(line for line in lines if line.startswith("▸"))
            assert row[1:].split()[0] == str(layer)
            assert layer == 40 or " of 40" in lines[0]
            await pilot.press("down")


# Histograms


def counts(*numbers: int) -> Histogram:
    return Histogram(np.array(numbers), np.linspace(-1.0, 2.0, len(numbers) + 1), 0)


def test_bars_are_as_high_as_their_counts() -> None:
    lines = [strip.text for strip in histogram_lines(counts(0, 1, 16, 8, 4), 5, 2, LOOK, DARK.forward)]
    assert lines[0] == "  █  "
    assert lines[1] == " ▁██▄"
    assert lines[2] == "−1  2"


def test_the_least_count_has_a_bar_and_none_has_not() -> None:
    lines = [strip.text for strip in histogram_lines(counts(1, 0, 100_000), 3, 1, LOOK, DARK.forward)]
    assert lines[0] == "▁ █"


def test_what_is_not_computed_is_the_blank_glyph_and_what_is_not_finite_said() -> None:
    lines = [strip.text for strip in histogram_lines(None, 9, 3, LOOK, DARK.forward)]
    assert len(lines) == 4
    assert "".join(lines).strip() == "·"
    broken = histogram_lines(histogram(np.array([1.0, np.nan, np.inf]), 12), 12, 2, LOOK, DARK.forward)
    assert broken[-1].text == "2 not finite"


async def test_v_shows_histograms_and_enter_the_next_kind(session_of: Sessions) -> None:
    session = session_of("vanishing")
    session.seek(session.timeline.finish_of(1))
    async with opened(StatisticsScreen, session, (200, 50)) as (pilot, screen):
        await pilot.press("v")
        text = text_of(screen)
        assert screen.quantity == ALL
        assert "all four" in text.splitlines()[0]
        titles = [line.strip("▸ ").split()[1] for line in text.splitlines() if " sigmoid" in line]
        assert titles == [f"{n}:" for n in range(1, 11)]
        for kind, symbol in zip(SHOWN, ("W⁽¹⁾", "dW⁽¹⁾", "Z⁽¹⁾", "A⁽¹⁾"), strict=True):
            await pilot.press("enter")
            assert screen.quantity == kind
            size = session.plan[symbol[:-3], 1].array.size
            assert f"▸ {symbol}: {size:,}" in text_of(screen)
            assert kind in text_of(screen).splitlines()[0]
        await pilot.press("enter")
        assert screen.quantity == ALL
        await pilot.press("v")
        assert screen.shown == "table"


async def test_a_histogram_is_drawn_of_the_numbers_of_the_position(session_of: Sessions) -> None:
    session = session_of("first-steps")
    async with opened(StatisticsScreen, session, (120, 36)) as (pilot, screen):
        await pilot.press("v", "enter", "enter")
        assert screen.quantity == "gradients"
        before = text_of(screen)
        assert before.count("·") >= len(screen.network)
        assert "█" not in before
        screen.view.unit = "step"
        await pilot.press("right")
        assert "█" in text_of(screen)
        for layer in range(1, len(screen.network) + 1):
            low = float(session.plan["dW", layer].array.min())
            assert format_number(low, NUMBER, DIGITS) in text_of(screen).split()
        await pilot.press("left")
        assert text_of(screen) == before


async def test_dropout_has_histograms_of_what_the_activation_gives(session_of: Sessions) -> None:
    session = session_of("spiral", changes={"layers.0.dropout": 0.5})
    session.advance_steps(1)
    async with opened(StatisticsScreen, session) as (_, screen):
        assert screen.quantity_of("activations", 1).symbol == "F"
        assert screen.quantity_of("activations", len(screen.network)).symbol == "A"


@pytest.mark.parametrize(
    ("preset", "size", "ascii"),
    [
        *(("vanishing", size, False) for size in share(((40, 12),), (*SIZES, (40, 12)))),
        ("vanishing", (80, 24), True),
        ("digits", (80, 24), False),
        ("linear-neuron", (120, 36), True),
    ],
)
async def test_it_fits_at_every_size(session_of: Sessions, preset: str, size: tuple[int, int], ascii: bool) -> None:
    session = session_of(preset)
    session.advance_steps(1)
    async with opened(StatisticsScreen, session, size, ascii=ascii) as (pilot, screen):
        for key in ("v", *["enter"] * 5, "v"):
            lines = window(screen)
            assert all(len(line) <= size[0] for line in lines)
            assert not ascii or "".join(lines).isascii()
            for _ in screen.network:
                assert any(screen.view.look.glyphs.cursor in line for line in window(screen)[:-2]) or size < (80, 24)
                await pilot.press("down")
            await pilot.press(key)
        assert screen.shown == "table"
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TrainingScreen)


async def test_keys_open_the_pages(session_of: Sessions) -> None:
    session = session_of("first-steps")
    async with opened(StatisticsScreen, session) as (pilot, screen):
        await pilot.press("escape", "t")
        await until(lambda: isinstance(pilot.app.screen, StatisticsScreen))
        assert pilot.app.screen is not screen


async def test_how_much_work_a_step_is_and_after_playing_how_much_a_second(session_of: Sessions) -> None:
    session = session_of("three-or-eight")
    async with opened(StatisticsScreen, session, (120, 36)) as (_, screen):
        assert "a step: 101,632 weights × 1 example\n" in text_of(screen)
        session.timing.steps_per_second = 250.0
        screen.update()
        # 250 · 101,632
        assert "last play 250 steps/s, so 25.4M a second" in text_of(screen)
