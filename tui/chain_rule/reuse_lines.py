"""One line on what the backward pass has read back so far, and what it would have cost to compute that again."""

from textual.strip import Strip

from backprop_tui.core.chain_rule.reuse import Reuse, reuse
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_count
from backprop_tui.tui.drawing.strips import text_lines
from backprop_tui.tui.panes.view import View


def reuse_lines(session: Session, view: View, width: int) -> list[Strip]:
    """Nothing before anything is read back, and nothing at full speed, when nobody can read it."""
    if view.playing:
        return []
    found = reuse(session.plan, session.events)
    return text_lines(reuse_text(found), width, 6, view.look) if found.read else []


def reuse_text(found: Reuse) -> str:
    """`Read back, not computed again: 7 of 13 values so far, 4 from the forward pass …`."""
    count = format_count(found.read)
    so_far = f"{count} of {format_count(found.of)} values so far" if found.read < found.of else f"all {count} values"
    forward, saved, taken = map(format_count, (found.from_forward, found.saved, found.taken))
    return (
        f"Read back, not computed again: {so_far}, {forward} of them from forward pass and loss. With nothing kept "
        f"they would have taken {saved} multiply-adds more; the step has taken {taken}."
    )
