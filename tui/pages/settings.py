"""The settings: every hyper-parameter of the run, live, any of its parameters, and the branches that changes made."""

from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.hyper_parameters import HyperParameter, hyper_parameters, stepped
from backprop_tui.core.preset.parameter_name import parameter_name
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.settings import setting_value
from backprop_tui.core.preset.start_file import check_acts
from backprop_tui.core.session.course import NewRunNeededError
from backprop_tui.core.session.edits import with_values
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import found_here
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines
from backprop_tui.tui.running.run_screen import RunScreen

from .branch_lines import branch_lines
from .prompt import Prompt, ask
from .tool_screen import ToolScreen

NAME, VALUE = 20, 20
"""Cells of the columns."""
MESSAGE = 6
"""Lines of a message at the most."""
HINTS = {
    "rate": "a number; + and - go through 1, 2, 5, 10 …",
    "share": "a number from 0 up to, but not including, 1",
    "count": "a whole number",
    "free": "a TOML value such as 0.8 or [1, 2]",
}
CLEARED = ("none", "default")
"""What is typed for a setting that is not to be given."""


def typed_value(text: str, name: str) -> Any:
    """A typed value as TOML, None for none. Raises PresetError."""
    return None if text in CLEARED else setting_value(text, Place(name))


def loses_nothing(session: Session) -> bool:
    """Whether a change made now leaves no finished step of the run behind."""
    return session.furthest < session.timeline.finish_of(session.step + 1)


