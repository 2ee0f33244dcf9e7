"""What can be taken out of the run, to a file or to the clipboard, each with what it cannot say."""

from contextlib import suppress
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines
from backprop_tui.tui.panes.moment import moment
from backprop_tui.tui.running.clipboard import copy
from backprop_tui.tui.running.export import written_text
from backprop_tui.tui.running.hiding import share_hidden_by
from backprop_tui.tui.running.run_screen import RunScreen
from backprop_tui.tui.running.shares import SHARES, Share, Shared
from backprop_tui.tui.running.typed_file import told

from .prompt import Prompt, ask
from .tool_screen import ToolScreen

TITLE = 32
"""Cells of what it is."""
ENDINGS, ROOMY = 22, 90
"""Cells of the endings of its file, and of a page that has room for them."""
INDENT = 4
MOST_TOLD = 6
"""Things that are listed one by one."""
MOST_LINES = 8
"""Lines of one of these."""


class ShareScreen(ToolScreen):
    """The list of what can be taken out; `message` says what came of the last that was taken.

    `made` has what was made so far at this place of the run, by id: the text with what it cannot say, or why there is
    none.
    """

    heading = "Share"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("C", "dismiss", "close", show=False, priority=True),
        Binding("c", "copy", "copy what is chosen to the clipboard", show=False),
    ]

    def __init__(self, training: RunScreen) -> None:
        super().__init__(training)
        self.shares = [share for share in SHARES if not share_hidden_by(training.hide, share.id)]
        self.message = ""
        self.made: dict[str, Shared | str] = {}
        self.places: list[int] = []

    def choices(self) -> int:
        return len(self.shares)

    def line_of(self, choice: int) -> int:
        return self.places[choice] if choice and choice < len(self.places) else 0

    def first_line(self, lines: int, room: int) -> int:
        """The first line shown, such that the chosen one is among them, what stands under it, and the message."""
        if self.message:
            self.scrolled = lines
        elif self.chosen < len(self.places):
            following = self.places[self.chosen + 1] if self.chosen + 1 < len(self.places) else lines
            self.scrolled = max(self.scrolled, following - room)
        return super().first_line(lines, room)

    def hints(self) -> list[tuple[str, str]]:
        share = self.shares[self.chosen]
        ways = [("enter", "to a file"), *([("c", "to the clipboard")] if share.text is not None else [])]
        return [*([] if isinstance(self.about(share), str) else ways), ("← →", self.view.unit)]

    def about(self, share: Share) -> Shared | str | None:
        """What is made already, or made in no time; None of what takes longer, and of what is no text."""
        if share.id not in self.made and share.is_quick(self.session) and share.text is not None:
            with suppress(PresetError):
                self.make(share)
        return self.made.get(share.id)

    def make(self, share: Share) -> Shared:
        """Raises PresetError where there is none of this run."""
        assert share.text is not None
        try:
            made = share.text(self.training)
        except PresetError as problem:
            self.made[share.id] = self.without_source(problem)
            raise
        self.made[share.id] = made
        return made

    def without_source(self, problem: PresetError) -> str:
        """Of which preset it is said is to be seen."""
        return str(problem).removeprefix(f"{self.session.preset.source}: ")

    def moved(self) -> None:
        self.made, self.message = {}, ""

    # Drawing

    def lines(self, width: int) -> list[Strip]:
        look, palette = self.view.look, self.view.look.palette
        run = f"{moment(self.session).capitalize()} of {self.session.preset.title}"
        lines = [line([(fit(run, width, look), style(palette.accent, bold=True))], width), Strip([])]
        self.places = []
        for place, share in enumerate(self.shares):
            about = self.about(share)
            self.places.append(len(lines))
            lines.append(self.choice_line(share, about, width, chosen=place == self.chosen))
            if place == self.chosen:
                lines += self.explanation(share, about, width)
        if self.message:
            lines += [Strip([]), *text_lines(self.message, width, 6, look, palette.warning)]
        return lines

    def choice_line(self, share: Share, about: Shared | str | None, width: int, *, chosen: bool) -> Strip:
        look, palette = self.view.look, self.view.look.palette
        missing = isinstance(about, str)
        note = "not of this run" if isinstance(about, str) else share.lacks(about[1]) if about is not None else ""
        title = fit(share.title, TITLE, look)
        parts: list[Part] = [
            (f"{look.glyphs.cursor if chosen else ' '} ", style(palette.accent)),
            (title + " " * (TITLE - cell_len(title) + 1), style(palette.dim if missing else palette.text)),
            (look.text(" ".join(share.endings)).ljust(ENDINGS) if width >= ROOMY else "", style(palette.dim)),
            (note, style(palette.dim)),
        ]
        return line(parts, width)

    def explanation(self, share: Share, about: Shared | str | None, width: int) -> list[Strip]:
        """Under the chosen one: of what use it is, the text itself where that is one line, what it cannot say."""
        if isinstance(about, str):
            return self.told(share.meaning, width) + self.told(about, width)
        text, untold = about or ("", [])
        told = [f"{share.lacking}: {each}" for each in untold[:MOST_TOLD]]
        told += [f"and {len(untold) - MOST_TOLD} more"] if len(untold) > MOST_TOLD else []
        whole = self.broken(text.strip(), width) if text.count("\n") <= 1 else []
        return self.told(share.meaning, width) + whole + [strip for each in told for strip in self.told(each, width)]

    def broken(self, text: str, width: int) -> list[Strip]:
        """A text to be copied, broken wherever a line ends."""
        look, room = self.view.look, max(width - INDENT, 1)
        rows = [text[place : place + room] for place in range(0, len(text), room)]
        rows = [*rows[: MOST_LINES - 1], look.glyphs.ellipsis] if len(rows) > MOST_LINES else rows
        of = style(look.palette.text)
        return [line([(" " * INDENT, None), (look.text(row), of)], width) for row in rows]

    def told(self, text: str, width: int) -> list[Strip]:
        lines = text_lines(text, width - INDENT, MOST_LINES, self.view.look)
        return [Strip([*line([(" " * INDENT, None)], INDENT), *strip]) for strip in lines]

    # Keys

    def action_choose(self, places: int) -> None:
        self.message = ""
        super().action_choose(places)

    def say(self, message: str) -> None:
        self.message = message
        self.update()

    def activate(self, choice: int) -> None:
        """Ask for a file's name, and write it."""
        share = self.shares[choice]
        if isinstance(about := self.about(share), str):
            self.say(about)
            return
        self.say("")
        ending = f" ({' '.join(share.endings)})" if len(share.endings) > 1 else ""
        question = f"{share.title}, to a new file{ending}"
        ask(self.app, Prompt(question, "", share.proposed_name(self.training)), lambda typed: self.write(share, typed))

    def write(self, share: Share, typed: str) -> None:
        try:
            path, untold = share.to_file(self.training, typed)
        except PresetError as problem:
            self.say(self.without_source(problem))
            return
        self.say("; ".join(filter(None, (told(written_text(path)), share.lacks(untold)))))

    def action_copy(self) -> None:
        share = self.shares[self.chosen]
        if share.text is None:
            self.say(f"{share.title}: to a file alone, with enter: it is no text for a clipboard")
            return
        try:
            made = self.about(share) or self.make(share)
            if isinstance(made, str):
                self.say(made)
                return
            text, untold = made
            where = copy(self.app, for_clipboard(text))
        except PresetError as problem:
            self.say(f"{self.without_source(problem)}; enter writes a file")
            return
        self.say("; ".join(filter(None, (f"{share.title}: {where}", share.lacks(untold)))))


def for_clipboard(text: str) -> str:
    """A text of one line without the line's end, with which a shell would take it for typed."""
    return text.removesuffix("\n") if text.count("\n") == 1 else text
