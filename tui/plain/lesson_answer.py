"""The lesson as lines, each link with the word to type for it."""

import re
from collections.abc import Iterator, Mapping

from backprop_tui.core.lessons.action import LINK, Action, action_of, count_of
from backprop_tui.core.preset.schema import PresetError

from .moving import gone
from .run import PlainRun
from .whole_number import whole_number

OF_PANES = {
    "Weights": "weights",
    "Chain rule": "here",
    "Loss": "loss",
    "Gradients": "gradients",
    "Data": "data",
    "Weights/sensitivity": "sensitivity",
    "Weights/gradients": "gradients",
    "Chain rule/path": "paths",
    "Chain rule/decay": "decay",
    "Chain rule/depth": "depth",
    "Chain rule/what if": "what if",
    "Chain rule/nested": "nested",
    "Chain rule/neuron": "neuron",
    "Chain rule/long way": "long way",
    "Data/neuron": "neuron",
    "Data/measures": "measures",
    "Data/confusion": "measures",
    "Data/most wrong": "most wrong",
}
"""The words for what a link opens; of a view that has none the word of its pane."""
ARROWS = {"↑": "up", "↓": "down", "←": "left", "→": "right"}
MARKS = re.compile(r"\*\*|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)|`")


def lesson(run: PlainRun, words: Mapping[str, str]) -> Iterator[str]:
    """The whole lesson, its numbers filled in by the run; `words` are those of keys."""
    from backprop_tui.tui.lesson.text import LessonText

    if run.lesson is None:
        run.lesson = LessonText(run.opened)
    run.lesson.follow(run.session)
    shown = run.lesson
    while not shown.finished:
        shown.advance(1.0)
    if not shown.text():
        yield "This preset has no lesson."
    told = LINK.sub(lambda found: link_text(found["label"], found["target"], words), shown.text())
    for paragraph in re.split(r"\n[ \t]*\n", told):
        yield from lines_of(paragraph)
    if shown.problem:
        yield shown.problem


def link_text(label: str, target: str, words: Mapping[str, str]) -> str:
    """`go to step 1 (type: step 1)`; a link out of the program with its address."""
    action = action_of(label, target)
    return f"{label} ({target})" if action is None else f"{label} (type: {typed(action, words)})"


def typed(action: Action, words: Mapping[str, str]) -> str:
    """The word that does what a link does."""
    match action.kind:
        case "step":
            return f"step {action.target}"
        case "op":
            return f"go {action.target}"
        case "variant":
            return f"variant {action.target}".strip()
        case "pane":
            return OF_PANES.get(action.target, OF_PANES.get(action.target.partition("/")[0], "here"))
        case "glossary":
            return f"help {action.target}"
        case "preset":
            return f"open {action.target}"
        case "key":
            return word_of(action.target, words)
    return action.target


def word_of(key: str, words: Mapping[str, str]) -> str:
    """The word that does what a key does."""
    way = key.removeprefix("shift+")
    return f"spotlight {ARROWS.get(way, way)}" if way != key else words.get(key, key)


def lines_of(paragraph: str) -> Iterator[str]:
    """A paragraph on one line, an item of a list on a line of its own; without the marks of Markdown."""
    rows: list[str] = []
    for row in paragraph.splitlines():
        text = row.strip()
        head = text.startswith(("#", "- ", "* ", "|")) or re.match(r"[0-9]+\. ", text)
        if not rows or head or row.startswith("    "):
            rows.append("")
        rows[-1] += f" {text}" if rows[-1] else text
    for row in rows:
        heading = row.startswith("#")
        text = MARKS.sub("", row.lstrip("# ").removeprefix("- "))
        if set(text) <= set("|-: "):
            continue
        yield f"{text}." if heading and text[-1:] not in ".?!:" else text.strip("| ").replace(" | ", ", ")


def go_to_op(run: PlainRun, text: str) -> Iterator[str]:
    """`go 1/dW2`, `go 5/backward`: right behind an op of a step."""
    step, slash, name = text.partition("/")
    if not slash or whole_number(step, 0, 10**12) is None or not name:
        raise PresetError(f"expected a step and an op, such as go 1/dW2, found {text!r}")
    count = count_of(Action("", "op", text), run.session)
    yield from gone(run, run.go(count))
