"""The screen that shows the code of the op in view."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backprop_tui.core.chain_rule import source
from backprop_tui.core.chain_rule.source import excerpts
from backprop_tui.core.session.session import Session
from backprop_tui.tui.pages import source as page
from backprop_tui.tui.pages.source import SourceScreen, broken
from backprop_tui.tui.training_screen import TrainingScreen

from ...share import share
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


@pytest.mark.parametrize("size", [(80, 24), (40, 12), *share([], [(120, 36), (200, 50)])])
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


# The same step in PyTorch


async def test_tab_shows_the_step_in_pytorch_and_says_where_it_is_not_installed(
    session_of: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "has_torch", lambda: False)
    session = session_of("first-steps")
    async with opened(SourceScreen, session, (80, 60)) as (pilot, screen):
        assert ("tab", "PyTorch") in screen.hints()
        await pilot.press("tab")
        text = text_of(screen)
        assert "Step 1 in PyTorch" in text
        assert "PyTorch is not installed beside this program" in text
        assert "A1 = torch.sigmoid(Z1)" in text
        assert [key for key, _ in screen.hints()] == ["tab", "← →"]
        await pilot.press("enter")
        assert text_of(screen) == text
        # The next step starts from other weights.
        screen.view.unit = "step"
        await pilot.press("right", "right")
        assert "Step 2 in PyTorch" in text_of(screen)
        assert "0.150943" in text_of(screen)
        await pilot.press("tab")
        assert "step finished" in text_of(screen)


async def test_a_step_whose_start_is_far_is_gone_to_in_slices(
    session_of: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "SLICE", 0.0)
    session = session_of("xor")
    session.seek(session.timeline.finish_of(90))
    async with opened(SourceScreen, session, (100, 36)) as (pilot, screen):
        screen.torch = True
        screen.write_program()
        screen.update()
        assert "On the way to the start of the step" in text_of(screen)
        while screen.program is None:
            await pilot.pause()
        assert "Step 90 in PyTorch" in text_of(screen)
        assert "# Step 90: an example is a row of X and Y." in text_of(screen)
        assert "On the way" not in text_of(screen)


async def test_enter_runs_it_and_puts_its_numbers_beside_ours(session_of: Sessions) -> None:
    pytest.importorskip("torch")
    session = session_of("mazur")
    session.seek(6)
    async with opened(SourceScreen, session, (100, 40)) as (pilot, screen):
        await pilot.press("tab", "enter")
        assert "PyTorch is at work" in text_of(screen)
        while screen.answer is None:
            await pilot.pause(0.1)
            assert screen.said in ("PyTorch is at work …", "")
        text = text_of(screen)
        assert "agree: what differs is rounding" in text
        row = next(line for line in text.split("\n") if line.startswith("▸"))
        assert row.split()[1:4] == ["dW⁽²⁾₁,₁", "0.0821670406", "0.0821670406"]
        await pilot.press("right")
        assert screen.answer is None


async def test_a_program_that_fails_is_one_line(
    session_of: Sessions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_text("print('x')\nraise RuntimeError('no such device')\n")
    assert await page.run_script(tmp_path / "bad.py") == "RuntimeError: no such device"
    (tmp_path / "good.py").write_text("open('answer', 'w').close()\n")
    assert await page.run_script(tmp_path / "good.py") == ""
    assert (tmp_path / "answer").exists()
    # What takes too long is ended.
    monkeypatch.setattr(page, "PATIENCE", 0.2)
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(60)\n")
    assert "longer than 0.2 seconds" in await page.run_script(tmp_path / "slow.py")
