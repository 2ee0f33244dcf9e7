"""What an op is about: the statements that are told of it, where their numbers came from, and what is said of it."""

from backprop_tui.core.chain_rule.reuse import Reuse
from backprop_tui.core.chain_rule.statements import Origin, Statement, origins, own_numbers, rate_read, statements
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_count
from backprop_tui.tui.panes.view import View


def said_of(op: Op, view: View, last: int) -> tuple[Statement, list[Statement]]:
    """The statement that the page is about, and all that are shown.

    An update tells first the whole arithmetic of one parameter: that in the spotlight, or the one that was jumped to.
    """
    shown = statements(op, view.spotlight, last, view.wanted)
    subject = shown[0]
    if op.phase == "update":
        symbol = subject.quantity.symbol
        own = own_numbers(shown, symbol.partition("(")[2].rstrip(")") or symbol.removeprefix("Δ"))
        shown = rate_read(op) + own + [one for one in shown if one not in own]
    return subject, shown


def origins_of(shown: list[Statement], session: Session, last: int) -> list[Origin]:
    """Where the numbers of all statements came from, each once."""
    found: dict[tuple[Quantity, Index], Origin] = {}
    for one in shown:
        for origin in origins(one, session.plan, last):
            found.setdefault((origin.reference.quantity, origin.reference.index), origin)
    return list(found.values())


def sides_text(op: Op, view: View) -> str:
    """Empty for an op that has no such sides."""
    if op.upstream is None or op.local is None:
        return ""
    note = " (per example)" if op.upstream.array.shape[-1] > 1 else ""
    return f"upstream {op.upstream.name} {view.look.glyphs.times} local {op.local.name}{note}"


def reuse_text(found: Reuse) -> str:
    """`Read back, not computed again: 7 of 13 values so far, 4 from the forward pass …`."""
    count = format_count(found.read)
    so_far = f"{count} of {format_count(found.of)} values so far" if found.read < found.of else f"all {count} values"
    forward, saved, taken = map(format_count, (found.from_forward, found.saved, found.taken))
    return (
        f"Read back, not computed again: {so_far}, {forward} of them from forward pass and loss. With nothing kept "
        f"they would have taken {saved} multiply-adds more; the step has taken {taken}."
    )
