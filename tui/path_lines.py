"""The paths of the spotlight's gradient: from the loss down to the parameter, every factor on a log scale."""

from math import isfinite

from textual.strip import Strip

from backprop_tui.core.chain_rule import place
from backprop_tui.core.paths import Factor, Path, PathView, path_view
from backprop_tui.core.quantity import Quantity
from backprop_tui.core.session import Session

from .bars import bar_text
from .chain_page import Choice, Page
from .drawing import Part, fit, line, style, text_lines
from .numbers import format_count, format_number
from .statement_lines import number
from .view import View

KILLS = -1.0
"""A factor of a tenth or less takes a digit of the gradient."""
SCALE = 3.0
"""Powers of ten that a full bar stands for."""
BAR, NARROW_BAR = 12, 6
ROOMY = 100
"""The width from which there is room for the wider bars."""


class PathReader:
    """Reads the paths of the parameter in the spotlight off a session, once for each position."""

    def __init__(self) -> None:
        self.key: object = None
        self.found: PathView | None = None

    def read(self, session: Session, view: View) -> PathView:
        key = (id(session), session.count, view.spotlight)
        if self.found is None or self.key != key:
            gradient = gradient_of(session, view)
            self.key, self.found = key, path_view(session.plan, gradient, view.spotlight.index)
        return self.found

    def page(self, session: Session, view: View, width: int) -> Page:
        reason = missing(session, view, gradient_of(session, view), "paths")
        if reason:
            page = Page()
            page.add(text_lines(reason, width, 4, view.look, view.look.palette.text))
            return page
        return path_page(self.read(session, view), view, width)


def gradient_of(session: Session, view: View) -> Quantity:
    return session.plan[f"d{view.spotlight.parameter}", view.spotlight.layer]


def missing(session: Session, view: View, gradient: Quantity, what: str) -> str:
    """Why a gradient has nothing to show here; empty where it has."""
    name = gradient.entry(view.spotlight.index) if what == "paths" else gradient.name
    if view.playing:
        return f"Press space to pause: {what} are worked out for one position."
    op = session.plan.writer(gradient)
    assert op is not None
    if not session.computed(gradient):
        return (
            f"{name} is not computed yet in this step: {place(op, view.last(session))} (op {op.place}) will make it. "
            "What is blank is not 0."
        )
    if session.at_boundary and what == "paths":
        return "The step is finished, and the weights that the paths ran through have changed: ← goes back to them."
    return ""


def path_page(found: PathView, view: View, width: int) -> Page:
    """What the paths come to, and each of them; the chosen one with its factors below it."""
    page = Page()
    for text, color in summary_texts(found, view):
        page.add(text_lines(text, width, 3, view.look, color))
    chosen = view.factor % max(len(found.paths), 1)
    for position, path in enumerate(found.paths):
        lines = [path_line(position, path, position == chosen, view, width)]
        if position == chosen:
            lines += factor_lines(path, view, width)
        page.offer(Choice(), lines)
    return page


def summary_texts(found: PathView, view: View) -> list[tuple[str, str]]:
    """Number, sum and shares of the paths, said plainly."""
    look, palette = view.look, view.look.palette
    name = f"∂ℒ/∂{found.parameter}"
    count = f"{format_count(found.count)} path{'s' if found.count > 1 else ''}"
    if found.count >= 10**15:
        count = f"{found.count:.3g} paths"
    texts = [
        (f"{name} = {number(found.gradient, look)}: the sum of {count}, {number(found.signed_sum, look)}", palette.text)
    ]
    if found.count > 1:
        cancel = f"Σ|paths| = {number(found.magnitude_sum, look)}, of which {percent(found.remainder)} is left"
        how = "they pull one way" if found.remainder > 0.99 else "the rest cancels"
        texts.append((f"{cancel}: {how}.", palette.dim))
    if not found.complete:
        drop = " One path is a drop in the sea." if found.strongest_share < 0.01 else ""
        texts.append(
            (
                f"The strongest {len(found.paths)} are listed, with {percent(found.listed_share)} of Σ|paths|; the "
                f"strongest alone has {percent(found.strongest_share)}.{drop}",
                palette.dim,
            )
        )
    return texts


def percent(share: float) -> str:
    """`12.3 %`; of small shares two digits."""
    if not isfinite(share):
        return "nan %"
    return f"{100 * share:.3g} %" if share >= 1e-6 or share == 0 else f"{100 * share:.1e} %"


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


def factor_lines(path: Path, view: View, width: int) -> list[Strip]:
    """The factors of a path from the loss down, each with log₁₀ of it, a bar, and log₁₀ of all up to there."""
    look = view.look
    names = [look.text(factor.symbol) for factor in path.factors]
    room = max(8, min(max(map(len, names), default=8), width - 60))
    lines = [
        line(
            [
                (
                    look.text(f"    {'factor':<{room}}  {'value':>12}  {'log₁₀':>6}  {'so far':>6}"),
                    style(look.palette.dim),
                )
            ],
            width,
        )
    ]
    total = 0.0
    for factor, name in zip(path.factors, names, strict=True):
        total += factor.log10
        lines.append(factor_line(factor, name, room, total, view, width))
    return lines


def factor_line(factor: Factor, name: str, room: int, total: float, view: View, width: int) -> Strip:
    """`    σ′(Z⁽²⁾)₁,₁    0.178513   −0.75   −1.38  ███ slope`; what takes a digit or more is said to."""
    look, palette = view.look, view.look.palette
    exponent = factor.log10
    # The mean over the examples makes every path smaller, and none more than another.
    kills = exponent <= KILLS and factor.kind not in ("mean", "constant")
    color = palette.warning if kills else palette.positive if exponent > 0 else palette.text
    text = f"    {fit(name, room, look):<{room}}  {number(factor.value, look):>12}  "
    logs = f"{log_text(exponent, view):>6}  {log_text(total, view):>6}  "
    size = min(1.0, abs(exponent) / SCALE) if exponent == exponent else 0.0
    room_of_bar = bar_width(width)
    kind = f" {factor.kind}" + (f", layer {factor.layer}" if factor.layer is not None else "")
    said = fit(kind + (", kills" if kills else ""), max(width - len(text) - len(logs) - room_of_bar - 1, 0), look)
    sign = look.glyphs.plus if exponent > 0 else look.glyphs.minus if exponent < 0 else " "
    parts: list[Part] = [
        (look.text(text), style(palette.text)),
        (look.text(logs), style(color)),
        (sign, style(color)),
        (bar_text(size, room_of_bar, look), style(color, bold=kills)),
        (said, style(color if kills else palette.dim)),
    ]
    return line(parts, width)


def log_text(exponent: float, view: View, digits: int = 2) -> str:
    """A power of ten with so many digits behind the point."""
    if not isfinite(exponent):
        return format_number(exponent, 6, 2, view.look.glyphs)
    return f"{exponent:.{digits}f}".replace("-", view.look.glyphs.minus)
