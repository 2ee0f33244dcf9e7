"""One line on what the backward pass has read back so far, and what it would have cost to compute that again."""

from textual.strip import Strip

from backprop_tui.core.chain_rule.reuse import reuse
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.strips import text_lines
from backprop_tui.tui.panes.view import View

from .op_words import reuse_text


def reuse_lines(session: Session, view: View, width: int) -> list[Strip]:
    """Nothing before anything is read back, and nothing at full speed, when nobody can read it."""
    if view.playing:
        return []
    found = reuse(session.plan, session.events)
    return text_lines(reuse_text(found), width, 6, view.look) if found.read else []
