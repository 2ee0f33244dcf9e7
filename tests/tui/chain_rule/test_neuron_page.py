"""The page of a neuron: its tables, what is blank when, and how it is opened and left."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.chain_rule.neuron_lines import MOST_ROWS, neuron_page
from backprop_tui.tui.chain_rule.page import Page
from backprop_tui.tui.chain_rule.pane import ChainRulePane
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.panes.view import View

from ..run_pilot import until

EVERYTHING = {"layers.0.batch_norm": True, "layers.0.residual": True, "layers.0.dropout": 0.2}


def text_of(page: Page) -> str:
    return "\n".join(strip.text.rstrip() for strip in [*page.head, *page.rows])


def rows_of(page: Page, name: str) -> list[list[str]]:
    """The cells of the rows of a table that begin with a name like this, their cursor left out."""
    cells = [strip.text.replace("▸", " ").split() for strip in page.rows]
    return [row for row in cells if row and row[0].startswith(name)]


def behind_backward(session: Session) -> Session:
    session.seek(session.timeline.finish_of(1) - 1)
    return session


def test_all_numbers_of_a_neuron_stand_at_one_place(session_of: Any) -> None:
    session = behind_backward(session_of("first-steps"))
    page = neuron_page(session, View(Spotlight(1, 1, 0)), 76)
    assert rows_of(page, "X") == [
        ["X₁,₁", "0.5", "0.2", "0.1", "−0.00230949"],
        ["X₂,₁", "0.8", "0.3", "0.24", "−0.00369518"],
    ]
    assert rows_of(page, "bias") == [["bias", "1", "0.35", "0.35", "−0.00461897"]]
    assert rows_of(page, "dZ⁽²⁾") == [["dZ⁽²⁾₁,₁", "−0.0415272", "0.5", "−0.0207636"]]
    text = text_of(page)
    assert "Z⁽¹⁾₂,₁ = 0.69: the sum of the products" in text
    assert "A⁽¹⁾₂,₁ = σ(Z⁽¹⁾₂,₁) = σ(0.69) = 0.665967" in text
    assert "dA⁽¹⁾₂,₁ = −0.0207636: the sum of the products" in text
    assert "= 0.665967 · (1 − 0.665967) = 0.222455" in text
    assert "dZ⁽¹⁾₂,₁ = dA⁽¹⁾₂,₁ · σ′(Z⁽¹⁾)₂,₁ = −0.0207636 · 0.222455 = −0.00461897" in text
    assert "Local information suffices" in text


def test_of_several_examples_the_chosen_one_and_the_sum_are_told(session_of: Any) -> None:
    session = behind_backward(session_of("vanishing"))
    plan = session.plan
    page = neuron_page(session, View(Spotlight(1, 3, 1, example=4)), 76)
    assert "example 5 of 25. δ is dZ; dW sums up δ · input / 25 over all 25 examples." in text_of(page).replace(
        "\n", " "
    )
    for i, row in enumerate(rows_of(page, "X")):
        given = plan["X", None].value((i, 4))
        part = given * plan["dZ", 1].value((3, 4)) / 25
        numbers = (given, plan["W", 1].value((3, i)), given * plan["W", 1].value((3, i)), part)
        assert row[1:] == [format_number(x, 11, 6) for x in (*numbers, plan["dW", 1].value((3, i)))]


def test_of_many_inputs_the_strongest_and_the_spotlights_own_are_listed(session_of: Any) -> None:
    session = behind_backward(session_of("digits"))
    W, X = session.plan["W", 1].array[3], session.plan["X", None].array[:, 4]
    weakest = int(np.abs(W * X).argmin())
    page = neuron_page(session, View(Spotlight(1, 3, weakest, example=4)), 76)
    strongest = set(np.argsort(-np.abs(W * X))[:MOST_ROWS].tolist()) | {weakest}
    names = {session.plan["X", None].entry((i, 4)) for i in strongest}
    assert {row[0] for row in rows_of(page, "X")} == names
    rest = sum(float(W[i] * X[i]) for i in range(784) if i not in strongest)
    (left,) = rows_of(page, "775")
    assert left[:2] == ["775", "more"]
    assert left[2:] == [format_number(rest, 11, 6)]


@pytest.mark.parametrize("changes", [{}, EVERYTHING])
@pytest.mark.parametrize("layer", [1, 5, 10])
def test_a_number_is_there_once_it_is_computed(session_of: Any, changes: dict[str, Any], layer: int) -> None:
    session = session_of("vanishing", changes=changes)
    view = View(Spotlight(layer, 0, 1, example=2))
    own = [op.place + 1 for op in session.plan.ops if op.layer == layer]
    for count in (0, 1, *own, session.timeline.length - 1):
        session.seek(count)
        page = neuron_page(session, view, 130)
        text = text_of(page)
        for symbol in ("Z", "A", "dA", "dZ"):
            quantity = session.plan.find(symbol, layer)
            if quantity is None:
                continue
            name = quantity.entry((0, 2))
            shown = [row for row in text.splitlines() if row.startswith(f"{name} = ")]
            assert len(shown) == 1, (name, count)
            assert shown[0].startswith(f"{name} = ·") == (not session.computed(quantity)), (name, count)
        blank = [row[-1] == "·" for row in rows_of(page, "bias")]
        assert blank == [not session.computed(session.plan["dW", layer])]
    assert "·" not in [row[-1] for row in rows_of(neuron_page(session, view, 130), "bias")]


def test_a_finished_step_has_other_weights_than_its_products(session_of: Any) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(1))
    page = neuron_page(session, View(Spotlight(1, 1, 0)), 76)
    weight = format_number(session.plan["W", 1].value((1, 0)), 11, 6)
    assert rows_of(page, "X")[0] == ["X₁,₁", "0.5", weight, "·", "−0.00230949"]
    assert "The step is finished: the weights are new" in text_of(page)
    normalized = session_of("vanishing", changes=EVERYTHING)
    normalized.seek(normalized.timeline.finish_of(1))
    value = format_number(normalized.plan["N", 3].value((0, 0)), 12, 6)
    assert f"\nN⁽³⁾₁,₁ = {value}\n" in text_of(neuron_page(normalized, View(Spotlight(3, 0, 1)), 130))


@pytest.mark.parametrize("width", [24, 40, 76, 130])
@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)])
def test_it_keeps_within_the_width(session_of: Any, width: int, look: Look) -> None:
    session = behind_backward(session_of("vanishing", changes=EVERYTHING))
    page = neuron_page(session, View(Spotlight(3, 3, 1, example=4), look=look), width)
    assert all(strip.cell_length <= width for strip in page.rows)
    if look.glyphs.ascii:
        assert text_of(page).isascii()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
async def test_enter_on_a_weight_opens_its_neuron_and_escape_leaves_it(size: tuple[int, int]) -> None:
    async with BackpropApp(AppRequest("first-steps")).run_test(size=size) as pilot:
        await pilot.pause()
        screen: Any = pilot.app.screen
        pane = screen.query_one(ChainRulePane)
        await pilot.press("v", "shift+tab")
        assert (screen.current, screen.view.chain) == ("weights", "path")
        await pilot.press("enter")
        assert (screen.current, screen.view.chain) == ("chain-rule", "neuron")
        assert pane.display
        await until(lambda: pane.lines[1].text.startswith("Neuron 1 of 2 in layer 1 of 2"))
        await pilot.press("shift+down")
        await until(lambda: pane.lines[1].text.startswith("Neuron 2 of 2 in layer 1 of 2"))
        await pilot.press("escape")
        assert (screen.current, screen.view.chain) == ("weights", "path")
        await pilot.press("escape")
        assert (screen.current, screen.view.chain) == ("weights", "path")
