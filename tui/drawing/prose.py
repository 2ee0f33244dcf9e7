"""Markdown as strips: headings, paragraphs, lists, blocks of code, and in them emphasis, code and links.

It is the Markdown that lessons and the help are written in; what it does not know it shows as it is written.
"""

import re
from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from backprop_tui.core.lessons.action import LINK, action_of
from backprop_tui.core.value_class import dataclass

from .glyphs import Look
from .strips import Part, fit, line, style

WHOLE_LINK = re.sub(r"[?]P<[a-z]+>", "?:", LINK.pattern)
STRONG_LINK = re.compile(rf"\*\*({WHOLE_LINK})\*\*")
"""A link is drawn strong in any case."""
INLINE = re.compile(
    rf"`(?P<code>[^`]+)`|(?P<link>{WHOLE_LINK})"
    r"|\*\*(?P<strong>[^*]+)\*\*|(?<![\w*])\*(?P<emphasis>[^*\s](?:[^*]*[^*\s])?)\*(?![\w*])"
)
HEADING = re.compile(r"(#{1,6}) +(.*?)#*")
ITEM = re.compile(r"(?P<mark>[-*]|[0-9]{1,3}[.)]) +(?P<text>.*)")
MARGIN = 2
"""Cells on the left for the sign of what is chosen."""
FENCE = "```"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of text, of `kind` text, heading or code; `first` stands before its first line."""

    text: str
    kind: str = "text"
    first: str = ""


@dataclass(slots=True)
class Prose:
    """The rows of a text, and the row on which each of its acting links begins."""

    rows: list[Strip] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Of the links that act, counted from 0, which one is chosen (−1: none), and which have been done."""

    chosen: int = -1
    done: frozenset[int] = frozenset()

    def behind(self, count: int) -> "Chosen":
        """The same, counted from the link behind the first `count` on; what lies before it is left out."""
        return Chosen(max(self.chosen - count, -1), frozenset(link - count for link in self.done if link >= count))


@dataclass(slots=True)
class Word:
    """What is not broken: its parts, and the number of the link that begins with it."""

    parts: list[Part] = field(default_factory=list)
    link: int | None = None

    @property
    def width(self) -> int:
        return sum(cell_len(text) for text, _ in self.parts)


def prose(text: str, width: int, look: Look, links: Chosen | None = None) -> Prose:
    """`text` broken to `width` cells; links that act stand in brackets, `[→ so]` or with their
    key `[g · so]`, and with a ✓ once they are done."""
    page, links = Prose(), links or Chosen()
    before: Block | None = None
    for block in blocks(text):
        if before is not None and not (before.first and block.first):
            page.rows.append(Strip([]))
        before = block
        rows, stops = drawn_block(block, width, look, links.behind(len(page.stops)))
        page.stops += [len(page.rows) + stop for stop in stops]
        page.rows += rows
    return page


