"""The paths of the spotlight's gradient: from the loss down to the parameter, every factor on a log scale."""

from functools import partial

from textual.strip import Strip

from backprop_tui.core.chain_rule.paths import Factor, Path, PathView, path_view
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import origin_text
from backprop_tui.core.session.excursion import in_last_step, last_step
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.bars import bar_text
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines
from backprop_tui.tui.panes.view import View

from .page import Choice, Page, dimmed
from .path_words import examples_texts, gradient_of, last_text, missing, path_sentences
from .said_numbers import log_text, number, percent

KILLS = -1.0
"""A factor of a tenth or less takes a digit of the gradient."""
SCALE = 3.0
"""Powers of ten that a full bar stands for."""
BAR, NARROW_BAR = 12, 6
ROOMY = 100
"""The width from which there is room for the wider bars."""


@dataclass(frozen=True, slots=True)
class Read:
    """The paths of a step with so many `examples` in its batch, which is `steps` from the one in hand: 0 or −1."""

    found: PathView
    examples: int
    steps: int = 0


class PathReader:
    """Reads the paths of the parameter in the spotlight off a session, once for each position.

    `alone`: only those of the spotlight's example. `opened` is the path whose factors are listed, if any; it stays
    open from position to position, and is the strongest for another parameter.
    """

    def __init__(self) -> None:
        self.key: object = None
        self.subject: object = None
        self.found: PathView | None = None
        self.last: tuple[object, Read | None] = ((), None)
        self.alone = False
        self.opened: int | None = 0

    def read(self, session: Session, view: View) -> PathView:
        key = (*self.subject_of(session, view), session.count, self.alone)
        if self.found is None or self.key != key:
            self.key, self.found = key, self.paths_of(session, view)
        return self.found

    def subject_of(self, session: Session, view: View) -> tuple[int, Spotlight]:
        """What paths are read of; of another than before the strongest is opened."""
        subject = (id(session), view.spotlight)
        if self.subject != subject:
            self.subject, self.opened = subject, 0
        return subject

    def paths_of(self, session: Session, view: View) -> PathView:
        """The paths of the step in hand, whose gradient is computed."""
        example = view.spotlight.example if self.alone and session.plan.examples > 1 else None
        return path_view(session.plan, gradient_of(session, view), view.spotlight.index, example)

    def read_last(self, session: Session, view: View) -> Read | None:
        """The paths of the last finished step; None where there is none, and where going back there takes long."""
        steps = 0 if session.position.finished else -1
        key = (*self.subject_of(session, view), last_step(session), steps, self.alone)
        if self.last[0] != key:
            found = in_last_step(session, lambda: Read(self.paths_of(session, view), session.plan.examples, steps))
            self.last = (key, found)
        return self.last[1]

    def page(self, session: Session, view: View, width: int) -> Page:
        """The paths; as long as they are not there those of the step before, dim, below a line that says so."""
        reason = missing(session, view, gradient_of(session, view), "paths")
        if not reason:
            return self.path_page(Read(self.read(session, view), session.plan.examples), session, view, width)
        last = None if view.playing else self.read_last(session, view)
        if last is None:
            page = Page()
            page.add(text_lines(reason, width, 4, view.look, view.look.palette.text))
            return page
        return dimmed(self.path_page(last, session, view, width), last_text(reason, session), view.look, width)

    def path_page(self, read: Read, session: Session, view: View, width: int) -> Page:
        """What the paths come to, whose they are, and each of them; below the opened one its factors.

        All of these can be chosen; what enter does there stands in the page's head.
        """
        page, found, examples = Page(), read.found, read.examples
        for text, color in summary_texts(found, examples, view):
            page.add(text_lines(text, width, 3, view.look, color))
        first = 1 if examples > 1 else 0
        opened_paths = () if self.opened is None else found.paths[self.opened : self.opened + 1]
        chosen = view.factor % (first + len(found.paths) + sum(len(path.factors) for path in opened_paths))
        hint = ""
        if first:
            switch = Choice(act=partial(self.switch, view))
            which = examples_texts(min(view.spotlight.example, examples - 1), examples)
            page.offer(switch, [examples_line(which[self.alone], chosen == 0, view, width)])
            hint = f"enter: {which[not self.alone]}"
        for position, path in enumerate(found.paths):
            opened, here = position == self.opened, len(page.choices)
            choice = Choice(act=partial(self.open, view, position, first + position))
            page.offer(choice, [path_line(position, path, here == chosen, view, width)])
            if here == chosen:
                hint = f"path {position + 1}: enter {'closes it' if opened else 'lists its factors'}"
            if opened:
                hint = offer_factors(page, path, chosen, read.steps, session, view, width) or hint
        page.head.append(line([(fit(hint, width, view.look), style(view.look.palette.accent))], width))
        return page

    def switch(self, view: View) -> None:
        """From the paths of all examples to those of one, and back."""
        self.alone, self.opened, view.factor = not self.alone, 0, 0

    def open(self, view: View, position: int, choice: int) -> None:
        """List the factors of a path, or no longer; it is at `choice` then, as no other path before it is open."""
        self.opened = None if self.opened == position else position
        view.factor = choice


