"""The page that a step ends on: numbers worked out by hand, what stands where, and where its choices lead."""

from typing import Any

import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.chain_rule.pane import heading_text, page_here
from backprop_tui.tui.chain_rule.step_lines import MOST_ANSWERS, MOST_MOVES
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.panes.view import View


def lines_of(session: Session, view: View, width: int = 100) -> list[str]:
    page = page_here(session, view, width)
    assert all(strip.cell_length <= width for strip in page.rows)
    return [" ".join(strip.text.split()) for strip in page.rows]


def text_of(session: Session, view: View, width: int = 100) -> str:
    return " ".join(lines_of(session, view, width))


def finished(session: Session, step: int) -> Session:
    session.seek(session.timeline.finish_of(step))
    return session


def test_the_2_2_1_network_before_and_after_its_update(session_of: Any) -> None:
    session, view = finished(session_of("first-steps"), 1), View(Spotlight(1, 0, 0))
    assert heading_text(session, view) == "step 1 finished"
    lines = lines_of(session, view)
    assert lines[1] == "ℒ 0.027058129 → 0.025454960 −5.9 %, saved 0.001603169"
    assert lines[2] == "ŷ = A⁽²⁾₁,₁ 0.767370988 → 0.774367732 target 1"
    assert lines[3] == "▸ W⁽¹⁾₁,₁ 0.15 → 0.150943049 Δ +0.000943049"
    text = " ".join(lines)
    assert "sgd was given the gradient as it is, ‖∇ℒ‖ = 0.0573430" in text
    assert "To first order, Σ ∂ℒ/∂θ · Δθ, the loss was to change by −0.00164411." in text
    assert "All that moved, of 9 parameters: b⁽²⁾₁ 0.6 → 0.620763623 Δ +0.020763623" in text


def test_the_linear_neuron_saves_what_the_slides_say(session_of: Any) -> None:
    text = text_of(finished(session_of("linear-neuron"), 1), View(Spotlight(1, 0, 0)))
    assert "ℒ 3.61 → 2.8710591364 −20 %, saved 0.7389408636" in text
    assert "ŷ = A⁽¹⁾₁,₁ 2.1 → 2.30558 target 4" in text
    assert "W⁽¹⁾₁,₁ 1 → 1.0798 Δ +0.0798" in text


def test_a_step_that_is_too_long_is_said_to_have_raised_the_loss(session_of: Any) -> None:
    """w 1 → 2.596, b 0 → 0.76: ŷ = 6.2116, and (6.2116 − 4)² = 4.89117456."""
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 0.2})
    text = text_of(finished(session, 1), View(Spotlight(1, 0, 0)))
    assert "ℒ 3.61 → 4.89117456 +35 %, risen by 1.28117456" in text


def test_classes_stand_beside_their_outputs(session_of: Any) -> None:
    session, view = finished(session_of("three-or-eight"), 1), View(Spotlight(2, 1, 41))
    lines = lines_of(session, view)
    assert "ℒ 3.710923584 → 5.96102899e-09 −99.9999998 %, saved 3.710923578" in lines
    assert "The network's answers for example 1 of 1, ŷ = A⁽²⁾:" in lines
    assert sum("target" in text for text in lines) == 10
    assert 'A⁽²⁾₉,₁ "8" 0.024454927 → 0.999999994 target 1' in lines
    assert "▸ W⁽²⁾₂,₄₂ 0.468872130 → 0.464379586 Δ −0.004492544" in lines
    assert "Moved furthest, of 101,770 parameters:" in lines


def test_the_example_of_the_spotlight_is_shown(session_of: Any) -> None:
    session = finished(session_of("xor"), 2)
    again = session.batch_again()
    assert again is not None
    for example in range(session.plan.examples):
        text = text_of(session, View(Spotlight(1, 0, 0, example)))
        assert f"example {example + 1} of {session.plan.examples}" in text
        answer = float(again.plan["A", 2].array[0, example])
        assert f"→ {answer:.9f}" in text