@lru_cache(maxsize=512)
def drawn_block(block: Block, width: int, look: Look, links: Chosen) -> tuple[tuple[Strip, ...], tuple[int, ...]]:
    """The rows of one block, and those on which its links begin, which are counted from 0.

    It is kept: of a lesson that is being filled in only the block that has changed is drawn anew.
    """
    page = Prose()
    if block.kind == "code":
        of = style(look.palette.accent)
        texts = [" " * MARGIN + fit(row, width - MARGIN, look) for row in block.text.split("\n")]
        page.rows += [line([(text, of)], width) for text in texts]
    else:
        wrap(page, words_of(block, look, links), block.first, width, look, links.chosen)
    return tuple(page.rows), tuple(page.stops)


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a Markdown text."""
    gathered: list[str] = []
    first = ""
    code: list[str] | None = None
    for row in [*text.strip().splitlines(), ""]:
        if code is not None:
            if row.strip() == FENCE:
                yield Block("\n".join(code), "code")
                code = None
            else:
                code.append(row)
            continue
        stripped = row.strip()
        heading, item, fence = HEADING.fullmatch(stripped), ITEM.fullmatch(stripped), stripped.startswith(FENCE)
        if gathered and (not stripped or heading or item or fence):
            yield Block(" ".join(gathered), first=first)
            gathered, first = [], ""
        if fence:
            code = []
        elif heading:
            yield Block(heading[2].strip(), "heading")
        elif item:
            first = "· " if item["mark"] in "-*" else f"{item['mark']} "
            gathered = [item["text"]]
        elif stripped:
            gathered.append(stripped)
    if code is not None:
        yield Block("\n".join(code), "code")


def words_of(block: Block, look: Look, links: Chosen) -> list[Word]:
    """The words of a block, in which the links that act are counted from 0."""
    number, palette = 0, look.palette
    plain = style(palette.accent, bold=True) if block.kind == "heading" else style(palette.text)
    styles = {"plain": plain, "code": style(palette.accent)} | dict.fromkeys(
        ("strong", "emphasis"), style(palette.text, bold=True)
    )
    words = [Word()]
    for piece, kind in pieces(block.text):
        if kind != "link":
            add_words(words, look.text(piece).split(" "), styles[kind])
            continue
        found = LINK.fullmatch(piece)
        assert found is not None
        action = action_of(found["label"], found["target"])
        if action is None:
            add_words(words, look.text(f"{found['label']} ({found['target']})").split(" "), style(palette.dim))
            continue
        sign = look.glyphs.separator if action.kind == "key" else look.glyphs.right
        sign = look.glyphs.mark if number in links.done else sign
        first, *others = look.text(action.label).split(" ")
        moved = action.kind == "key" and action.key in look.keys.pressed
        key = look.text(look.keys.said(action.key) if moved else action.printed_key)
        texts = [f"[{key} {sign} {first}" if key else f"[{sign} {first}", *others]
        texts[-1] += "]"
        add_words(words, texts, style(palette.accent, bold=True, reverse=number == links.chosen), number)
        number += 1
    return [word for word in words if word.parts]


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """A text in pieces, each with what it is: plain, code, link, strong, emphasis."""
    end, text = 0, STRONG_LINK.sub(r"\1", text)
    for found in INLINE.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], "plain"
        kind = str(found.lastgroup)
        yield found[kind], kind
        end = found.end()
    if end < len(text):
        yield text[end:], "plain"


def add_words(words: list[Word], texts: list[str], of: Style, link: int | None = None) -> None:
    """Texts that had spaces between them, the first onto the last of `words`; `link` begins with the first."""
    for place, text in enumerate(texts):
        if place:
            words.append(Word())
        if text:
            words[-1].parts.append((text, of))
            words[-1].link, link = (words[-1].link if link is None else link), None


def wrap(page: Prose, words: list[Word], first: str, width: int, look: Look, chosen: int) -> None:
    """Put words on rows of the page, the first behind `first`; a word that is too wide for a row is cut."""
    room = max(width - MARGIN - len(first), 1)
    row: list[Word] = []
    used = 0

    def end_row() -> None:
        nonlocal first, used
        if not row:
            return
        marked = any(word.link is not None and word.link == chosen for word in row)
        sign = (look.glyphs.cursor if marked else " ") + " " * (MARGIN - 1)
        head: list[Part] = [(sign, style(look.palette.accent, bold=True)), (look.text(first), style(look.palette.dim))]
        page.stops += [len(page.rows) for word in row if word.link is not None]
        page.rows.append(line([*head, *joined(row)], width))
        first = " " * len(first)
        row.clear()
        used = 0

    for word in words:
        wide = word.width
        if row and used + wide > room:
            end_row()
        if wide > room:
            text, of = "".join(text for text, _ in word.parts), word.parts[0][1]
            word.parts = [(fit(text, room, look), of)]
        row.append(word)
        used += word.width + 1
    end_row()


def joined(row: list[Word]) -> list[Part]:
    """The parts of a row; a space between two parts of one style has that style too."""
    parts: list[Part] = []
    for word in row:
        if parts:
            before, after = parts[-1][1], word.parts[0][1]
            parts.append((" ", before if before is after and before is not None and before.reverse else None))
        parts += word.parts
    return parts
