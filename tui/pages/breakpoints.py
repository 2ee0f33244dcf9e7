"""The breakpoints: what the run stops at, on and off, with the meaning of each."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.inquiry.breakpoints import KINDS, Breakpoint
from backprop_tui.core.inquiry.watch import unavailable
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines
from backprop_tui.tui.running.run_screen import RunScreen

from .prompt import Prompt, ask
from .tool_screen import ToolScreen

TITLE = 36
"""Cells of a breakpoint's text."""


class BreakpointsScreen(ToolScreen):
    """The list of breakpoints of the view; while one is `adding`, the list of all kinds. `message` stands below."""

    heading = "Breakpoints"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "dismiss", "close", show=False, priority=True),
        Binding("a", "add", "add a breakpoint", show=False),
        Binding("d,delete", "remove", "delete the chosen one", show=False),
        Binding("n", "number", "change the number of the chosen one", show=False),
    ]

    def __init__(self, training: RunScreen) -> None:
        super().__init__(training)
        self.adding = not self.view.breakpoints
        self.message = ""
        self.places: list[int] = []

    # Drawing

    def choices(self) -> int:
        return len(KINDS) if self.adding else len(self.view.breakpoints)

    def line_of(self, choice: int) -> int:
        return 0 if choice == 0 or choice >= len(self.places) else self.places[choice]

    def first_line(self, lines: int, room: int) -> int:
        """The first line shown, such that the chosen one is among them, and what stands under it."""
        if self.chosen < len(self.places):
            following = self.places[self.chosen + 1] if self.chosen + 1 < len(self.places) else lines
            self.scrolled = max(self.scrolled, following - room)
        return super().first_line(lines, room)

    def hints(self) -> list[tuple[str, str]]:
        if self.adding:
            return [("enter", "add this kind")]
        one = [("enter", "on or off"), ("n", "number"), ("d", "delete")] if self.choices() else []
        return [*one, ("a", "add"), ("← →", self.view.unit)]

    def lines(self, width: int) -> list[Strip]:
        self.places = []
        lines = self.kind_lines(width) if self.adding else self.breakpoint_lines(width)
        if self.message:
            look = self.view.look
            lines += [Strip([]), *text_lines(self.message, width, 4, look, look.palette.warning)]
        return lines

    def kind_lines(self, width: int) -> list[Strip]:
        """All kinds to add, each with its meaning."""
        lines = [self.heading_line("Add: playing and going stop where …", width), Strip([])]
        for place, (name, kind) in enumerate(KINDS.items()):
            title = kind.title if kind.default is None else f"{kind.title} {kind.default:g}"
            self.add_choice(lines, title, self.note(name), place, width, dim=False)
            lines += self.explanation(kind.explanation, width)
        return lines

    def breakpoint_lines(self, width: int) -> list[Strip]:
        """The breakpoints there are; the chosen one explained."""
        look = self.view.look
        if not self.view.breakpoints:
            lines = [self.heading_line("No breakpoints: nothing stops the run", width), Strip([])]
            return [*lines, *text_lines(f"{look.keys.said('a')} adds one.", width, 1, look, look.palette.text)]
        lines = [self.heading_line("Playing and going stop where …", width), Strip([])]
        for place, breakpoint in enumerate(self.view.breakpoints):
            state = "on " if breakpoint.enabled else "off"
            note = self.note(breakpoint.kind) if breakpoint.enabled else ""
            self.add_choice(lines, f"{state} {breakpoint.text()}", note, place, width, dim=not breakpoint.enabled)
            if place == self.chosen:
                lines += self.explanation(breakpoint.definition.explanation, width)
        return lines

    def heading_line(self, text: str, width: int) -> Strip:
        look = self.view.look
        return line([(fit(text, width, look), style(look.palette.accent, bold=True))], width)

    def note(self, kind: str) -> str:
        """What a breakpoint is about in this run, or why it cannot come about in it."""
        if (reason := unavailable(kind, self.session)) is not None:
            return reason
        spotlight = self.view.spotlight
        return {"sign_changes": str(spotlight.name), "prediction_flips": f"example {spotlight.example + 1}"}.get(
            kind, ""
        )

    def add_choice(self, lines: list[Strip], title: str, note: str, place: int, width: int, *, dim: bool) -> None:
        look, palette = self.view.look, self.view.look.palette
        chosen = place == self.chosen
        text = style(palette.dim if dim else palette.text, bold=chosen)
        self.places.append(len(lines))
        cells = [
            (f"{look.glyphs.cursor if chosen else ' '} ", style(palette.accent)),
            (fit(title, TITLE, look).ljust(TITLE) + " ", text),
        ]
        room = width - TITLE - 3
        if len(note) <= room:
            lines.append(line([*cells, (look.text(note), style(palette.dim))], width))
        else:
            lines += [line(cells, width), *self.explanation(note, width)]

    def explanation(self, text: str, width: int) -> list[Strip]:
        indent = line([("      ", None)], 6)
        return [Strip([*indent, *strip]) for strip in text_lines(text, width - 6, 4, self.view.look)]

    # Keys

    def action_close(self) -> None:
        """Out of the kinds to add, where there is a list to go back to, or of the page."""
        if self.adding and self.view.breakpoints:
            self.show_list(self.chosen)
        else:
            super().action_close()

    def show_list(self, chosen: int, message: str = "") -> None:
        self.adding, self.message = False, message
        self.chosen = max(0, min(chosen, len(self.view.breakpoints) - 1))
        self.update()

    def action_choose(self, places: int) -> None:
        self.message = ""
        super().action_choose(places)

    def action_add(self) -> None:
        self.adding, self.chosen, self.message = True, 0, ""
        self.update()

    def action_remove(self) -> None:
        if not self.adding and self.view.breakpoints:
            self.put(self.view.breakpoints[: self.chosen] + self.view.breakpoints[self.chosen + 1 :])
            self.show_list(self.chosen)

    def activate(self, choice: int) -> None:
        if self.adding:
            self.add_kind(list(KINDS)[choice])
        else:
            old = self.view.breakpoints[choice]
            self.exchange(choice, Breakpoint(old.kind, old.number, not old.enabled))

    def action_number(self) -> None:
        """Another number for the chosen breakpoint."""
        if not self.adding and self.view.breakpoints:
            old = self.view.breakpoints[self.chosen]
            if old.definition.default is not None:
                self.ask_number(old.kind, f"{old.limit:g}", self.chosen)

    def add_kind(self, kind: str) -> None:
        if KINDS[kind].default is None:
            self.put((*self.view.breakpoints, Breakpoint(kind)))
            self.show_list(len(self.view.breakpoints))
        else:
            self.ask_number(kind, f"{KINDS[kind].default:g}", None)

    def ask_number(self, kind: str, present: str, place: int | None) -> None:
        """Ask for a number, for the breakpoint at `place`, or for a new one."""
        ask(self.app, Prompt(KINDS[kind].title, "a number", present), lambda typed: self.set_number(kind, typed, place))

    def set_number(self, kind: str, typed: str, place: int | None) -> None:
        try:
            made = Breakpoint(kind, number_of(typed))
        except ValueError as problem:
            self.message = str(problem)
            self.update()
            return
        if place is None:
            self.put((*self.view.breakpoints, made))
            self.show_list(len(self.view.breakpoints))
        else:
            self.exchange(place, made)

    def exchange(self, place: int, breakpoint: Breakpoint) -> None:
        kept = list(self.view.breakpoints)
        kept[place] = breakpoint
        self.put(tuple(kept))
        self.show_list(place)

    def put(self, breakpoints: tuple[Breakpoint, ...]) -> None:
        """The list from now on, each breakpoint once."""
        self.view.breakpoints = tuple(dict.fromkeys(breakpoints))


def number_of(typed: str) -> float:
    """A typed number. Raises ValueError."""
    try:
        return float(typed)
    except ValueError:
        raise ValueError(f"expected a number such as 0.001, found {typed!r}") from None
