"""Of which moment losses, answers and gradients are is said wherever they stand, and they are of that moment."""

from collections.abc import Callable

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.panes.data import data_lines
from backprop_tui.tui.panes.example_in_numbers import heading
from backprop_tui.tui.panes.gradients import gradient_lines
from backprop_tui.tui.panes.loss_curve import dated, loss_picture
from backprop_tui.tui.panes.loss_figures import example_line, figure_lines
from backprop_tui.tui.panes.moment import answering_plan, answers_moment, moment, parameters_moment
from backprop_tui.tui.panes.network_diagram import laid_diagram
from backprop_tui.tui.panes.status import status_line
from backprop_tui.tui.panes.view import View


def text(lines: list[object]) -> str:
    return "\n".join(strip.text for strip in lines)  # type: ignore[attr-defined]


def view_of(example: int = 0, **options: object) -> View:
    return View(Spotlight(1, 0, 0, example), **options)  # type: ignore[arg-type]


def test_a_run_is_before_in_or_after_a_step(session_of: Callable[..., Session]) -> None:
    session = session_of("first-steps")
    said = [(moment(session), parameters_moment(session))]
    for _ in range(session.timeline.length + 1):
        session.forward("op")
        said.append((moment(session), parameters_moment(session)))
    ops = len(session.plan.ops)
    assert said[0] == ("before step 1", "before step 1")
    assert said[1 : ops + 1] == [("in step 1", "before step 1")] * ops
    assert said[ops + 1 :] == [("after step 1", "after step 1"), *[("in step 2", "after step 1")] * 2]
    session.seek(session.timeline.finish_of(1234))
    assert moment(session) == "after step 1,234"
    assert "epoch 1,234  after step 1,234" in status_line(session, view_of(), "", 120).text


@pytest.mark.parametrize("width", [25, 36, 60])
def test_the_figures_are_those_of_the_moment_beside_them(session_of: Callable[..., Session], width: int) -> None:
    session = session_of("mazur")
    session.seek(session.timeline.finish_of(10_000))
    said = text(figure_lines(session, view_of(), width, 20))
    assert "0.0000351019" in said
    assert "after step 10,000" in said
    assert ("\n" in said) == (width == 25)
    session.forward("op")
    assert "after step 10,000" in text(figure_lines(session, view_of(), width, 20))


@pytest.mark.parametrize(("width", "height"), [(25, 6), (36, 14), (60, 20)])
def test_the_test_loss_stands_beside_that_of_the_same_moment(
    session_of: Callable[..., Session], width: int, height: int
) -> None:
    session = session_of("vanishing")
    session.seek(session.timeline.finish_of(1))
    lines = [strip.text for strip in figure_lines(session, view_of(), width, height)]
    assert all(len(one) <= width for one in lines)
    assert (sum("after step 1" in one for one in lines) == 1) == (height > 6)
    found = session.evaluate()
    assert found.test is not None
    for loss in (found.training.loss, found.test.loss):
        assert any(f" {loss:.{digits}f} " in "\n".join(lines) for digits in (4, 5, 9))


def test_at_full_speed_the_loss_is_that_of_a_batch_before_its_update(session_of: Callable[..., Session]) -> None:
    session = session_of("vanishing")
    session.seek(session.timeline.finish_of(40))
    lines = [strip.text for strip in figure_lines(session, view_of(playing=True), 80, 14)]
    assert len(lines) == 1
    batch, test = lines[0].split("   ")[:2]
    assert batch == f"batch {session.plan.loss():.9f}  before update 40"
    assert test.startswith("test")


def test_the_curve_says_before_and_after_where_the_legend_has_room(session_of: Callable[..., Session]) -> None:
    session = session_of("vanishing")
    session.seek(session.timeline.finish_of(2))
    found = list(loss_picture(session, view_of()).series)
    assert [one.name for one in dated(found, False, 60)] == ["batch before update", "test after it"]
    assert dated(found, False, 36) == found


def test_the_share_of_an_example_follows_the_update(session_of: Callable[..., Session]) -> None:
    session, view = session_of("xor"), view_of(2)
    session.seek(session.timeline.finish_of(1))
    again = session.batch_again()
    assert again is not None
    said = example_line(session, view, 60)
    assert said is not None
    assert f" {again.plan['ℓ', None].array[2]:.5f}  example 3, after update 1" in said.text


def test_the_gradients_of_a_finished_step_are_said_to_be_of_before_its_update(
    session_of: Callable[..., Session],
) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(3) - 1)
    assert "before its update" not in text(gradient_lines(session, view_of(), 40, 14, 0))
    session.forward("op")
    assert "Of step 3, before its update." in text(gradient_lines(session, view_of(), 40, 14, 0))


def test_answers_follow_the_parameters(session_of: Callable[..., Session]) -> None:
    """In the diagram and in the data: right before the update 0.7674, right after it 0.7744."""
    session, view = session_of("first-steps"), view_of()
    for count, expected, said in ((-1, 0.767370988, "before"), (0, 0.774367732, "after")):
        session.seek(session.timeline.finish_of(1) + count)
        plan = answering_plan(session, view)
        assert plan["A", 2].array[0, 0] == pytest.approx(expected, abs=1e-9)
        assert answers_moment(session, view) == f"{said} update 1"
        drawn = laid_diagram(session, view, 60, 16)
        assert drawn is not None
        assert drawn.layers[-1].values is not None
        assert drawn.layers[-1].values[0] == pytest.approx(expected, abs=1e-9)
    assert answering_plan(session, view_of(playing=True)) is session.plan


def test_the_digit_gets_what_the_lesson_says(session_of: Callable[..., Session]) -> None:
    session, view = session_of("three-or-eight"), view_of()
    session.seek(session.timeline.finish_of(1) - 1)
    before = text(data_lines(session, view, 36, 14))
    assert "before update 1" in before
    assert "8 ▏    0.0245" in before
    session.forward("op")
    after = text(data_lines(session, view, 36, 14))
    assert "after update 1" in after
    assert "8 ████   1.00" in after


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)])
def test_the_heading_of_an_example_gets_briefer_and_keeps_its_moment(
    session_of: Callable[..., Session], look: Look
) -> None:
    session, view = session_of("vanishing"), view_of(2, look=look)
    session.forward("op")
    mark = look.glyphs.cursor
    asked = (70, 45, 38, 30)
    assert [heading(session, view, ", truth 1", ", after update 7", width) for width in asked] == [
        f"{mark} example 3 of the batch's {session.plan.examples}, truth 1, after update 7",
        f"{mark} example 3 of {session.plan.examples}, truth 1, after update 7",
        f"{mark} example 3, truth 1, after update 7",
        f"{mark} 3, truth 1, after update 7",
    ]
    assert np.all(
        [len(heading(session, view, ", truth 1", ", after update 7", width)) <= width for width in range(1, 60)]
    )
