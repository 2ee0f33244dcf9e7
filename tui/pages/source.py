"""The source: the lines of this program that computed what is on the screen, beside the rule that they follow.

tab shows the same step as a program in PyTorch, which enter runs where PyTorch is installed.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from rich.style import Style
from textual import work
from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.chain_rule.calls import call_texts, running_statistics
from backprop_tui.core.chain_rule.source import Excerpt, SourceLine, excerpts, running
from backprop_tui.core.chain_rule.statements import place
from backprop_tui.core.ops.event import Op
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.again import step_again
from backprop_tui.core.session.session import Session
from backprop_tui.core.worked.torch_answer import GIVEN, TorchAnswer, has_torch, problem_of, read_answer, write_script
from backprop_tui.core.worked.torch_program import TorchProgram, end_of_step, torch_program
from backprop_tui.tui.chain_rule.op_strip import phase_of
from backprop_tui.tui.command_line.visitor import is_visitor
from backprop_tui.tui.drawing.bars import phase_color
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import Part, line, style, text_lines
from backprop_tui.tui.panes.breath import breathe

from .tool_screen import ToolScreen
from .torch_lines import ARRAYS, ELSEWHERE, GOING, READY, RUNNING, WITHOUT, answer_lines, status_lines

SHARED = "The optimizer works on the parameters of all layers at once, in the calls of the first update of the step."
NO_CALLS = "Nothing is computed here."
SLICE = 0.02
"""Seconds between two turns of the event loop, while a run is brought to the step."""
PATIENCE = 300
"""Seconds that PyTorch may take for a step."""
LEAST_CODE = 8
"""Cells that a line has for what did not fit into the one above."""


class SourceScreen(ToolScreen):
    """The op in view, or the step's start or finish: its rule, its calls, and the code that made them."""

    heading = "Source"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "dismiss", "close", show=False, priority=True),
        Binding("tab,shift+tab", "turn", "this program, or PyTorch", show=False, priority=True),
    ]
    drawn: tuple[Op, int, Look] | None = None
    kept: list[Strip]
    torch = False
    """Whether the step in PyTorch is shown."""
    program: TorchProgram | None = None
    whole: Session
    """The step of `program`, with all of its numbers."""
    answer: TorchAnswer | None = None
    said = ""
    """Why there is no program or no answer, or that it is on its way."""

    def moved(self) -> None:
        self.scrolled = 0
        self.forget()
        if self.torch:
            self.write_program()

    def forget(self) -> None:
        """What was of another step."""
        self.workers.cancel_group(self, "torch")
        self.program = self.answer = None
        self.said = ""

    # PyTorch

    def action_turn(self) -> None:
        """From this program's own lines to the step in PyTorch, and back."""
        self.torch, self.scrolled = not self.torch, 0
        if self.torch and self.program is None:
            self.write_program()
        self.update()

    def write_program(self) -> None:
        """The program of the step in view; in the background where its start is far from what is remembered."""
        self.whole, end = step_again(self.session), end_of_step(self.session)
        if self.session.fixed or self.whole.approach(end, SLICE):
            self.take_program()
        else:
            self.said = GOING
            self.bring_step(end)

    @work(exclusive=True, group="torch")
    async def bring_step(self, end: int) -> None:
        while not self.whole.approach(end, SLICE):
            await breathe()
        self.said = ""
        self.take_program()
        self.update()

    def take_program(self) -> None:
        try:
            self.program = torch_program(self.whole, GIVEN)
        except PresetError as problem:
            self.said = str(problem)

    def action_activate(self) -> None:
        if self.torch and self.program is not None and self.said != RUNNING and can_run():
            self.run_program(self.program)

    @work(exclusive=True, group="torch")
    async def run_program(self, program: TorchProgram) -> None:
        """Have PyTorch do the step in a process of its own, and put its numbers beside ours."""
        self.said, self.answer = RUNNING, None
        self.update()
        try:
            with TemporaryDirectory() as folder:
                errors = await run_script(write_script(program, Path(folder)))
                self.said = f"PyTorch gave no answer: {errors}" if errors else ""
                if not errors:
                    self.answer = read_answer(self.whole, program, Path(folder), self.view.spotlight)
        except (OSError, PresetError) as problem:
            self.said = str(problem)
        self.scrolled = 0
        self.update()

    def torch_page(self, width: int) -> list[Strip]:
        """What PyTorch answered, or how to ask it; then the program."""
        look, palette = self.view.look, self.view.look.palette
        lines = text_lines(f"Step {self.session.position.step} in PyTorch", width, 2, look, palette.text)
        lines.append(Strip([]))
        if self.answer is not None:
            lines += answer_lines(self.answer, width, look)
        elif self.said:
            lines += text_lines(
                self.said, width, 4, look, palette.accent if self.said in (RUNNING, GOING) else palette.warning
            )
        else:
            many = [ARRAYS] if self.program is not None and self.program.arrays else []
            ready = READY if can_run() else ELSEWHERE if is_visitor() else WITHOUT
            ready = ready.format(x=look.keys.said("x"))
            lines += status_lines([" ".join([ready, *many])], width, look)
        lines.append(Strip([]))
        for text in () if self.program is None else self.program.lines:
            lines += self.wrapped("", text, style(palette.dim if text.startswith("#") else palette.text), width)
        return lines

    # This program

    @property
    def op(self) -> Op:
        """The event in view; before the first one, and behind one that no longer is there, that of the boundary."""
        session = self.session
        return session.op or (session.plan.finished if session.step else session.plan.started)

    def hints(self) -> list[tuple[str, str]]:
        turn = ("tab", "this program" if self.torch else "PyTorch")
        runs = self.torch and self.program is not None and can_run()
        return [turn, *([("enter", "run it")] if runs else []), ("← →", self.view.unit)]

    def lines(self, width: int) -> list[Strip]:
        if self.torch:
            return self.torch_page(width)
        key = (self.op, width, self.view.look)
        if key != self.drawn:
            self.drawn, self.kept = key, self.page(self.op, width)
        return self.kept

    def page(self, op: Op, width: int) -> list[Strip]:
        look, palette, plan = self.view.look, self.view.look.palette, self.session.plan
        phase = phase_of(op)
        where = op.name if phase is None else place(op, self.view.last(self.session))
        color = palette.text if phase is None else phase_color(phase, palette)
        lines = text_lines(where.replace(" · ", f" {look.glyphs.separator} "), width, 2, look, color)
        for formula in filter(None, op.rule.split("   ")):
            lines += text_lines(formula, width, 2, look, palette.text)
        if phase is None:
            lines += text_lines(op.why, width, 3, look)
        lines.append(Strip([]))
        maker = running(op, plan)
        if maker is not op:
            lines += text_lines(SHARED, width, 3, look)
        trainer = self.session.trainer
        texts = call_texts(maker, plan, running_statistics(trainer.layers, trainer.state.statistics))
        for text in texts:
            lines += self.wrapped("  ", text, style(palette.accent), width)
        if not texts:
            lines += text_lines(NO_CALLS, width, 1, look)
        try:
            found = excerpts(op, plan)
        except LookupError as problem:
            return [*lines, Strip([]), *text_lines(str(problem), width, 4, look, palette.warning)]
        for excerpt in found:
            lines += [Strip([]), *self.excerpt_lines(excerpt, width)]
        return lines

    def excerpt_lines(self, excerpt: Excerpt, width: int) -> list[Strip]:
        """An excerpt under its file, with the numbers of its lines; those that say what is called are marked."""
        look, palette = self.view.look, self.view.look.palette
        head: list[Part] = [
            (excerpt.place, style(palette.text, bold=True)),
            (f"  {excerpt.function}", style(palette.dim)),
        ]
        lines = [line([(look.text(text), of) for text, of in head], width)]
        digits = len(str(excerpt.lines[-1].number))
        previous = excerpt.lines[0].number
        for one in excerpt.lines:
            if one.number > previous + 1:
                left_out = f"{look.glyphs.ellipsis:>{digits}}   {one.number - previous - 1} lines"
                lines.append(line([(left_out, style(palette.dim))], width))
            lines += self.code_line(one, digits, width)
            previous = one.number
        return lines

    def code_line(self, one: SourceLine, digits: int, width: int) -> list[Strip]:
        look, palette = self.view.look, self.view.look.palette
        mark = look.glyphs.cursor if one.marked else " "
        of = style(palette.accent, bold=True) if one.marked else style(palette.text)
        return self.wrapped(f"{one.number:>{digits}} {mark} ", one.text, of, width)

    def wrapped(self, head: str, text: str, of: Style, width: int) -> list[Strip]:
        """`text` behind `head`, on as many lines as it needs, the others as far in and a little more."""
        look = self.view.look
        text = look.text(text)
        depth = len(text) - len(text.lstrip())
        room = max(width - len(head), 1)
        indent = min(depth + 4, max(room - LEAST_CODE, 0))
        first, rest = broken(text, room)
        lines = [line([(head, style(look.palette.dim)), (first, of)], width)]
        while rest:
            piece, rest = broken(rest, room - indent)
            lines.append(line([(" " * (len(head) + indent), None), (piece, of)], width))
        return lines


def can_run() -> bool:
    """Whether PyTorch can be asked here; not by a visitor, since a program would be run on the server."""
    return not is_visitor() and has_torch()


async def run_script(path: Path) -> str:
    """Run a program in its folder by this very Python; what went wrong, in a line, empty where nothing did."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        path.name,
        cwd=path.parent,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        return f"it took longer than {PATIENCE} seconds"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return problem_of(errors.decode(errors="replace")) if process.returncode else ""


def broken(text: str, room: int) -> tuple[str, str]:
    """What of `text` has room, up to a space where there is one in the second half of it, and the rest."""
    if len(text) <= room:
        return text, ""
    at = text.rfind(" ", room // 2, room + 1)
    return (text[:room], text[room:]) if at < 0 else (text[:at], text[at + 1 :])
