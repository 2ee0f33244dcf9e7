"""The screen that shows the code of the op in view."""

from collections.abc import Callable

import pytest

from backprop_tui.core.chain_rule import source
from backprop_tui.core.chain_rule.source import excerpts
from backprop_tui.core.session.session import Session
from backprop_tui.tui.pages.source import SourceScreen, broken
from backprop_tui.tui.training_screen import TrainingScreen

from ..tool_pilot import opened, text_of, window

Sessions = Callable[..., Session]


def bare(text: str) -> str:
    """Without white space, so that where a line is broken makes no difference."""
    return "".join(text.split())


async def test_it_follows_the_op_in_view(session_of: Sessions) -> None:
    session = session_of("first-steps")
    async with opened(SourceScreen, session) as (pilot, screen):
        assert "step started" in text_of(screen)
        assert "yield plan.started" in text_of(screen)
        for op in session.plan.ops:
            await pilot.press("right")
            assert session.op is op
            text = text_of(screen)
            assert bare(op.rule) in bare(text)
            for excerpt in excerpts(op, session.plan):
                assert f"{excerpt.place}  {excerpt.function}" in text
                for line in excerpt.lines:
                    assert bare(line.text) in bare(text)
        await pilot.press("left")
        assert session.op is session.plan.ops[-2]
        assert excerpts(session.plan.ops[-2], session.plan)[0].place in text_of(screen)


async def test_calls_are_marked_by_a_glyph_and_said_in_words(session_of: Sessions) -> None:
    session = session_of("first-steps")
    async with opened(SourceScreen, session, (120, 36)) as (pilot, screen):
        for _ in range(7):
            await pilot.press("right")
        text = text_of(screen)
        assert "np.multiply(dA⁽²⁾, σ′(Z⁽²⁾)) → dZ⁽²⁾" in text
        marked = [line for line in text.split("\n") if "▸" in line]
        assert any("partial(np.multiply, upstream.array, local.array, gradient.array)" in line for line in marked)
        assert not any("reads=" in line for line in marked)


async def test_an_update_of_a_later_layer_says_who_does_its_work(session_of: Sessions) -> None:
    session = session_of("first-steps")
    session.seek(len(session.plan.ops) + 1)
    async with opened(SourceScreen, session) as (_, screen):
        text = " ".join(text_of(screen).split())
        assert "in the calls of the first update" in text
        assert "GradientDescent.write" in text


async def test_a_finished_step_shows_the_trainers_lines(session_of: Sessions) -> None:
    session = session_of("xor", changes={"view": {"unit": "step"}})
    async with opened(SourceScreen, session) as (pilot, screen):
        await pilot.press("right")
        text = text_of(screen)
        assert "step finished" in text
        assert "np.add(θ, Δθ) → θ" in text
        assert "yield plan.finished" in text


async def test_a_program_without_its_source_says_so(session_of: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> None:
        raise OSError("could not get source code")

    monkeypatch.setattr(source, "module_of", gone)
    async with opened(SourceScreen, session_of("first-steps")) as (pilot, screen):
        await pilot.press("right")
        assert "the source is not there to be read" in text_of(screen)
        assert "[W⁽¹⁾ | b⁽¹⁾].dot([X; 1]) → Z⁽¹⁾" in text_of(screen)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50), (40, 12)])
async def test_nothing_is_wider_than_the_page_and_the_end_can_be_reached(
    session_of: Sessions, size: tuple[int, int]
) -> None:
    changes = {"optimizer": {"kind": "adam", "learning_rate": 0.1}, "view.unit": "op"}
    session = session_of("xor", changes=changes)
    async with opened(SourceScreen, session, size, ascii=True) as (pilot, screen):
        for _ in range(len(session.plan.ops)):
            await pilot.press("right")
            assert text_of(screen).isascii()
        last = text_of(screen).split("\n")[-1]
        for _ in range(30):
            await pilot.press("pagedown")
        assert last in window(screen)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TrainingScreen)
        assert session.count == len(session.plan.ops) + 1


def test_lines_are_broken_at_a_space_where_there_is_one() -> None:
    assert broken("one two three", 9) == ("one two", "three")
    assert broken("onetwothree", 4) == ("onet", "wothree")
    assert broken("short", 9) == ("short", "")
    assert broken("a bcdefghijk", 9) == ("a bcdefgh", "ijk")
