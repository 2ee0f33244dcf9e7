"""Somebody's own numbers beside those of an op: in the lines of the page, and in the app with its keys."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

import backprop_tui
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.core.verify.handed_in import HandedIn, opened
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.chain_rule.op_lines import op_page
from backprop_tui.tui.chain_rule.page import Page
from backprop_tui.tui.chain_rule.pane import ChainRulePane, page_here
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.training_screen import TrainingScreen

Handed = dict[str, object]


@cache
def right_step() -> dict[str, np.ndarray]:
    """Two layers, a sigmoid under an identity, of three examples as rows."""
    rng = np.random.default_rng(5)
    X, T = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    W1, b1, W2, b2 = rng.normal(size=(2, 4)), rng.normal(size=4), rng.normal(size=(4, 2)), rng.normal(size=2)
    Z1 = X @ W1 + b1
    A1 = 1 / (1 + np.exp(-Z1))
    A2 = A1 @ W2 + b2
    dZ2 = 2 * (A2 - T) / 2 / 3
    dZ1 = dZ2 @ W2.T * A1 * (1 - A1)
    found = {"X": X, "Y": T, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "Z1": Z1, "A1": A1, "A2": A2}
    found |= {"dZ2": dZ2, "dW2": A1.T @ dZ2, "db2": dZ2.sum(0), "dZ1": dZ1, "dW1": X.T @ dZ1, "db1": dZ1.sum(0)}
    return found | {"W1_new": W1 - 0.1 * (X.T @ dZ1)}


def handed(**changes: np.ndarray) -> Handed:
    settings = {"activations": ["sigmoid", "identity"], "loss_kind": "mean_squared_error", "learning_rate": 0.1}
    return {**right_step(), **settings, **changes}


def without_slope() -> Handed:
    step = right_step()
    dZ1 = step["dZ2"] @ step["W2"].T
    dW1 = step["X"].T @ dZ1
    return handed(dZ1=dZ1, dW1=dW1, db1=dZ1.sum(0), W1_new=step["W1"] - 0.1 * dW1)


def beside(step: Handed) -> tuple[Session, HandedIn, View]:
    session, handed_in = opened(backprop_tui.verify(step))
    spotlight = handed_in.first.spotlight if handed_in.first else Spotlight(1, 2, 1, 1)
    return session, handed_in, View(spotlight, handed_in=handed_in)


def text_of(page: Page) -> str:
    return "\n".join(strip.text for strip in [*page.head, *page.rows])


def to(session: Session, symbol: str, layer: int) -> Session:
    session.seek(session.plan[symbol, layer].place + 1)
    return session


def test_each_result_has_yours_beside_it() -> None:
    session, _, view = beside(handed())
    step = right_step()
    for symbol, name, number in (
        ("Z", "Z1[1, 2]", step["Z1"][1, 2]),
        ("A", "A1[1, 2]", step["A1"][1, 2]),
        ("dW", "dW1[1, 2]", step["dW1"][1, 2]),
        ("db", "db1[2]", step["db1"][2]),
        ("ΔW", "W1_new[1, 2]", step["W1_new"][1, 2]),
    ):
        text = text_of(op_page(to(session, symbol, 1), view, 130))
        (yours,) = (row for row in text.splitlines() if row.startswith(f"  yours  {name} = "))
        assert yours.endswith("   ✓ right")
        shown = float(yours.split(" = ")[1].split()[0].replace("−", "-"))
        assert shown == pytest.approx(number, rel=1e-5)
        assert "✗" not in text
        assert "counted from 0" in text
    # A gradient that carries 1/m is brought to what it is here.
    text = text_of(op_page(to(session, "dZ", 1), view, 130))
    assert "yours  3 · dZ1[1, 2] = 3 · " in text
    assert "3 = m: dA and dZ carry 1/m" in text


def test_the_mistake_stands_at_its_op_and_what_follows_is_told_apart() -> None:
    session, handed_in, view = beside(without_slope())
    text = text_of(op_page(session, view, 130))
    assert "Mistake: the slope of the activation is left out — yours: dZ⁽¹⁾ = dA⁽¹⁾" in text
    assert "✗ wrong" in text
    assert "Python: dZ1 = " in text
    assert "yours, laid as here: dZ⁽¹⁾" in text
    assert "first wrong:" not in text
    text = text_of(op_page(to(session, "dW", 1), view, 130))
    assert "✗ follows from what is wrong before it" in text
    assert "Mistake" not in text
    assert handed_in.first is not None
    assert f"first wrong: {handed_in.first.name}, backward · layer 1 of 2 · dZ" in text
    # The parameter as the finish leaves it.
    session.seek(session.timeline.finish_of(1))
    assert "yours  W1_new[" in text_of(page_here(session, view, 130))
    session.forward("op")
    text = text_of(op_page(to_next(session), view, 130))
    assert "yours" not in text
    assert "first wrong" not in text


def to_next(session: Session) -> Session:
    """On to the same op of the next step."""
    session.seek(session.timeline.length + session.plan["dZ", 1].place + 1)
    return session


def test_an_entry_that_is_right_in_an_array_that_is_not() -> None:
    off = right_step()["dW2"].copy()
    off[3, 1] += 1e-7
    session, _, view = beside(handed(dW2=off))
    # Where the digits that are shown hardly tell, the difference is said.
    assert "✗ wrong, by 1.0e-07" in text_of(op_page(session, view, 130))
    view.spotlight = Spotlight(2, 0, 0)
    assert "✓ right, but other entries are off" in text_of(op_page(session, view, 130))


@pytest.mark.parametrize("width", [40, 76, 130])
@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)], ids=["unicode", "ascii"])
def test_no_line_is_wider_than_the_pane(width: int, look: Look) -> None:
    session, _, view = beside(without_slope())
    view.look = look
    for count in range(session.timeline.length + 1):
        session.seek(count)
        page = page_here(session, view, width)
        assert all(strip.cell_length <= width for strip in page.rows)
        assert look is not view.look or not look.glyphs.ascii or all(strip.text.isascii() for strip in page.rows)
        assert all(cell_len(row) <= width for row in text_of(page).splitlines())
        assert len(page.choices) == len(page.stops)


async def test_the_app_opens_at_the_first_wrong_op_and_leads_back_to_it(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", **{name: np.asarray(value) for name, value in without_slope().items()})
    session, handed_in = opened(backprop_tui.verify(tmp_path / "mine.npz"))
    app = BackpropApp(AppRequest(), session, handed_in)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        pane = screen.query_one(ChainRulePane)
        first = handed_in.first
        assert first is not None
        assert screen.session.count == first.place + 1
        assert screen.notice.startswith("first wrong: dZ⁽¹⁾; following from what is wrong: dW⁽¹⁾")
        assert screen.session.preset.title == "mine.npz, a step handed in"
        assert any("✗ wrong" in strip.text for strip in pane.lines)
        await pilot.press("home")
        assert screen.session.count == 0
        assert not any("yours" in strip.text for strip in pane.lines)
        await pilot.press("enter")
        assert screen.session.count == first.place + 1
        assert any("✗ wrong" in strip.text for strip in pane.lines)
        # The same start weights again are the same step.
        await pilot.press("r", "right")
        assert any("yours  Z1[" in strip.text and strip.text.rstrip().endswith("✓ right") for strip in pane.lines)
