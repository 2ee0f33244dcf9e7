"""The page of the nested function: what is put in, what stands out, and where its lines lead."""

from typing import Any

import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.chain_rule.nested_lines import nested_page
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.panes.view import View

VIEW = View(Spotlight(1, 0, 0))


def lines(session: Session, view: View = VIEW, width: int = 76) -> list[str]:
    page = nested_page(session, view, width)
    assert all(strip.cell_length <= width for strip in page.rows)
    return [strip.text.rstrip() for strip in page.rows]


def test_numbers_are_put_in_as_far_as_they_are_computed(session_of: Any) -> None:
    session = session_of("first-steps")
    inner = []
    for count in (0, 2, 3, 5):
        session.seek(count)
        rows = lines(session)
        assert rows[0] == "ŷ = σ(W⁽²⁾ σ(W⁽¹⁾ X + b⁽¹⁾) + b⁽²⁾)"
        inner.append(rows[1].partition("ŷ = ")[2])
    assert inner == [
        "σ(W⁽²⁾ σ(W⁽¹⁾ (0.5, 0.8) + b⁽¹⁾) + b⁽²⁾)",
        "σ(W⁽²⁾ σ(0.625, 0.69) + b⁽²⁾)",
        "σ(W⁽²⁾ (0.6514, 0.6660) + b⁽²⁾)",
        "0.7674",
    ]


def test_values_and_gradients_stand_beside_each_function(session_of: Any) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.length - 1)
    text = "\n".join(" ".join(row.split()) for row in lines(session))
    assert "A⁽¹⁾ = σ(Z⁽¹⁾) (0.6514, 0.6660) dA⁽¹⁾ (−0.01661, −0.02076)" in text
    assert "A⁽²⁾ = σ(Z⁽²⁾) 0.7674 dA⁽²⁾ −0.2326" in text
    assert "ℒ 0.0270581" in text
    assert "dA" not in "\n".join(lines(session, width=40))


@pytest.mark.parametrize("count", [2, 3, 4, 5, 8, 9, 11, 14])
def test_the_op_in_view_stands_out_in_the_expression_and_in_the_list(session_of: Any, count: int) -> None:
    session = session_of("first-steps")
    session.seek(count)
    marked = {
        segment.text.strip()
        for strip in nested_page(session, VIEW, 76).rows
        for segment in strip
        if segment.style is not None and segment.style.reverse
    }
    layer = session.op.layer
    assert any(f"W⁽{'¹²'[layer - 1]}⁾" in text or text == "σ(" for text in marked)
    assert any(" = " in text for text in marked)


def test_every_line_leads_to_its_op(session_of: Any) -> None:
    session = session_of("by-hand")
    page = nested_page(session, VIEW, 76)
    assert [choice.op for choice in page.choices] == [op for op in session.plan.ops if op.phase in ("forward", "loss")]


def test_deep_wide_and_ascii(session_of: Any) -> None:
    session = session_of("vanishing")
    session.seek(8)
    rows = lines(session, View(Spotlight(1, 0, 0), look=Look(glyphs=ASCII)), 40)
    assert all(row.isascii() for row in rows)
    assert any("12 more" in row for row in lines(session))
    assert "Press space" in lines(session, View(Spotlight(1, 0, 0), playing=True))[0]