def examples_line(text: str, chosen: bool, view: View, width: int) -> Strip:
    """`▸ paths of all 10 examples`."""
    look, palette = view.look, view.look.palette
    mark = look.glyphs.cursor if chosen else " "
    return line([(f"{mark} ", style(palette.accent)), (text, style(palette.text, bold=chosen))], width)


def summary_texts(found: PathView, examples: int, view: View) -> list[tuple[str, str]]:
    """What is said of all paths together, the first sentence in the color of text."""
    palette = view.look.palette
    sentences = path_sentences(found, examples, view)
    return [(said, palette.dim if place else palette.text) for place, said in enumerate(sentences)]


def path_line(position: int, path: Path, chosen: bool, view: View, width: int) -> Strip:
    """`▸ 1  −0.00123  65 %  ███████`."""
    look, palette = view.look, view.look.palette
    mark = look.glyphs.cursor if chosen else " "
    text = f"path {position + 1}  {number(path.product, look):>12}  {percent(path.share):>8} of Σ|paths|  "
    parts: list[Part] = [
        (f"{mark} ", style(palette.accent)),
        (look.text(text), style(palette.text, bold=chosen)),
        (
            bar_text(path.share, bar_width(width), look),
            style(palette.positive if path.product >= 0 else palette.negative),
        ),
    ]
    return line(parts, width)


def bar_width(width: int) -> int:
    return BAR if width >= ROOMY else NARROW_BAR


def offer_factors(page: Page, path: Path, chosen: int, steps: int, session: Session, view: View, width: int) -> str:
    """The factors of a path from the loss down, each with log₁₀ of it, a bar, and log₁₀ of all up to there.

    They are those of a step that is `steps` from the one in hand.
    Returns where the chosen one leads to, empty where none of them is chosen.
    """
    look = view.look
    names = [look.text(factor.symbol) for factor in path.factors]
    room = max(8, min(max(map(len, names), default=8), width - 60))
    titles = look.text(f"    {'factor':<{room}}  {'value':>12}  {'log₁₀':>6}  {'so far':>6}")
    page.add([line([(titles, style(look.palette.dim))], width)])
    total, hint = 0.0, ""
    for factor, name in zip(path.factors, names, strict=True):
        total += factor.log10
        choice, is_chosen = choice_of(factor, steps, session), len(page.choices) == chosen
        page.offer(choice, [factor_line(factor, name, room, total, is_chosen, view, width)])
        if is_chosen:
            hint = goal_text(factor, choice, session, view)
    return hint


def choice_of(factor: Factor, steps: int, session: Session) -> Choice:
    """To the op of its step that made a factor; nowhere for a parameter, the batch and a constant."""
    op = None if factor.reference is None else session.plan.writer(factor.reference.quantity)
    return Choice(factor.reference, None if op is None or op.phase == "start" else op, steps)


def goal_text(factor: Factor, choice: Choice, session: Session, view: View) -> str:
    """`dA⁽²⁾₁,₁ ← backward · layer 2 of 2 · dA (op 6); enter goes there`, or why there is no op to go to."""
    if factor.reference is None:
        what = "the shortcut past the layer" if factor.kind == "shortcut" else "a constant"
        return f"{factor.symbol}: {what}; no op made it"
    quantity = factor.reference.quantity
    origin = origin_text(quantity, session.plan.writer(quantity), view.last(session))
    if choice.op is None:
        return f"{factor.symbol}: {origin}; no op of this step made it"
    glyphs = view.look.glyphs
    return f"{factor.symbol} {glyphs.left} {origin.replace('·', glyphs.separator)}; enter goes there"


def factor_line(factor: Factor, name: str, room: int, total: float, chosen: bool, view: View, width: int) -> Strip:
    """`    σ′(Z⁽²⁾)₁,₁    0.178513   −0.75   −1.38  ███ slope`; what takes a digit or more is said to."""
    look, palette = view.look, view.look.palette
    exponent = factor.log10
    # The mean over the examples makes every path smaller, and none more than another.
    kills = exponent <= KILLS and factor.kind not in ("mean", "constant")
    color = palette.warning if kills else palette.positive if exponent > 0 else palette.text
    mark = look.glyphs.cursor if chosen else " "
    text = f"{fit(name, room, look):<{room}}  {number(factor.value, look):>12}  "
    logs = f"{log_text(exponent, view):>6}  {log_text(total, view):>6}  "
    size = min(1.0, abs(exponent) / SCALE) if exponent == exponent else 0.0
    room_of_bar = bar_width(width)
    kind = f" {factor.kind}" + (f", layer {factor.layer}" if factor.layer is not None else "")
    said = fit(kind + (", kills" if kills else ""), max(width - 4 - len(text) - len(logs) - room_of_bar - 1, 0), look)
    sign = look.glyphs.plus if exponent > 0 else look.glyphs.minus if exponent < 0 else " "
    parts: list[Part] = [
        (f"  {mark} ", style(palette.accent)),
        (look.text(text), style(palette.text, bold=chosen)),
        (look.text(logs), style(color)),
        (sign, style(color)),
        (bar_text(size, room_of_bar, look), style(color, bold=kills)),
        (said, style(color if kills else palette.dim)),
    ]
    return line(parts, width)
