"""What the data call the numbers of a statement: features, classes, targets; and their values in the data's units."""

from collections.abc import Sequence

from textual.strip import Strip

from backprop_tui.core.session.session import Session
from backprop_tui.tui.panes.view import View

from .name_words import Entry, names_text, units_text
from .statement_lines import wrapped

MOST_READ = 100
"""Entries that are looked at, of statements that have thousands."""
INDENT = 2


def name_lines(session: Session, entries: Sequence[Entry], view: View, width: int) -> list[Strip]:
    """`input 3 is "petal length", output 2 is "setosa"` of these entries; none where the data have no names."""
    entries = entries[:MOST_READ]
    texts = [text for text in (names_text(session, entries, view), units_text(session, entries, view)) if text]
    return [strip for text in texts for strip in wrapped(text, width, view.look, view.look.palette.dim, INDENT)]
