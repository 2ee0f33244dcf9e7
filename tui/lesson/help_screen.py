"""Help for what is on the screen: the op in view and its symbols, the lesson, the glossary, the keys."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget

from backprop_tui.core.chain_rule.statements import place
from backprop_tui.core.lessons.glossary import of_ops, search
from backprop_tui.core.ops.event import Op
from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.keymap import USUAL, Keymap
from backprop_tui.tui.drawing.prose import MARGIN, prose
from backprop_tui.tui.drawing.strips import Part, fit, line, style
from backprop_tui.tui.panes.keys_line import keys_line
from backprop_tui.tui.panes.own_screen import OwnScreen

from .glossary_lines import entries_lines
from .help_text import EVERYWHERE, TEXTS, panes_text
from .text import LessonText

ROOT = __name__.rsplit(".", 2)[0]
ABOUT, LESSON, GLOSSARY, KEYS = "This screen", "Lesson", "Glossary", "Keys"
NO_MATCH = "Nothing in the glossary matches: backspace takes letters back, escape all of them."


@dataclass(frozen=True, slots=True)
class Subject:
    """What help is wanted for: a screen by its heading and its keys; the run and the lesson, where there is one.

    `hide` is what is kept out of sight there, `hidden_keys` the keys that do nothing because of it.
    """

    heading: str
    keys: tuple[tuple[str, str], ...]
    session: Session | None = None
    lesson: LessonText | None = None
    hide: Hidden = NOTHING_HIDDEN
    hidden_keys: tuple[str, ...] = ()


def keys_of(
    screen: type[Screen[Any]], hides: Callable[[str], object] = lambda action: False, keymap: Keymap = USUAL
) -> tuple[tuple[str, str], ...]:
    """The keys that screens of that class answer, and what they do; but those of actions that are hidden.

    As the keymap has them, without what has no key there.
    """
    own = [kind for kind in screen.__mro__ if kind.__module__.startswith(ROOT) and "BINDINGS" in vars(kind)]
    found: dict[str, str] = {}
    for kind in own:
        for binding in vars(kind)["BINDINGS"]:
            if isinstance(binding, Binding) and not hides(binding.action):
                found.setdefault(binding.key, binding.description)
    told = ((keymap.sign(key.split(",")[0]), does) for key, does in found.items())
    return (*((key, does) for key, does in told if key), *EVERYWHERE)


def op_in_view(session: Session) -> Op:
    """The op that has just run; at a boundary of a step the next one."""
    op = session.op
    return session.plan.ops[0] if op is None or op.phase in ("start", "finish") else op


def about_lines(subject: Subject, width: int, look: Look) -> list[Strip]:
    """The op in view with its symbols first, then the screen and its parts."""
    lines: list[Strip] = []
    session = subject.session
    if subject.heading in TEXTS:
        lines += [
            *prose(f"## {subject.heading}\n\n{look.keys.prose(TEXTS[subject.heading])}", width, look).rows,
            Strip([]),
        ]
    if session is not None:
        op = op_in_view(session)
        coming = "" if session.op is op else "next: "
        where = f"{coming}{place(op, len(session.trainer.layers))}"
        formulas = "\n".join(f"- `{formula}`" for formula in op.rule.split("   ") if formula)
        lines += [*prose(f"## {where}\n\n{formulas}\n\n{op.why}", width, look).rows, Strip([])]
        lines += inset(entries_lines(of_ops([op]), width - MARGIN, look), width)
    if subject.heading not in TEXTS:
        lines += prose(look.keys.prose(panes_text(subject.hide, subject.hidden_keys)), width, look).rows
    return lines


def inset(lines: list[Strip], width: int) -> list[Strip]:
    """Lines as far in as prose is."""
    return [Strip.join([line([(" " * MARGIN, None)], width), strip]) for strip in lines]


def key_lines(keys: Iterable[tuple[str, str]], width: int, look: Look) -> list[Strip]:
    keys = [(look.text(key), does) for key, does in keys]
    column = max(len(key) for key, _ in keys) + 2
    of, said = style(look.palette.accent, bold=True), style(look.palette.text)
    return [
        line([(" " * MARGIN + f"{key:<{column}}", of), (fit(does, width - column - MARGIN, look), said)], width)
        for key, does in keys
    ]


class Rows(Widget):
    """Lines as high as they are."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.lines: list[Strip] = []

    def show(self, lines: list[Strip]) -> None:
        higher = len(lines) != len(self.lines)
        self.lines = lines
        self.refresh(layout=higher)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.lines)

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        if y >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        return self.lines[y].adjust_cell_length(width).apply_style(self.rich_style)


