"""A step as a program in PyTorch, and what PyTorch says of it beside this program's numbers."""

from collections.abc import Iterable

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.worked.torch_answer import Compared, TorchAnswer
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.strips import Part, line, style, text_lines

NUMBER, DIGITS = 13, 9
TEXT_ROWS = 4
ELSEWHERE = (
    "No program is run on a server: {x} has this one as a file that ends in .py, which does the step where PyTorch is."
)
WITHOUT = (
    "PyTorch is not installed beside this program: pip install 'backprop-tui[torch]', and enter runs this here. {x} on "
    "the screen below writes it to a file, NAME.py, which runs wherever PyTorch is."
)
READY = (
    "enter runs it in PyTorch, and puts its numbers beside ours. {x} on the screen below writes it to a file, NAME.py."
)
ARRAYS = "Its numbers are too many to stand in it; then they are in NAME.npz beside it."
RUNNING = "PyTorch is at work …"
GOING = "On the way to the start of the step …"
AGREE = "and this program agree: what differs is rounding."
DIFFER = "and this program differ by more than rounding mostly makes, where a row is marked."
NOTHING_LEFT = "both 0: but for rounding, which is all that differs; such is the gradient of a bias before batch norm."
AS_ZERO = "both 0"
"""In place of how far two numbers are apart of which only rounding is left."""
HEADS = ("here", "PyTorch", "differ by")
"""Of the columns; the last is the difference over the largest entry."""


def answer_lines(answer: TorchAnswer, width: int, look: Look) -> list[Strip]:
    """The verdict, the spotlight's gradient, then every gradient and new parameter at the entry that differs most."""
    palette = look.palette
    verdict = f"PyTorch {answer.version.partition('+')[0]} {AGREE if answer.agrees else DIFFER}"
    lines = text_lines(verdict, width, TEXT_ROWS, look, palette.accent if answer.agrees else palette.warning)
    names = max(cell_len(look.text(one.name)) for one in (answer.spotlight, *answer.gradients, *answer.updates))
    lines.append(heading("gradients", names, width, look))
    lines.append(row(answer.spotlight, names, width, look, mark=look.glyphs.cursor))
    lines += [row(one, names, width, look) for one in answer.gradients]
    if answer.updates:
        lines.append(heading("after the update", names, width, look))
        lines += [row(one, names, width, look) for one in answer.updates]
    if any(one.as_zero for one in answer.gradients):
        lines += text_lines(NOTHING_LEFT, width, TEXT_ROWS, look)
    left_out = sum(one.left_out for one in answer.updates)
    if left_out:
        text = (
            f"{format_count(left_out)} new parameters are not compared: their gradient is 0 but for rounding, and the "
            "optimizer makes a step of that."
        )
        lines += text_lines(text, width, TEXT_ROWS, look)
    return lines


def heading(title: str, names: int, width: int, look: Look) -> Strip:
    """The title, and over each column what is in it."""
    heads = "".join(f" {head:>{NUMBER}}" for head in HEADS[: columns(names, width)])
    # A title may reach into the first column, whose head stands at its right.
    whole = " " * (names + 2) + heads
    return line([(look.text(title + whole[len(title) :]), style(look.palette.dim))], width)


def columns(names: int, width: int) -> int:
    """How many numbers have room behind a name; no number is cut."""
    return max((width - names - 2) // (NUMBER + 1), 0)


def row(one: Compared, names: int, width: int, look: Look, mark: str = " ") -> Strip:
    """`dW⁽¹⁾₁,₁ −0.0018860987 −0.0018860987 1.2e-16`: the difference over the largest entry."""
    palette = look.palette
    color = palette.text if one.rounding else palette.warning
    sign = (f"{mark} ", style(palette.accent)) if one.rounding else ("! ", style(palette.warning, bold=True))
    parts: list[Part] = [sign, (padded(one.name, names, look), style(color))]
    texts = [format_number(value, NUMBER, DIGITS, look.glyphs) for value in (one.ours, one.torch)]
    texts.append(AS_ZERO if one.as_zero else format_number(one.difference, NUMBER, 2, look.glyphs))
    parts += [(f" {text:>{NUMBER}}", style(color)) for text in texts[: columns(names, width)]]
    return line(parts, width)


def padded(name: str, width: int, look: Look) -> str:
    text = look.text(name)
    return text + " " * (width - cell_len(text))


def status_lines(texts: Iterable[str], width: int, look: Look) -> list[Strip]:
    """What may be done with the program, or why there is none."""
    return [strip for text in texts for strip in text_lines(text, width, TEXT_ROWS, look, look.palette.text)]