class SettingsScreen(ToolScreen):
    """The settings, or with tab the branches.

    `picking` is the setting whose choices are shown in place of all; `offer` a change that takes a new run from the
    start, waiting to be confirmed; `message` stands under what is chosen.
    """

    heading = "Settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "dismiss", "close", show=False, priority=True),
        Binding("tab,shift+tab", "turn", "settings or branches", priority=True, show=False),
        Binding("plus,equals_sign", "step(1)", "more", show=False),
        Binding("minus", "step(-1)", "less", show=False),
        Binding("colon,w", "assign", "set any setting or parameter by its name", show=False),
        Binding("y", "confirm", "start the new run", show=False),
    ]

    def __init__(self, training: RunScreen) -> None:
        super().__init__(training)
        self.branches_shown = False
        self.picking: HyperParameter | None = None
        self.offer: tuple[str, Any] | None = None
        self.message = ""
        self.message_rows = 0
        self.places: list[int] = []

    # What is chosen from

    def parameters(self) -> list[HyperParameter]:
        return hyper_parameters(self.session.preset)

    def choices(self) -> int:
        if self.picking is not None:
            return len(self.picking.choices)
        return len(self.training.branches) if self.branches_shown else 1 + len(self.parameters())

    def chosen_parameter(self) -> HyperParameter | None:
        """The setting that is chosen; None on the parameter in the spotlight."""
        return self.parameters()[self.chosen - 1] if self.chosen else None

    def line_of(self, choice: int) -> int:
        # The heading above the first of all is to be seen with it.
        return 0 if choice == 0 or not self.places else self.places[choice]

    def first_line(self, lines: int, room: int) -> int:
        """The first line shown, such that the chosen one is among them, with the message under it."""
        at = self.line_of(self.chosen)
        self.scrolled = max(self.scrolled, at + (self.message_rows if self.message else 0) - room + 1)
        return super().first_line(lines, room)

    def hints(self) -> list[tuple[str, str]]:
        if self.offer is not None:
            return [("enter y", "start the new run")]
        if self.picking is not None:
            return [("enter", "choose")]
        if self.branches_shown:
            return [("enter", "go over"), ("tab", "settings"), ("← →", self.view.unit)]
        return [("enter", "change"), ("+ -", "step"), ("tab", "branches")]

    def moved(self) -> None:
        self.message, self.offer = "", None

    # Drawing

    def lines(self, width: int) -> list[Strip]:
        self.places = []
        if self.picking is not None:
            return self.picking_lines(self.picking, width)
        return self.all_branches(width) if self.branches_shown else self.setting_lines(width)

    def title_line(self, text: str, width: int) -> Strip:
        return line([(fit(text, width, self.view.look), style(self.view.look.palette.accent, bold=True))], width)

    def setting_lines(self, width: int) -> list[Strip]:
        step = self.session.step
        title = f"From step {step + 1} on" if step else "From the start"
        lines = [self.title_line(f"{title}, {self.what_a_change_does()}", width), Strip([])]
        self.add_choice(lines, self.spotlight_line(width), width)
        group = ""
        for parameter in self.parameters():
            if parameter.group != group:
                group = parameter.group
                lines += [Strip([]), self.title_line(group, width)]
            self.add_choice(lines, self.setting_line(parameter, len(self.places), width), width)
        return lines

    def what_a_change_does(self) -> str:
        if loses_nothing(self.session):
            return "a change goes on with this run"
        return "a change starts a branch: tab leads back"

    def add_choice(self, lines: list[Strip], strip: Strip, width: int) -> None:
        """A line that can be chosen, and under the one that is, the message."""
        self.places.append(len(lines))
        lines.append(strip)
        if self.message and len(self.places) - 1 == self.chosen:
            look = self.view.look
            found = text_lines(self.message, width - 4, MESSAGE, look, look.palette.warning)
            self.message_rows = len(found)
            lines += [Strip([*line([("    ", None)], 4), *strip]) for strip in found]

    def spotlight_line(self, width: int) -> Strip:
        spotlight = self.view.spotlight
        value = format_number(self.spotlight_value(), VALUE, 10, self.view.look.glyphs)
        return self.columns(str(spotlight.name), value, "the spotlight; : for any", 0, width, dim=False)

    def spotlight_value(self) -> float:
        spotlight, trainer = self.view.spotlight, self.session.trainer
        arrays = trainer.layers[spotlight.layer - 1].parameters(trainer.state.parameters)
        return float(arrays[spotlight.parameter][spotlight.index])

    def setting_line(self, parameter: HyperParameter, choice: int, width: int) -> Strip:
        note = parameter.unused or ("takes a new run" if parameter.from_start else "")
        if choice == self.chosen:
            note = f"{parameter.path}{', ' if note else ''}{note}"
        return self.columns(parameter.name, parameter.text(), note, choice, width, dim=bool(parameter.unused))

    def columns(self, name: str, value: str, note: str, choice: int, width: int, *, dim: bool) -> Strip:
        look, palette = self.view.look, self.view.look.palette
        chosen = choice == self.chosen
        text = style(palette.dim if dim else palette.text, bold=chosen)
        room = width - NAME - VALUE - 4
        return line(
            [
                (f"{look.glyphs.cursor if chosen else ' '} ", style(palette.accent)),
                (fit(name, NAME, look).ljust(NAME) + " ", text),
                (fit(value, VALUE, look).ljust(VALUE) + " ", text),
                (fit(note, room, look), style(palette.dim)),
            ],
            width,
        )

    def picking_lines(self, parameter: HyperParameter, width: int) -> list[Strip]:
        lines = [self.title_line(f"{parameter.group}: {parameter.path}", width), Strip([])]
        for place, choice in enumerate(parameter.choices):
            note = "as it is" if choice == parameter.value else ""
            self.add_choice(lines, self.columns(choice, "", note, place, width, dim=False), width)
        return lines

    def all_branches(self, width: int) -> list[Strip]:
        branches = self.training.branches
        count = f"{len(branches)} branches" if len(branches) > 1 else "One run, no branches yet"
        lines = [self.title_line(f"{count}: enter goes over, each at its own position", width), Strip([])]
        for found in branch_lines(branches, self.session, self.chosen, width, self.view.look):
            self.places.append(len(lines))
            lines += found
        return lines

    # Keys

    def action_turn(self) -> None:
        if self.picking is None:
            self.branches_shown = not self.branches_shown
            self.chosen = self.training.branches.index(self.session) if self.branches_shown else 0
            self.moved()
            self.update()

    def action_choose(self, places: int) -> None:
        self.moved()
        super().action_choose(places)

    def action_close(self) -> None:
        """Out of an offer, of a list of choices, or of the page."""
        if self.offer is not None:
            self.moved()
        elif self.picking is not None:
            self.stop_picking()
        else:
            super().action_close()
            return
        self.update()

    def stop_picking(self) -> None:
        assert self.picking is not None
        path, self.picking = self.picking.path, None
        self.chosen = 1 + [parameter.path for parameter in self.parameters()].index(path)
        self.moved()

    def activate(self, choice: int) -> None:
        if self.offer is not None:
            self.action_confirm()
        elif self.picking is not None:
            picked, path = self.picking.choices[choice], self.picking.path
            self.stop_picking()
            self.change(path, picked)
        elif self.branches_shown:
            self.training.follow(self.training.branches[choice])
            self.update()
        else:
            self.open_setting(self.chosen_parameter())

    def open_setting(self, parameter: HyperParameter | None) -> None:
        """What enter does on a setting: turn it round, show its choices, or ask for its value."""
        if parameter is None:
            self.ask_for(str(self.view.spotlight.name), "its new value", f"{self.spotlight_value():.10g}")
        elif parameter.form == "flag":
            self.change(parameter.path, not parameter.value)
        elif parameter.form == "choice":
            self.picking, self.message = parameter, ""
            self.chosen = parameter.choices.index(parameter.value) if parameter.value in parameter.choices else 0
            self.update()
        else:
            self.ask_for(parameter.path, HINTS[parameter.form], parameter.text())

    def ask_for(self, name: str, hint: str, present: str) -> None:
        def change(typed: str) -> None:
            if typed != present:
                self.change_typed(name, typed)

        ask(self.app, Prompt(f"{name}: {hint}", hint, present), change)

    def action_assign(self) -> None:
        ask(self.app, Prompt("set", "W2[1,3] = 0.5, optimizer.momentum = 0.8"), self.assign)

    def assign(self, typed: str) -> None:
        """`NAME = VALUE`, of any setting or parameter."""
        name, equals, value = (part.strip() for part in typed.partition("="))
        if not equals or not name or not value:
            self.say(f"expected NAME = VALUE, such as W2[1,3] = 0.5, found {typed!r}")
        else:
            self.change_typed(name, value)

    def change_typed(self, name: str, typed: str) -> None:
        try:
            value = found_here(name, typed_value(typed, name))
            if "[" in name:
                inputs = len(self.session.dataset.inputs)
                name = str(parameter_name(name, self.session.preset.layers, inputs))
        except PresetError as problem:
            self.say(str(problem))
        else:
            self.change(name, value)

    def action_step(self, direction: int) -> None:
        parameter = None if self.branches_shown or self.picking else self.chosen_parameter()
        if parameter is not None:
            value = stepped(parameter, direction)
            if value != parameter.value:
                self.change(parameter.path, value)

    # Changes

    def say(self, message: str) -> None:
        self.message = message
        self.update()

    def change(self, name: str, value: Any) -> None:
        """Make a change here, or offer the new run that it takes, or say why it cannot be."""
        self.moved()
        known = {parameter.path: parameter for parameter in self.parameters()}.get(name)
        try:
            check_acts(self.session.preset, name, Place(name))
            if known is not None and known.from_start:
                raise NewRunNeededError("it takes a new run from the start")
            other = self.session.branch(name, value)
        except NewRunNeededError as reason:
            self.offer = (name, value)
            shown = "none" if value is None else value
            self.message = f"{name} = {shown}: {reason}. Enter or y starts one beside this run, escape leaves it."
        except PresetError as problem:
            self.message = str(problem)
        else:
            self.take(other)
        self.update()

    def take(self, other: Session) -> None:
        """Go over to a changed run: in place of this one where that loses nothing."""
        old, branches = self.session, self.training.branches
        if loses_nothing(old):
            branches[branches.index(old)] = other
            self.training.follow(other)
        else:
            self.training.branch(other)

    def action_confirm(self) -> None:
        """Start the new run that was offered."""
        if self.offer is None:
            return
        (name, value), session = self.offer, self.session
        self.moved()
        preset = session.preset
        try:
            table = with_values(preset, {name: value})
            seed = None if name in ("seed", "training.seed") else session.seed
            other = Session(*load_preset(table, preset.source, preset.base, preset.id), seed)
        except PresetError as problem:
            self.say(str(problem))
            return
        self.view.spotlight = self.spotlight_in(other)
        self.training.branch(other)
        self.update()

    def spotlight_in(self, session: Session) -> Spotlight:
        """The spotlight where it is, if the network has that parameter; else on the first."""
        spotlight, inputs = self.view.spotlight, len(session.dataset.inputs)
        try:
            name = parameter_name(str(spotlight.name), session.preset.layers, inputs)
        except PresetError:
            name = parameter_name("W1[1,1]", session.preset.layers, inputs)
        return Spotlight.named(name, min(spotlight.example, session.plan.examples - 1))
