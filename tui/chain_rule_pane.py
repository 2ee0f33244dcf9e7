"""The chain-rule pane: the op in view, its rule in symbols and in numbers, and where each number came from."""

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule import Origin, Statement, origins, place, statements, summary
from backprop_tui.core.event import PHASES, Op, Phase
from backprop_tui.core.quantity import Quantity
from backprop_tui.core.session import Session

from .bars import PhaseOps, phase_color, step_strip
from .drawing import Part, fit, line, style, text_lines
from .glyphs import Look
from .matrix import matrix_lines
from .messages import OpWanted
from .numbers import format_number
from .pane import Pane
from .view import View

NARROW_STRIP = 34
MATRIX_ROWS = 6
"""A quantity of at most so many rows is shown whole."""
INDENT = 2


def chain_rule_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The pane's lines for the position of the session."""
    op = session.op
    if op is None:
        return with_sign_of_more(opening_lines(session, view, width), view, width, height)
    if op.phase in ("start", "finish"):
        return with_sign_of_more(finish_lines(session, view, width), view, width, height)
    return op_lines(session, op, view, width, height)


def opening_lines(session: Session, view: View, width: int) -> list[Strip]:
    """Before the first op: what there is to come, and which key starts it."""
    look, palette = view.look, view.look.palette
    first = session.plan.ops[0]
    lines = [heading_line(session, "before the first op of step 1", None, view, width)]
    lines += [
        Strip([]),
        *text_lines("Nothing has been computed yet: what is blank is not 0.", width, 2, look, palette.text),
    ]
    lines += text_lines(f"→ runs the first op: {place(first, view.last(session))}", width, 2, look, palette.text)
    lines += text_lines("space plays; 1 … 5 choose how far one press goes", width, 2, look)
    return [*lines, Strip([]), *rule_lines(first, view, width)]


def finish_lines(session: Session, view: View, width: int) -> list[Strip]:
    """After a step: what it came to for the parameter in the spotlight."""
    look, palette, spotlight = view.look, view.look.palette, view.spotlight
    lines = [heading_line(session, f"step {session.position.step} finished", None, view, width)]
    loss = number(session.plan.loss(), look)
    lines += text_lines(
        f"All parameters have changed at once: θ ← θ + Δθ. The batch had a loss of ℒ = {loss}.",
        width,
        3,
        look,
        palette.text,
    )
    symbol = "b" if spotlight.input is None else "W"
    gradient, change, parameter = (session.plan[name + symbol, spotlight.layer] for name in ("d", "Δ", ""))
    index = spotlight.entry(parameter, view.last(session))
    op = session.plan.writer(gradient)
    assert op is not None
    # The gradient's factors are still there; what the update was worked out from has been replaced by its result.
    shown = next(s for s in statements(op, spotlight, view.last(session)) if s.quantity is gradient)
    lines += [Strip([]), *statement_lines(shown, view, width, None), Strip([])]
    lines += text_lines(f"{change.entry(index)} = {number(change.value(index), look)}", width, 1, look, palette.text)
    now = f"{parameter.entry(index)} is now {number(parameter.value(index), look)}"
    return [*lines, *text_lines(now, width, 2, look, palette.text)]