@pytest.mark.parametrize("count", [3, MOST_ANSWERS, MOST_ANSWERS + 1, 40])
def test_of_many_outputs_the_targeted_and_the_most_changed_are_listed(session_of: Any, count: int) -> None:
    table = {
        "title": "many",
        "data": {"kind": "inline", "inputs": [[1.0, -0.5]], "targets": [[float(k == 2) for k in range(count)]]},
        "layers": [{"units": count, "activation": "softmax"}],
        "optimizer": {"learning_rate": 0.3},
    }
    session = finished(session_of(table), 1)
    again = session.batch_again()
    assert again is not None
    lines = lines_of(session, View(Spotlight(1, 0, 0)))
    listed = [int("".join(filter(str.isdigit, t.split()[0].translate(DIGITS)))[1:-1]) for t in lines if "target" in t]
    assert len(listed) == min(count, MOST_ANSWERS)
    assert 3 in listed
    changes = abs(again.plan["A", 1].array - session.plan["A", 1].array)[:, 0]
    left_out = [changes[unit] for unit in range(count) if unit + 1 not in listed]
    assert max(left_out, default=0) <= min(changes[unit - 1] for unit in listed)
    assert (f"{count - MOST_ANSWERS} more outputs have changed less" in lines) == (count > MOST_ANSWERS)


DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")


@pytest.mark.parametrize(
    ("optimizer", "said"),
    [
        ({"kind": "adam"}, "adam was given the gradient as it is"),
        ({"clip_norm": 0.001}, "clipped by norm: norm 0.001."),
        ({"l2": 0.1, "clip_value": 0.5}, "with the penalty on weights, clipped by value: norm"),
        ({"train_biases": False}, "given the gradient as it is, ‖∇ℒ‖ = 0.0390914; the biases are not trained."),
        ({"kind": "momentum", "weight_decay": 0.1}, "with weight decay: norm"),
        ({"kind": "adamw", "weight_decay": 0.1}, "adamw was given the gradient as it is"),
    ],
)
def test_what_the_optimizer_was_given_is_said(session_of: Any, optimizer: dict[str, object], said: str) -> None:
    changes = {f"optimizer.{key}": value for key, value in optimizer.items()}
    assert said in text_of(finished(session_of("first-steps", changes=changes), 1), View(Spotlight(1, 0, 0)))


def test_each_move_leads_to_the_update_that_made_it(session_of: Any) -> None:
    session = finished(session_of("mazur"), 1)
    page = page_here(session, View(Spotlight(2, 0, 0)), 100)
    moves = [choice for choice in page.choices if choice.reference and choice.reference.symbols().startswith("Δ")]
    # Those of the spotlight and of the eight weights; this page's biases do not move.
    assert len(moves) == 9
    for choice in moves:
        assert choice.op is not None
        assert choice.op.phase == "update"
        assert choice.reference is not None
        assert choice.reference.quantity in choice.op.writes


def test_only_so_many_are_listed(session_of: Any) -> None:
    session = finished(session_of("vanishing"), 1)
    page = page_here(session, View(Spotlight(1, 0, 0)), 100)
    moves = [choice for choice in page.choices if choice.reference and choice.reference.symbols().startswith("Δ")]
    assert len(moves) == 1 + MOST_MOVES


@pytest.mark.parametrize("width", [22, 40, 76, 130])
@pytest.mark.parametrize("preset", ["first-steps", "mazur", "three-or-eight", "vanishing", "by-hand"])
def test_no_line_is_wider_than_the_pane_and_all_are_ascii_where_asked(session_of: Any, preset: str, width: int) -> None:
    session = finished(session_of(preset), 1)
    assert lines_of(session, View(Spotlight(1, 0, 0)), width)
    assert all(text.isascii() for text in lines_of(session, View(Spotlight(1, 0, 0), look=Look(glyphs=ASCII)), width))


def test_at_full_speed_nothing_is_worked_out(session_of: Any) -> None:
    session = finished(session_of("first-steps"), 1)
    text = text_of(session, View(Spotlight(1, 0, 0), playing=True))
    assert "ℒ of the batch before this update: 0.027058129." in text
    assert session.looked_again.value is None
    assert "→ 0.025454960" not in text


def test_answers_of_normalized_targets_are_told_in_the_datas_own_units(session_of: Any, tmp_path: Any) -> None:
    """Targets 10 and 30 have the mean 20 and the deviation 10: a network that answers 0 says 20."""
    table = {
        "title": "normalized",
        "data": {
            "kind": "inline", "inputs": [[1.0], [2.0]], "targets": [[10.0], [30.0]], "normalize_targets": True,
        },
        "layers": [{"units": 1, "activation": "identity", "weights": [[0.0]], "biases": [0.0]}],
        "optimizer": {"learning_rate": 0.1},
    }  # fmt: skip
    text = text_of(finished(session_of(table), 1), View(Spotlight(1, 0, 0, 1)), 200)
    # dW = 2 · mean((0 − ŷ) x) = 2 · (1 · 1 − 1 · 2)/2 = −1, db = 0: w becomes 0.1, and the second answer 0.2.
    assert "A⁽¹⁾₁,₂ 0 → 0.2 target 1; in the data's own units 20 → 22, target 30" in text
