"""Lessons: in every preset all numbers can be filled in and all links lead somewhere; and the tour is what it says."""

import re
from collections.abc import Callable

import pytest

from backprop_tui import presets
from backprop_tui.core.lessons.action import Action, action_of, actions, check_action, count_of, spotlight_of
from backprop_tui.core.lessons.lesson import Lesson, filled, placeholders
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.help_pages import known_to_lessons

KNOWN = known_to_lessons()


@pytest.mark.parametrize("name", presets.names())
def test_every_number_of_a_lesson_is_filled_in_and_every_link_leads_somewhere(name: str) -> None:
    preset, dataset = load(name)
    lesson = Lesson(preset, dataset)
    while not lesson.advance(1.0):
        pass
    assert set(lesson.values) == {one.written for one in placeholders(preset.lesson)}
    assert "no finite number" not in lesson.values.values()
    assert not re.search(r"[{}]", lesson.text()), "a placeholder is written in a way that makes it none"
    sessions: dict[str, Session] = {}
    for action in actions(preset.lesson, preset.id):
        if action.variant not in sessions:
            sessions[action.variant] = lesson.session(action.variant)
        check_action(action, preset, sessions[action.variant], KNOWN)
    links = len(re.findall(r"\]\((?!https?:)", preset.lesson))
    assert len(actions(preset.lesson, preset.id)) == links, "a link is written in a way that makes it none"


def tour() -> str:
    return filled(*load("tour"))


def test_the_tour_has_eight_chapters_and_something_to_do_in_each() -> None:
    _, *chapters = re.split(r"^# ", tour(), flags=re.MULTILINE)
    titles = [chapter.partition("\n")[0] for chapter in chapters]
    assert titles == [
        "1 of 8: What is backpropagation?",
        "2 of 8: Forward",
        "3 of 8: Loss",
        "4 of 8: Gradient descent",
        "5 of 8: The chain rule",
        "6 of 8: Backward",
        "7 of 8: Activations",
        "8 of 8: The full picture",
    ]
    assert all(actions(chapter) and len(chapter) < 1200 for chapter in chapters)


def test_the_tour_has_the_numbers_of_the_slides() -> None:
    # ŷ = 1 · 2.1 + 0; (2.1 − 4)²; 2 (2.1 − 4) · 2.1; 1 + 0.01 · 7.98; then (4 − 1.0798 · 2.1 − 0.038)².
    for number in ("ŷ = 2.1", "= 3.61", "is −7.98", "becomes 1.0798", "becomes 0.038", "loss is 2.87106", "= −3.8"):
        assert number in tour()


def test_what_the_tour_says_of_bends_is_so() -> None:
    text = tour()
    assert "the loss is 0.222222, and 2/9" in text
    bent = re.search(r"between the layers it is ([0-9.e−]+) ", text)
    assert bent is not None
    assert float(bent[1].replace("−", "-")) < 0.1


def test_links_are_about_the_run_that_a_lesson_has_gone_over_to() -> None:
    text = "[a](step:1) [b](variant:ReLU + He) [look at W1[1,1]](spotlight:W1[1,1]) [c](variant:own) [d](key:shift+→) [e](https://x.y)"
    assert actions(text, "own") == [
        Action("a", "step", "1", ""),
        Action("b", "variant", "ReLU + He", "ReLU + He"),
        Action("look at W1[1,1]", "spotlight", "W1[1,1]", "ReLU + He"),
        Action("c", "variant", "own", ""),
        Action("d", "key", "shift+→", ""),
    ]


def test_brackets_of_numbers_are_no_links_and_a_link_may_go_over_a_line() -> None:
    assert actions("W1[1,1] is (0.15), {W2[1,1]@1}, then [go\nthere](step:3)") == [Action("go there", "step", "3")]


@pytest.mark.parametrize(
    ("target", "key", "printed"),
    [
        ("space", "space", "space"),
        ("→", "right", "→"),
        ("?", "question_mark", "?"),
        ("shift+right", "shift+right", "shift+→"),
        ("+", "plus", "+"),
    ],
)
def test_keys_are_told_as_they_are_printed(target: str, key: str, printed: str) -> None:
    action = action_of("do it", f"key:{target}")
    assert action is not None
    assert (action.key, action.printed_key) == (key, printed)
    assert Action("press space", "key", "space").printed_key == ""


def test_where_links_lead(session_of: Callable[..., Session]) -> None:
    session = session_of("first-steps")
    length = session.timeline.length
    assert count_of(Action("", "step", "3"), session) == 3 * length
    assert count_of(Action("", "step", "0"), session) == 0
    session.seek(count_of(Action("", "op", "2/dZ2"), session))
    assert session.op is session.plan.writer(session.plan["dZ", 2])
    assert session.position.step == 2
    session.seek(count_of(Action("", "op", "1/backward"), session))
    assert session.op is not None
    assert (session.op.phase, session.op.name) == ("backward", "dA")
    assert str(spotlight_of(Action("", "spotlight", "b1[2]"), session, 0).name) == "b1[2]"


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("step:one", "expected step:12, op:12/backward or op:12/dZ2"),
        ("op:3", "expected step:12"),
        ("op:0/dZ2", "steps count from 1"),
        ("op:1/dZ3", 'no op is called or writes "dZ3"; did you mean "dZ'),
        ("spotlight:W3[1,1]", "there is no layer 3"),
        ("variant:nothing", 'there is no variant called "nothing"'),
        ("key:F13", 'there is no key called "F13"'),
        ("pane:Date", 'there is no pane or view called "Date"; did you mean "Data"'),
        ("pane:Weights/nudge", 'there is no pane or view called "Weights/nudge"; did you mean "Weights/nudges"'),
        ("preset:first-step", 'there is no preset called "first-step"; did you mean "first-steps"'),
        ("glossary:soft max", 'the glossary has no "soft max"'),
    ],
)
def test_a_link_that_leads_nowhere_is_named(session_of: Callable[..., Session], written: str, complaint: str) -> None:
    session = session_of("first-steps")
    action = action_of("there", written)
    assert action is not None
    with pytest.raises(PresetError) as caught:
        check_action(action, session.preset, session, KNOWN)
    assert complaint in str(caught.value)
    assert f"[there]({written})" in str(caught.value)
