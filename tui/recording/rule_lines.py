"""The chain rule of the chosen module: of a linear one with its recorded numbers, of any other what is known of it."""

from collections.abc import Callable
from math import isfinite

from textual.strip import Strip

from backprop_tui.core.chain_rule.statements import summary
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.recording.kept_step import Floats, ModuleFigures
from backprop_tui.core.recording.linear_rule import LinearStep, RecordedStatement, statements
from backprop_tui.core.recording.recorded_modules import BIAS, Module
from backprop_tui.tui.chain_rule.page import Page
from backprop_tui.tui.chain_rule.said_numbers import number
from backprop_tui.tui.chain_rule.statement_lines import equation_lines, wrapped
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.matrix import matrix_lines
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines

from .kept_run import KeptRun, RecordedView, in_view, weight_shape
from .module_lines import NO_STEP

RULES = ("dW = dZᵀ A", "db = Σ dZ over rows", "dA = dZ W")
LABEL = 11
FEW = 6
"""A matrix of at most so many rows is shown whole."""
CLOSE = 1e-4
"""Below it two gradients differ by rounding in single precision."""


def rule_page(run: KeptRun, view: RecordedView, width: int) -> Page:
    """The page of the chosen module."""
    page, module = Page(), in_view(run, view)
    if run.step is None or module is None:
        page.add(text_lines(NO_STEP, width, 4, view.look))
        return page
    page.head.append(heading(run, module, view, width))
    linear = run.linear_of(module)
    if linear is None:
        page.add(other_lines(run, module, view, width))
    else:
        page.add(linear_lines(linear[0], linear[1], view, width))
    for note in run.step.notes:
        page.add(text_lines(f"Note: {note}.", width, 3, view.look))
    return page


def heading(run: KeptRun, module: Module, view: RecordedView, width: int) -> Strip:
    """`backward · module 3 of 7 · net.2 Linear 16→4`."""
    look = view.look
    rows, columns = weight_shape(run, module)
    size = f" {columns}→{rows}" if module.weight is not None and run.step is not None else ""
    place = run.modules.index(module) + 1
    dot = look.glyphs.separator
    text = f"backward {dot} module {place} of {len(run.modules)} {dot} {module.name} {module.kind}{size}"
    return line([(look.text(text), style(look.palette.backward, bold=True))], width)


def linear_lines(linear: LinearStep, distance: float | None, view: RecordedView, width: int) -> list[Strip]:
    """The three rules, the spotlight's numbers in them, how far all of dW is apart, and the matrices."""
    look, palette = view.look, view.look.palette
    rules = [rule for rule in RULES if BIAS in linear.module.parameters or not rule.startswith("db")]
    lines = [line([(look.text("   ".join(rules)), style(palette.accent))], width)]
    output = min(view.output, linear.dZ.shape[1] - 1)
    source = min(view.source, linear.A.shape[1] - 1)
    for shown in statements(linear, output, source, view.row % linear.rows):
        lines += statement_lines(shown, linear, view, width)
    lines += apart_lines(linear, distance, view, width)
    lines.append(Strip([]))
    said = (
        f"A: input, {rows_text(linear.rows, linear.module.calls)}. dZ: the gradient that arrived at the output, of the "
        "loss that backward was called on (1/m is in it)."
    )
    lines += text_lines(said, width, 3, look)
    for name, array in (("A", linear.A), ("dZ", linear.dZ), ("W", linear.W)):
        if array is not None:
            lines += matrix_block(name, array, view, width)
    return lines


def rows_text(rows: int, calls: int) -> str:
    """`a row an example or position, 32 of them`."""
    of_calls = "" if calls == 1 else f" of {calls} calls"
    return f"one row an example or position, {rows:,} of them{of_calls}"


def statement_lines(shown: RecordedStatement, linear: LinearStep, view: RecordedView, width: int) -> list[Strip]:
    """The statement, and beside what it comes to the number that PyTorch, or whoever trained, had."""
    look, palette = view.look, view.look.palette
    lines = equation_lines(shown.name, shown.expression, shown.value, look, width)
    if shown.recorded is None:
        return lines
    times = f" {look.glyphs.times} {linear.factor:.6g}" if linear.factor != 1 else ""
    text = f"recorded {shown.name}{times and ', after clipping or scaling'} = {number(shown.recorded, look)}"
    return [*lines, *wrapped(text, width, look, palette.text, 2)]


