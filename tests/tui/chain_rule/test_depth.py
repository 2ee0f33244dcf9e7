"""The product of slopes against depth: the rows of this run, the depth that is chosen, and what is said of it."""

from typing import Any

import pytest

from backprop_tui.core.chain_rule.slope_product import slope_of, slope_product
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.chain_rule.depth_lines import CELL, DIGITS, depth_page
from backprop_tui.tui.chain_rule.depth_words import chosen_depth
from backprop_tui.tui.chain_rule.page import Page
from backprop_tui.tui.chain_rule.pane import ChainRulePane, views_of
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.panes.view import View


def view_of(**more: Any) -> View:
    return View(Spotlight(1, 0, 0), **more)


def rows_of(page: Page) -> list[list[str]]:
    """The cells of each depth's row, its cursor left out."""
    return [page.rows[stop].text.replace("▸", " ").split() for stop in page.stops]


def said(page: Page) -> str:
    return " ".join(" ".join(strip.text for strip in page.head).split())


def behind_backward(session: Session) -> Session:
    session.seek(session.timeline.finish_of(1) - 1)
    return session


def test_a_row_has_the_numbers_of_its_layer_and_its_depth(session_of: Any) -> None:
    session = behind_backward(session_of("vanishing"))
    found = slope_product(session.plan, session.trainer.layers, session.events, 0)
    rows = rows_of(depth_page(session, view_of(), 130, 40))
    assert len(rows) == 50

    def text(value: float | None) -> str:
        return format_number(value, CELL, DIGITS)

    for depth, layer in enumerate(found.layers, 1):
        numbers = (layer.mean, layer.product, layer.weighted, found.best(depth), found.power(depth))
        assert rows[depth - 1][:7] == [str(depth), str(layer.layer), *map(text, numbers)]
    assert rows[9][:3] == ["10", "9.537e-07", text(found.power(10))]
    lengths = [len(row[-1]) for row in rows]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[9] < lengths[-1]


def test_what_is_not_computed_yet_is_blank(session_of: Any) -> None:
    session = session_of("vanishing")
    layers = session.trainer.layers
    fifth = slope_of(session.plan, layers[4])
    assert fifth is not None
    session.seek(fifth.place + 1)
    page = depth_page(session, view_of(), 130, 40)
    blank = [row[:5].count("·") for row in rows_of(page)]
    assert blank[:9] == [0] * 5 + [3] * 4
    assert "(5 layers so far)" in said(page)
    session.seek(1)
    page = depth_page(session, view_of(), 130, 40)
    assert all(row.count("·") == 4 for row in rows_of(page)[:9])
    assert "computed no slope yet: the first comes with the backward pass of layer 9" in said(page)
    # The rule needs no run.
    assert "at best 0.25⁹ = 3.81470e-06, one part in 262,144" in said(page)


def test_a_finished_step_has_other_weights_than_its_slopes(session_of: Any) -> None:
    session = session_of("vanishing")
    session.seek(session.timeline.finish_of(1))
    page = depth_page(session, view_of(), 130, 40)
    assert all(row[4] == "·" and row[3] != "·" for row in rows_of(page)[:9])
    assert "the weights have changed" in said(page)


def test_the_chosen_depth_is_said(session_of: Any) -> None:
    session = behind_backward(session_of("vanishing"))
    found = slope_product(session.plan, session.trainer.layers, session.events, 0)
    assert chosen_depth(session, view_of()) == 9
    text = said(depth_page(session, view_of(depth=9), 130, 40))
    assert "Depth 10 (↑ ↓), σ: at best 0.25¹⁰ = 9.53674e-07, one part in 1,048,576" in text
    mean, power = (format_number(value, 12, 6) for value in (found.mean, found.power(10)))
    assert f"mean slope here {mean} (9 layers): {mean}¹⁰ = {power}" in text
    relu = session_of("vanishing", changes={"layers.0.activation": "relu"})
    text = said(depth_page(behind_backward(relu), view_of(depth=19), 130, 40))
    assert "Depth 20 (↑ ↓), relu: at best 1²⁰ = 1" in text


def test_parts_that_are_left_out_are_named(session_of: Any) -> None:
    changes = {"layers.0.batch_norm": True, "layers.0.residual": True}
    session = behind_backward(session_of("vanishing", changes=changes))
    assert "Left out: batch norm, shortcuts." in said(depth_page(session, view_of(), 130, 40))
    assert "Left out" not in said(depth_page(session_of("vanishing"), view_of(), 130, 40))


@pytest.mark.parametrize("width", [24, 40, 76, 130])
@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)])
def test_it_keeps_within_the_width(session_of: Any, width: int, look: Look) -> None:
    session = behind_backward(session_of("digits"))
    page = depth_page(session, view_of(look=look), width, 20)
    assert all(strip.cell_length <= width for strip in [*page.head, *page.rows])
    if look.glyphs.ascii:
        assert all(strip.text.isascii() for strip in [*page.head, *page.rows])


def test_a_network_without_a_slope_has_no_such_view(session_of: Any) -> None:
    table = {
        "title": "Logistic regression",
        "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[1.0]]},
        "layers": [{"units": 1, "activation": "sigmoid"}],
    }
    assert "depth" not in views_of(session_of(table), view_of())


async def test_up_and_down_change_the_depth_which_stays_through_time() -> None:
    async with BackpropApp(AppRequest("vanishing")).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        pane = pilot.app.screen.query_one(ChainRulePane)
        await pilot.press("v", "v", "v")
        assert pane.view.chain == "depth"

        def marked() -> list[str]:
            return [strip.text.split()[1] for strip in pane.lines if strip.text.startswith("▸")]

        assert marked() == ["9"]
        assert "↑↓ depth" in pilot.app.screen.query_one("#keys", Pane).lines[0].text
        await pilot.press("down", "down", "down")
        assert marked() == ["12"]
        assert "Depth 12 " in pane.lines[1].text
        await pilot.press("right", "3", "right")
        assert marked() == ["12"]
        await pilot.press("up")
        assert marked() == ["11"]
