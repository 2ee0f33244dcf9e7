"""Which pane a passage of a lesson is about: what has to be in sight while it is read, and after its links have acted.

A passage names a pane by a link, `[the plane](pane:Data)`, or by its title as code, `` `Data` ``.
"""

import re
from collections.abc import Iterator

from backprop_tui.core.value_class import dataclass

from .action import LINK, action_of

TITLES = ("Weights", "Chain rule", "Loss", "Gradients", "Data")
"""The panes, as they are titled."""
AT_AN_OP = {"op": "Chain rule/op", "spotlight": "Chain rule"}
"""What a link shows that says nothing of panes, where its sentence does not either."""
CHAPTER = re.compile(r"^#{1,6} ", re.MULTILINE)
PARAGRAPH = re.compile(r"\n[ \t]*\n")
SENTENCE = re.compile(r"(?<=[.!?])\s+")
NAMED = re.compile(rf"{re.sub('[?]P<[a-z]+>', '?:', LINK.pattern)}|`(?P<title>{'|'.join(TITLES)})`")


@dataclass(frozen=True, slots=True)
class Mark:
    """A link that acts, or a pane's title: `pane` is the pane that it names, "" of other links."""

    kind: str
    pane: str
    links: bool


def panes_of(lesson: str) -> list[str]:
    """For each link that acts, in reading order, the pane that it is read beside, such as `Data` or `Loss/map`.

    That is the pane which the link itself names, or which its sentence names before it, else behind it; an op stands in
    the chain rule. Else it is the last one of this chapter so far, or the first that the paragraph comes to; "" where
    there is none.
    """
    found: list[str] = []
    for chapter in pieces(lesson, CHAPTER):
        last = ""
        for paragraph in pieces(chapter, PARAGRAPH):
            sentences = [list(marks(sentence)) for sentence in pieces(paragraph, SENTENCE)]
            named = (mark.pane or AT_AN_OP.get(mark.kind, "") for sentence in sentences for mark in sentence)
            first = next((pane for pane in named if pane), "")
            for sentence in sentences:
                for number, mark in enumerate(sentence):
                    before = [one.pane for one in sentence[: number + 1] if one.pane]
                    behind = [one.pane for one in sentence[number + 1 :] if one.pane]
                    own = [*before[-1:], *behind[:1], AT_AN_OP.get(mark.kind, ""), last, first]
                    last = next((pane for pane in own if pane), "")
                    if mark.links:
                        found.append(last)
    return found


def pieces(text: str, between: re.Pattern[str]) -> Iterator[str]:
    """A text cut where `between` matches, never within a link."""
    begin = 0
    links = [link.span() for link in LINK.finditer(text)]
    for cut in between.finditer(text):
        if not any(start < cut.end() and cut.start() < stop for start, stop in links):
            yield text[begin : cut.start()]
            begin = cut.end()
    yield text[begin:]


def marks(sentence: str) -> Iterator[Mark]:
    """What a sentence names of panes, and its links that act, in reading order."""
    for found in NAMED.finditer(sentence):
        if found["title"]:
            yield Mark("", found["title"], links=False)
        elif (link := LINK.fullmatch(found[0])) and (action := action_of(link["label"], link["target"])):
            yield Mark(action.kind, action.target if action.kind == "pane" else "", links=True)