def apart_lines(linear: LinearStep, distance: float | None, view: RecordedView, width: int) -> list[Strip]:
    """How far dZᵀA is from the recorded gradient, over the whole matrix."""
    look, palette = view.look, view.look.palette
    if distance is None:
        text = "The gradient of this weight was not kept, so there is nothing to hold dZᵀA against."
        return text_lines(text, width, 3, look)
    times = f"{linear.factor:.6g} · " if linear.factor != 1 else ""
    text = f"All of {times}dZᵀA is {number(distance, look)} of its norm from the gradient that was recorded"
    if not isfinite(distance):
        return text_lines(
            f"{times}dZᵀA cannot be held against the recorded gradient: not all is finite.", width, 3, look
        )
    if distance <= CLOSE:
        return text_lines(f"{text}: the rounding of its numbers.", width, 3, look, palette.positive)
    why = (
        ": this module is not all that made it, or something was done to it before the optimizer got it "
        "(clipping, a penalty, another use of the weight, half precision)."
    )
    return text_lines(text + why, width, 4, look, palette.warning)


def matrix_block(name: str, array: Floats, view: RecordedView, width: int) -> list[Strip]:
    """A small matrix whole, a larger one by shape, range and norm."""
    look, palette = view.look, view.look.palette
    shape = look.glyphs.times.join(map(str, array.shape))
    found = summary(Quantity(name, None, array, (), ""))
    spread = f"{number(found.low, look)} … {number(found.high, look)}  norm {number(found.norm, look)}"
    head = wrapped(f"{name} {shape}  {spread}", width, look, palette.dim, 2)
    return head if len(array) > FEW else [*head, *matrix_lines(array, width, FEW + 1, look)]


def other_lines(run: KeptRun, module: Module, view: RecordedView, width: int) -> list[Strip]:
    """What is known of a module whose op is not explained: why, its settings, and its figures."""
    look, palette = view.look, view.look.palette
    assert run.step is not None
    lines = text_lines(why_not(run, module), width, 4, look, palette.text)
    if module.settings:
        said = ", ".join(f"{name} = {value}" for name, value in module.settings.items())
        lines += text_lines(said, width, 4, look)
    lines.append(Strip([]))
    for name, text in named_figures(run.step.figures(module), look.glyphs.times, lambda value: number(value, look)):
        lines += labelled(name, text, look, width)
    for own, full in module.parameters.items():
        shape = run.step.shapes.get(f"θ/{full}")
        size = "not kept" if shape is None else look.glyphs.times.join(map(str, shape[0])) or "one number"
        lines += labelled(own, f"{full}, {size}", look, width)
    return lines


def why_not(run: KeptRun, module: Module) -> str:
    """Why the module is not explained."""
    assert run.step is not None
    if module.kind.endswith("Linear"):
        missing = [name for name in ("A", "dZ") if f"{name}/{module.number}" not in run.step.shapes]
        if missing:
            return f"Its dW is not explained here: of this step {' and '.join(missing)} of it were not kept."
        return "Its dW is not explained here: the shapes of A, dZ and its weight do not go together."
    return f"What {module.kind} does with its numbers is not explained here; a linear module is: ↑ ↓ in Gradients."


def named_figures(figures: ModuleFigures, times: str, form: Callable[[float], str]) -> list[tuple[str, str]]:
    """What is known of it, by name."""
    shares = {"zeros": figures.zeros, "saturated": figures.saturated}
    named = {
        "‖θ‖": figures.weights,
        "‖g‖": figures.gradient,
        "‖Δθ‖": figures.change,
        "‖dZ‖": figures.at_output,
        "mean": figures.mean,
        "std": figures.std,
    }
    found = [("output", times.join(map(str, figures.shape)))] if figures.shape else []
    found += [(name, form(value)) for name, value in named.items() if value is not None]
    return found + [(name, f"{share:.1%} of its output") for name, share in shares.items() if share is not None]


def labelled(label: str, text: str, look: Look, width: int) -> list[Strip]:
    """The text beside its label."""
    parts: list[Part] = [(look.text(f"{fit(label, LABEL - 1, look):<{LABEL}}"), style(look.palette.dim))]
    return [line([*parts, (fit(text, max(width - LABEL, 0), look), style(look.palette.text))], width)]
