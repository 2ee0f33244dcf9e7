"""The lesson pane and the help: what they show at every size, and what their links and keys do."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from backprop_tui.core.lessons.action import Action, action_of
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.prose import Chosen, Prose, drawn_block, prose
from backprop_tui.tui.key_hints import key_hints
from backprop_tui.tui.lesson.help_screen import HelpScreen, Rows
from backprop_tui.tui.lesson.pane import LessonPane
from backprop_tui.tui.lesson_acts import act
from backprop_tui.tui.running.arrangement import LESSON, PANES, arrangement
from backprop_tui.tui.training_screen import TrainingScreen

from ...share import share
from ..run_pilot import until

AppPilot = Pilot[None]
SIZES = [(80, 24), (100, 30), (120, 36), (200, 50), (60, 15)]
TEXT = """
# A heading

Plain *emphasis*, `x1*x2` and x1*x2, **strong**: [go to step 1](step:1), [look at W1[1,1]](spotlight:W1[1,1]) or
[play](key:space); [the page](https://a.b/c).

- an item that is broken
- [dZ2](op:1/dZ2)

```
dZ = dA ⊙ f′(Z)
```
"""


def rows(page: Prose) -> list[str]:
    return [strip.text.rstrip() for strip in page.rows]


def test_prose_as_strips() -> None:
    page = prose(TEXT, 44, Look(), Chosen(1, frozenset({0, 2})))
    assert rows(page) == [
        "  A heading",
        "",
        "  Plain emphasis, x1*x2 and x1*x2, strong:",
        "▸ [✓ go to step 1], [→ look at W1[1,1]] or",
        "  [space ✓ play]; the page (https://a.b/c).",
        "",
        "  · an item that is broken",
        "  · [→ dZ2]",
        "",
        "  dZ = dA ⊙ f′(Z)",
    ]
    assert page.stops == [3, 3, 4, 7]


def test_of_a_text_that_changes_only_the_block_that_changes_is_drawn_anew() -> None:
    text = "# Of one step\n\nℒ is … now, [go](step:2).\n\n- [dZ2](op:1/dZ2)\n- on\n\nThe [end](step:9)."
    before = prose(text, 41, Look(), Chosen(2))
    drawn_anew = drawn_block.cache_info().misses
    after = prose(text.replace("…", "0.25"), 41, Look(), Chosen(2))
    assert drawn_block.cache_info().misses == drawn_anew + 1
    assert rows(after)[2] == "  ℒ is 0.25 now, [→ go]."
    assert rows(after)[:2] + rows(after)[3:] == rows(before)[:2] + rows(before)[3:]
    assert rows(after)[-1] == "▸ The [→ end]."
    assert after.stops == before.stops == [2, 4, 7]


def test_prose_in_ascii_and_what_has_no_room() -> None:
    shown = rows(prose("`dZ⁽²⁾` [go](step:1) incomprehensibilities", 12, Look(glyphs=ASCII), Chosen(0)))
    assert shown == ["@ dZ2 [> go]", "  incompreh~"]


def test_a_strong_link_is_a_link() -> None:
    assert rows(prose("2. **[go](step:1)** on, **well**", 40, Look(), Chosen(0))) == ["▸ 2. [→ go] on, well"]


@pytest.mark.parametrize("width", [1, 2, 5, 20, 79])
def test_prose_is_never_wider_than_its_room(width: int) -> None:
    assert all(strip.cell_length <= width for strip in prose(TEXT, width, Look(), Chosen(0)).rows)


def test_where_the_lesson_stands() -> None:
    for width, height in SIZES:
        for current in (*PANES, LESSON):
            found = arrangement(width, height, current, maximised=False, side=LESSON)
            assert current in found.panes
            assert (LESSON in found.panes) == (width >= 72 or current == LESSON)
            assert arrangement(width, height, current, maximised=True, side=LESSON).panes == (current,)
            # Where one has no room, another says so.
            everything = set(found.panes) == {*PANES, LESSON}
            assert found.shared in (("",) if everything else found.panes)
    assert arrangement(80, 24, LESSON, False, LESSON).panes == ("chain-rule", LESSON)
    assert arrangement(80, 24, "loss", False, LESSON).panes == ("loss", LESSON)
    assert set(arrangement(160, 40, "loss", False, LESSON).panes) == {*PANES, LESSON}


@pytest.mark.parametrize("current", [LESSON, "chain-rule"])
@pytest.mark.parametrize("about", PANES)
def test_the_pane_that_the_lesson_is_about_stands_beside_it(about: str, current: str) -> None:
    for width, height in SIZES:
        found = arrangement(width, height, current, maximised=False, side=LESSON, about=about)
        if (width, height) == (60, 15):
            assert found.panes == (current,)
        else:
            both = {about, LESSON} if current == LESSON or width >= 100 else {current, LESSON}
            assert both <= set(found.panes)
        assert arrangement(width, height, "data", False, LESSON, about).panes.count("data") == 1


@asynccontextmanager
async def lesson(
    session: Session, size: tuple[int, int] = (80, 24), *, ascii: bool = False
) -> AsyncIterator[tuple[AppPilot, TrainingScreen, LessonPane]]:
    """The app on a session, with the lesson open."""
    app = BackpropApp(AppRequest(ascii=ascii), session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        if LESSON not in screen.panes:
            await pilot.press("i")
        await pilot.pause()
        pane = screen.query_one(LessonPane)
        await until(lambda: pane.lesson.finished)
        await pilot.pause()
        yield pilot, screen, pane


def shown(pane: LessonPane) -> str:
    return "\n".join(strip.text.rstrip() for strip in pane.lines)


@pytest.mark.parametrize("ascii", [False, True])
async def test_the_tour_opens_with_its_lesson_and_the_numbers_of_the_run(
    session_of: Callable[..., Session], ascii: bool
) -> None:
    async with lesson(session_of("tour"), SIZES[0], ascii=ascii) as (pilot, screen, pane):
        for size in SIZES[:1] if ascii else SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert screen.current == LESSON
            assert pane.display
            while pane.window.above:
                pane.move(-1)
            assert "1 of 8: What is" in shown(pane)
            seen = shown(pane)
            while pane.window.below:
                pane.move(1)
                seen += "\n" + shown(pane)
            text = " ".join(seen.split())
            assert "3.61" in text
            assert "8 of 8: The full picture" in text
            assert "{" not in text
            assert text.isascii() == ascii


async def test_links_act_and_are_ticked_one_after_the_other(session_of: Callable[..., Session]) -> None:
    text = "[a](op:1/dW2) [b](spotlight:b2[1]) [c](step:2) [d](step:0)"
    async with lesson(session_of("first-steps", changes={"lesson": text})) as (pilot, screen, pane):
        assert pane.border_title == "Lesson, 0 of 4 done"
        await pilot.press("enter")
        assert screen.session.op is screen.session.plan.writer(screen.session.plan["dW", 2])
        assert (pane.chosen, pane.done) == (1, {0})
        await pilot.press("enter")
        assert str(screen.view.spotlight.name) == "b2[1]"
        await pilot.press("enter")
        assert screen.session.step == 2
        await pilot.press("up", "up", "enter")
        assert (pane.chosen, pane.done) == (2, {0, 1, 2})
        await pilot.press("down", "enter")
        assert screen.session.count == 0
        assert pane.border_title == "Lesson, 4 of 4 done"
        assert "[✓ a] [✓ b] [✓ c] [✓ d]" in shown(pane)


async def test_a_link_opens_its_pane_large_in_the_view_that_it_names_and_the_lesson_comes_back(
    session_of: Callable[..., Session],
) -> None:
    text = "[a](step:1)\n\n[b](pane:Data/about) [c](pane:Weights/table)\n\n[d](op:1/loss)\n\n[e](pane:Loss/map)"
    async with lesson(session_of("first-steps", changes={"lesson": text})) as (pilot, screen, pane):
        visible = [name for name in screen.panes if screen.pane(name).display]
        assert visible == ["chain-rule", LESSON]
        await pilot.press("down")
        await pilot.pause()
        assert (screen.pane("data").display, screen.view.data, pane.display) == (True, "about", True)
        for back in ("escape", "z", "i"):
            await pilot.press("enter")
            await pilot.pause()
            assert (screen.current, screen.maximised, pane.display) == ("data", True, False)
            assert key_hints(screen)[0] == ("escape", "to the lesson")
            await pilot.press(back)
            await pilot.pause()
            assert (screen.current, screen.maximised, pane.display) == (LESSON, False, True)
            assert (pane.chosen, screen.view.weights) == (2, "picture"), "the next link is shown when it is chosen"
            await pilot.press("up")
        screen.view.chain = "decay"
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert screen.pane("chain-rule").display
        assert (screen.view.chain, screen.view.weights) == ("op", "table")
        await pilot.press("enter", "z", "escape")
        assert (screen.view.loss, screen.current) == ("map", "chain-rule"), "escape has closed the lesson"


async def test_what_a_link_does_is_seen_where_the_lesson_had_all_the_room(session_of: Callable[..., Session]) -> None:
    text = "[a](op:1/loss). [b](key:space). [c](pane:Data)"
    async with lesson(session_of("first-steps", changes={"lesson": text}), (60, 15)) as (pilot, screen, pane):
        await pilot.press("enter")
        await pilot.pause()
        assert (screen.current, pane.display) == ("chain-rule", False)
        await pilot.press("escape")
        assert (screen.current, pane.chosen) == (LESSON, 1)
        await pilot.resize_terminal(80, 24)
        await pilot.press("z", "up", "enter")
        await pilot.pause()
        assert screen.pane("chain-rule").display
        assert pane.display


async def test_the_chosen_link_stands_in_the_middle(session_of: Callable[..., Session]) -> None:
    text = "\n\n".join(f"[link {number}](key:w), and some text behind it" for number in range(30))
    async with lesson(session_of("first-steps", changes={"lesson": text})) as (pilot, _, pane):
        for key in ["down"] * 12 + ["up"] * 3 + ["w"] * 3 + ["pagedown", "down", "pageup", "up"]:
            await pilot.press(key)
            await pilot.pause()
            row = pane.page.stops[pane.chosen] - pane.window.first
            if pane.window.above and pane.window.below and not key.startswith("page"):
                assert abs(row - pane.window.height // 2) <= 1
            assert pane.chosen in pane.seen()
        first = pane.window.first
        await pilot.press("pagedown")
        assert pane.window.first == first + pane.window.height - 3
        await pilot.press("pageup")
        assert pane.window.first == first


async def test_the_first_link_is_chosen_first_though_another_one_stands_on_its_line(
    session_of: Callable[..., Session],
) -> None:
    filler = "\n\n".join(f"line {number}" for number in range(15))
    text = f"{filler}\n\n[one](key:w), [two](key:v)\n\n{filler}"
    async with lesson(session_of("first-steps", changes={"lesson": text})) as (pilot, _, pane):
        assert (pane.chosen, pane.seen()) == (0, [])
        while not pane.seen():
            await pilot.press("down")
        await pilot.pause()
        assert pane.chosen == 0
        assert abs(pane.page.stops[0] - pane.window.first - pane.window.height // 2) <= 1
        await pilot.press("down")
        assert pane.chosen == 1


@pytest.mark.parametrize("pane", ["chain-rule", "gradients", "data"])
async def test_page_down_and_page_up_scroll_every_pane(session_of: Callable[..., Session], pane: str) -> None:
    session = session_of("vanishing", changes={"layers.0.repeat": 19} if pane == "gradients" else {})
    session.seek(session.timeline.finish_of(1) - 2)
    app = BackpropApp(AppRequest(), session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        screen.view.data = "about"
        screen.current = pane
        screen.lay_out()
        await pilot.pause()
        shown = [strip.text for strip in screen.pane(pane).lines]
        await pilot.press("pagedown")
        assert [strip.text for strip in screen.pane(pane).lines] != shown
        await pilot.press("pageup")
        assert [strip.text for strip in screen.pane(pane).lines] == shown


async def test_a_link_of_a_key_waits_for_it(session_of: Callable[..., Session]) -> None:
    text = "[a](key:→) [b](key:w) [c](key:4)"
    async with lesson(session_of("first-steps", changes={"lesson": text})) as (pilot, screen, pane):
        await pilot.press("w")
        assert pane.done == set()
        await pilot.press("right")
        assert (pane.done, screen.session.count) == ({0}, 2)
        await pilot.press("w")
        assert pane.done == {0, 1}
        await pilot.press("enter")
        assert pane.done == {0, 1, 2}
        assert screen.view.unit == "step"


async def test_links_go_over_to_variants_and_back_at_the_same_place(session_of: Callable[..., Session]) -> None:
    async with lesson(session_of("tour")) as (pilot, screen, _):
        own = screen.session
        await act(screen, Action("", "step", "3"))
        await act(screen, Action("", "variant", "two layers", "two layers"))
        await pilot.pause()
        assert screen.session is not own
        assert len(screen.session.trainer.layers) == 2
        assert screen.session.step == 3
        two = screen.session
        await act(screen, Action("", "spotlight", "W2[1,2]", "two layers"))
        await act(screen, Action("", "variant", "tour"))
        await pilot.pause()
        assert screen.session is own
        assert screen.view.spotlight.layer == 1
        await act(screen, Action("", "op", "1/dZ2", "two layers"))
        assert screen.session is two
        assert two.op is two.plan.writer(two.plan["dZ", 2])


async def test_a_link_that_leads_nowhere_says_so(session_of: Callable[..., Session]) -> None:
    async with lesson(session_of("first-steps", changes={"lesson": "[a](op:1/dZ9)"})) as (pilot, screen, _):
        await pilot.press("enter")
        await pilot.pause()
        assert 'no op is called or writes "dZ9"' in screen.notice


async def test_a_number_that_cannot_be_filled_in_is_named(session_of: Callable[..., Session]) -> None:
    async with lesson(session_of("first-steps", changes={"lesson": "it is {los@1}"})) as (_, _screen, pane):
        assert "there is no number called {los@1}" in " ".join(shown(pane).split())
        assert "it is …" in shown(pane)


async def test_without_a_lesson_it_says_how_to_get_one(session_of: Callable[..., Session]) -> None:
    async with lesson(session_of("first-steps", changes={"lesson": ""})) as (pilot, screen, pane):
        assert "This preset has no lesson." in shown(pane)
        await pilot.press("enter", "up", "down")
        await pilot.press("escape")
        await pilot.pause()
        assert LESSON not in screen.panes
        assert not pane.display
        assert screen.current == "chain-rule"


async def test_another_seed_has_other_numbers(session_of: Callable[..., Session]) -> None:
    async with lesson(session_of("xor", changes={"lesson": "it is {loss@1}"})) as (pilot, screen, pane):
        before = shown(pane)
        await pilot.press("R")
        await until(lambda: pane.lesson.finished)
        await pilot.pause()
        screen.session.seek(screen.session.timeline.finish_of(1))
        assert f"it is {screen.session.plan.loss():.6g}" in shown(pane)
        assert shown(pane) != before


async def test_numbers_are_not_filled_in_while_it_trains_at_full_speed(session_of: Callable[..., Session]) -> None:
    session = session_of("xor", changes={"lesson": "it is {loss@1} and {loss@100000}"})
    app = BackpropApp(AppRequest(), session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        screen.view.playing = True
        await pilot.press("i")
        pane = screen.query_one(LessonPane)
        await pilot.pause(0.3)
        assert pane.lesson.lesson.values == {}
        screen.view.playing = False
        await until(lambda: "{loss@1}" in pane.lesson.lesson.values)


def help_text(pilot: AppPilot) -> str:
    assert isinstance(pilot.app.screen, HelpScreen)
    parts = [pilot.app.screen.query_one(f"#help-{name}", Rows) for name in ("pages", "lines", "keys")]
    return "\n".join(strip.text for part in parts for strip in part.lines)


HELPED = [(size, ascii) for ascii in (False, True) for size in ((80, 24), (120, 36), (40, 12))]


@pytest.mark.parametrize(("size", "ascii"), share(HELPED[::2], HELPED))
async def test_help_tells_of_the_op_in_view_the_lesson_the_glossary_and_the_keys(
    session_of: Callable[..., Session], size: tuple[int, int], ascii: bool
) -> None:
    session = session_of("first-steps", changes={"lesson": "The loss is {loss@1}."})
    session.seek(session.timeline.finish_of(1) - 3)
    app = BackpropApp(AppRequest(ascii=ascii), session)
    async with app.run_test(size=size) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        text = help_text(pilot)
        assert "backward" in text
        assert "dW  gradient of the weights" in text
        assert text.index("gradient of the weights") < text.index("Chain rule")
        await pilot.press("tab")
        await until(lambda: "The loss is 0.0270581." in help_text(pilot))
        await pilot.press("tab", "l", "r")
        await pilot.pause()
        assert "learning rate" in help_text(pilot)
        assert "inputs" not in help_text(pilot)
        await pilot.press("tab")
        await pilot.pause()
        text = help_text(pilot)
        assert "shift+^" in text if ascii else "shift+↑" in text
        assert text.isascii() == ascii
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, TrainingScreen)


async def test_escape_clears_the_search_and_then_closes(session_of: Callable[..., Session]) -> None:
    app = BackpropApp(AppRequest(), session_of("first-steps"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark", "d", "Z", "backspace", "q")
        await pilot.pause()
        assert "[Glossary: dq_]" in help_text(pilot)
        assert "Nothing in the glossary matches" in help_text(pilot)
        await pilot.press("escape")
        assert "[Glossary]" in help_text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, TrainingScreen)


@pytest.mark.parametrize(("key", "heading"), [("g", "Gradient check"), ("b", "Breakpoints"), ("s", "Source")])
async def test_help_is_there_over_every_page(session_of: Callable[..., Session], key: str, heading: str) -> None:
    app = BackpropApp(AppRequest(), session_of("first-steps"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await pilot.pause()
        page = app.screen
        await pilot.press("question_mark")
        await pilot.pause()
        assert help_text(pilot).splitlines()[1].strip() == heading
        await pilot.press("question_mark")
        await pilot.pause()
        assert app.screen is page


async def test_help_is_there_in_the_gallery() -> None:
    app = BackpropApp(AppRequest())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        gallery = app.screen
        await pilot.press("question_mark")
        await pilot.pause()
        assert "[This screen]  Glossary" in help_text(pilot)
        assert "All presets" in help_text(pilot)
        await pilot.press("s", "o", "f", "t", "m", "a", "x")
        await pilot.pause()
        assert "Turns the logits" in help_text(pilot)
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert app.screen is gallery


async def test_a_term_of_a_lesson_opens_the_glossary_there(session_of: Callable[..., Session]) -> None:
    async with lesson(session_of("first-steps", changes={"lesson": "[a](glossary:chain rule)"})) as (pilot, screen, _):
        await pilot.press("enter")
        await pilot.pause()
        assert help_text(pilot).splitlines()[1].strip() == "chain rule"
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is screen


async def test_a_link_opens_another_preset(session_of: Callable[..., Session]) -> None:
    async with lesson(session_of("tour")) as (pilot, screen, _):
        action = action_of("on", "preset:first-steps")
        assert action is not None
        await act(screen, action)
        await pilot.pause()
        assert isinstance(pilot.app.screen, TrainingScreen)
        assert pilot.app.screen.session.preset.id == "first-steps"