class HelpScreen(ModalScreen[None], OwnScreen[None]):
    """Pages over the screen that help is wanted for; letters search the glossary; escape or `?` closes it.

    With a `term` it opens at what the glossary says of it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "clear the search, then close", priority=True),
        Binding("question_mark,enter", "dismiss", "close", priority=True),
        Binding("tab", "turn(1)", "next page", priority=True),
        Binding("shift+tab", "turn(-1)", "previous page", priority=True),
        Binding("backspace", "shorten", "take a letter back", priority=True),
    ]

    def __init__(self, subject: Subject, look: Look, term: str = "") -> None:
        super().__init__()
        self.subject, self.look, self.asked, self.typed = subject, look, term, term
        lesson = [LESSON] if subject.lesson is not None and "lesson" not in subject.hide else []
        self.pages = [ABOUT, *lesson, GLOSSARY, KEYS]
        self.page = GLOSSARY if term else ABOUT
        self.head_row, self.rows, self.keys_row = Rows("help-pages"), Rows("help-lines"), Rows("help-keys")
        self.scroller = VerticalScroll(id="help-text")

    def compose(self) -> ComposeResult:
        with Vertical(id="help") as frame:
            frame.border_title = "Help"
            yield self.head_row
            with self.scroller:
                yield self.rows
            yield self.keys_row

    def on_mount(self) -> None:
        self.scroller.focus()
        self.watch(self.scroller, "scroll_y", self.show_keys, init=False)
        self.call_after_refresh(self.show)
        self.fill()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.show)

    @work
    async def fill(self) -> None:
        """Fill in the lesson's numbers."""
        if self.subject.lesson is not None:
            await self.subject.lesson.fill(lambda: False, self.show_lesson)

    # Drawing

    def show(self) -> None:
        """Draw the page again."""
        self.head_row.show([self.head(self.head_row.content_size.width)])
        self.rows.show(self.lines(self.rows.content_size.width))
        self.call_after_refresh(self.show_keys)

    def show_lesson(self) -> None:
        """Draw the lesson again, where it is in view: one more of its numbers is there."""
        if self.page == LESSON:
            self.show()

    def show_keys(self) -> None:
        """The last line: keys, and how much there is below what is in sight."""
        end, last = round(self.scroller.scroll_y) + self.scroller.size.height, len(self.rows.lines)
        more = f"scroll {min(end, last)}/{last}"
        hints = [("tab", "page"), ("↑ ↓", more), ("letters", "search the glossary"), ("escape", self.leaving())]
        self.keys_row.show([keys_line(hints, self.look, self.keys_row.content_size.width)])

    def leaving(self) -> str:
        return "clear" if self.typed not in ("", self.asked) and self.page == GLOSSARY else "close"

    def head(self, width: int) -> Strip:
        """The pages, the one in view in brackets, or what is searched for."""
        palette = self.look.palette
        parts: list[Part] = []
        for page in self.pages:
            here = page == self.page
            name = f"{page}: {self.look.text(self.typed)}_" if page == GLOSSARY and here and self.typed else page
            of = style(palette.accent, bold=True) if here else style(palette.dim)
            parts.append((f"[{name}] " if here else f" {name}  ", of))
        return line(parts, width)

    def lines(self, width: int) -> list[Strip]:
        """The page in view."""
        look, subject = self.look, self.subject
        if width <= 0:
            return []
        if self.page == GLOSSARY:
            found = search(self.typed)
            if not found:
                return prose(NO_MATCH, width, look).rows
            return inset(entries_lines(found, width - MARGIN, look), width)
        if self.page == LESSON and subject.lesson is not None:
            preset = subject.lesson.preset
            credit = f"\n\n*{preset.credit.strip()}*" if preset.credit else ""
            text = f"# {preset.title}\n\n{preset.summary}\n\n{subject.lesson.text()}{credit}"
            return prose(text, width, look).rows
        if self.page == KEYS:
            return key_lines(subject.keys, width, look)
        return about_lines(subject, width, look)

    # Pages and search

    def turn_to(self, page: str) -> None:
        self.page = page
        self.scroller.scroll_home(animate=False)
        self.show()

    def action_turn(self, places: int) -> None:
        self.turn_to(self.pages[(self.pages.index(self.page) + places) % len(self.pages)])

    def on_key(self, event: events.Key) -> None:
        """A letter searches the glossary, anew behind a term that was asked for."""
        if event.character is not None and event.is_printable:
            event.stop()
            self.search(("" if self.typed == self.asked else self.typed) + event.character)

    def search(self, typed: str) -> None:
        self.typed = typed
        self.turn_to(GLOSSARY)

    def action_shorten(self) -> None:
        self.search(self.typed[:-1])

    def action_leave(self) -> None:
        """Clear the search; where there is none, close."""
        if self.leaving() == "clear":
            self.search("")
        else:
            self.dismiss(None)