def op_lines(session: Session, op: Op, view: View, width: int, height: int) -> list[Strip]:
    """One op: the rule, the numbers, the origins, and as room allows why and the matrices."""
    look, last = view.look, view.last(session)
    shown = statements(op, view.spotlight, last, view.wanted)
    found = origins(shown[0], session.plan, last)
    chosen = view.factor % len(found) if found else 0
    numbers = [
        strip
        for index, one in enumerate(shown)
        for strip in statement_lines(one, view, width, found[chosen] if index == 0 and found else None)
    ]
    lines = [heading_line(session, place(op, last), op, view, width), *rule_lines(op, view, width)]
    sides = sides_lines(op, view, width)
    if len(lines) + len(sides) + len(numbers) + 2 <= height:
        # Where they would leave no room for a factor, the rule has to speak for itself.
        lines += sides
    lines += numbers
    room = height - len(lines)
    if len(found) > room > 1:
        # Those about the chosen one, above the sign that there are more.
        first = min(max(chosen - (room - 1) // 2, 0), len(found) - room + 1)
        found, chosen = found[first:], chosen - first
    lines += [origin_line(origin, index == chosen, view, width) for index, origin in enumerate(found)]
    lines += text_lines(op.why, width, 2, look)
    lines += matrix_block(op, view, last, width, height - len(lines))
    return with_sign_of_more(lines, view, width, height)


def with_sign_of_more(lines: list[Strip], view: View, width: int, height: int) -> list[Strip]:
    """Where the room is too small the last line says so, and how to see the rest."""
    if len(lines) <= height or height < 1:
        return lines
    text = fit("… more: ↑ ↓, or z for the whole screen", width, view.look)
    return [*lines[: height - 1], line([(text, style(view.look.palette.accent))], width)]


def phase_of(op: Op | None) -> Phase | None:
    """The phase of an op; None at the boundaries of a step."""
    return None if op is None or op.phase == "start" or op.phase == "finish" else op.phase


def heading_line(session: Session, text: str, op: Op | None, view: View, width: int) -> Strip:
    """Where we are, and at the right the whole step with this op marked."""
    look = view.look
    color = phase_color(phase, look.palette) if (phase := phase_of(op)) else look.palette.text
    text = fit(text.replace(" · ", f" {look.glyphs.separator} "), width, look)
    room = width - cell_len(text) - 2
    parts: list[Part] = [(text, style(color, bold=True))]
    if room < NARROW_STRIP:
        return line(parts, width)
    phases = [PhaseOps(phase, sum(o.phase == phase for o in session.plan.ops)) for phase in PHASES]
    cursor = op.place - 1 if op is not None else None
    strip = step_strip(phases, cursor, min(room, 60), look)
    gap = Strip([*line(parts, width), *line([(" " * (width - cell_len(text) - strip.cell_length), None)], width)])
    return Strip.join([gap, strip])


def rule_lines(op: Op, view: View, width: int) -> list[Strip]:
    """The rule in symbols, on one line where there is room."""
    look, palette = view.look, view.look.palette
    lines = [strip for part in op.rule.split("   ") for strip in wrapped(part, width, look, palette.accent, INDENT)]
    joined = "   ".join(op.rule.split("   "))
    if cell_len(look.text(joined)) <= width:
        lines = [line([(look.text(joined), style(palette.accent))], width)]
    return lines


def sides_lines(op: Op, view: View, width: int) -> list[Strip]:
    """Which side of the rule is upstream, which local; nothing for an op that has no such sides."""
    if op.upstream is None or op.local is None:
        return []
    names = f"upstream {op.upstream.name} {view.look.glyphs.times} local {op.local.name}"
    note = " (per example)" if op.upstream.array.shape[-1] > 1 else ""
    return text_lines(names + note, width, 2, view.look)


def wrapped(text: str, width: int, look: Look, color: str, indent: int) -> list[Strip]:
    """`text` broken between words, all lines but the first indented."""
    bare = text.lstrip()
    rows = [" " * (len(text) - len(bare))]
    for word in look.text(bare).split(" "):
        separated = rows[-1] + (" " if rows[-1].strip() else "") + word
        if cell_len(separated) <= width or not rows[-1].strip():
            rows[-1] = separated
        else:
            rows.append(" " * indent + word)
    return [line([(fit(row, width, look), style(color))], width) for row in rows]


def number(value: float, look: Look) -> str:
    return format_number(value, 12, 6, look.glyphs)


def statement_lines(shown: Statement, view: View, width: int, chosen: Origin | None) -> list[Strip]:
    """`name = symbols = numbers = value`, on one line where there is room, else a line for each."""
    look, palette = view.look, view.look.palette

    def form(value: float) -> str:
        return format_number(value, 12, 6)

    name, symbols = look.text(shown.name), look.text(shown.symbols())
    numbers, value = look.text(shown.numbers(form)), look.text(form(shown.value))
    name_style, dim = style(palette.text, bold=True), style(palette.dim)
    symbol_style, value_style = style(palette.text), style(sign_color(shown.value, look), bold=True)
    tail: list[Part] = [(" = ", dim), (value, value_style)]
    middle: list[Part] = [] if numbers == value else [(" = ", dim), (numbers, symbol_style)]
    single: list[Part] = [(name, name_style), (" = ", dim), *highlighted(symbols, chosen, look), *middle, *tail]
    if sum(cell_len(text) for text, _ in single) <= width:
        return [line(single, width)]
    lines = wrapped(f"{name} = {symbols}", width, look, palette.text, INDENT)
    if middle:
        lines += wrapped(" " * INDENT + "= " + numbers, width, look, palette.text, 2 * INDENT)
    return [*lines, line([(" " * INDENT, None), ("= ", dim), (value, value_style)], width)]


def highlighted(symbols: str, chosen: Origin | None, look: Look) -> list[Part]:
    """The symbols with the chosen factor standing out."""
    normal = style(look.palette.text)
    if chosen is None:
        return [(symbols, normal)]
    before, name, behind = symbols.partition(look.text(chosen.reference.symbols()))
    return [(before, normal), (name, style(look.palette.accent, bold=True)), (behind, normal)]


def sign_color(value: float, look: Look) -> str:
    palette = look.palette
    return palette.positive if value > 0 else palette.negative if value < 0 else palette.text


def factors(session: Session, view: View) -> list[Origin]:
    """The factors that can be chosen: those of the op's first statement."""
    op = session.op
    if op is None or op.phase in ("start", "finish"):
        return []
    shown = statements(op, view.spotlight, view.last(session), view.wanted)
    return origins(shown[0], session.plan, view.last(session)) if shown else []


def origin_line(origin: Origin, chosen: bool, view: View, width: int) -> Strip:
    """`▸ dA⁽²⁾₁,₁ = −0.232629   ← backward · layer 2 of 2 · dA (op 6)`."""
    look, palette = view.look, view.look.palette
    mark = look.glyphs.cursor if chosen else " "
    factor = f"{look.text(origin.reference.symbols())} = {number(origin.reference.value(), look)}"
    source = look.text(origin.text.replace(" · ", f" {look.glyphs.separator} "))
    behind = fit(f"   {look.glyphs.left} {source}", max(0, width - cell_len(factor) - 2), look)
    parts: list[Part] = [
        (f"{mark} ", style(palette.accent)),
        (factor, style(palette.text, bold=chosen)),
        (behind, style(palette.dim)),
    ]
    return line(parts, width)


def matrix_block(op: Op, view: View, last: int, width: int, height: int) -> list[Strip]:
    """What the op wrote, small matrices whole, large ones as shape, range and norm."""
    lines: list[Strip] = []
    for quantity in op.writes:
        if quantity.array.size == 1 or height - len(lines) < 2:
            continue
        lines += quantity_lines(quantity, view, last, width, height - len(lines))
    return lines


def quantity_lines(quantity: Quantity, view: View, last: int, width: int, height: int) -> list[Strip]:
    """One quantity under its name."""
    look, palette = view.look, view.look.palette
    shape = look.glyphs.times.join(map(str, quantity.array.shape))
    per_example = " per example" if quantity.per_example and quantity.array.shape[-1] > 1 else ""
    found = summary(quantity)
    spread = f"  {number(found.low, look)} … {number(found.high, look)}  norm {number(found.norm, look)}"
    title = fit(f"{quantity.name} {shape}{per_example}{spread}", width, look)
    head = line([(title, style(palette.dim))], width)
    rows = quantity.array.shape[0]
    if rows > min(MATRIX_ROWS, height - 1):
        return [head]
    spotlight = quantity.array.ndim == 2 and view.spotlight.entry(quantity, last)
    place = (spotlight[0], spotlight[1]) if spotlight else None
    return [head, *matrix_lines(quantity.array, width, height - 1, look, spotlight=place)]


class ChainRulePane(Pane):
    """↑ ↓ choose a factor, enter goes to the op that made it."""

    interval = 0.2

    def draw(self, width: int, height: int) -> list[Strip]:
        return chain_rule_lines(self.session, self.view, width, height)

    def move(self, rows: int) -> None:
        found = factors(self.session, self.view)
        if found:
            self.view.factor = (self.view.factor + rows) % len(found)
            self.update()

    def activate(self) -> None:
        found = factors(self.session, self.view)
        if found:
            origin = found[self.view.factor % len(found)]
            if origin.op is not None and origin.op.phase != "start":
                self.post_message(OpWanted(origin.op, origin.reference))
