"""What the glossary is made of: one symbol or term, its formulas, and what is to be said of it."""

from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """`name` in words, and as it stands in formulas as `symbol`, where it has one; `formulas` one a line.

    `text` is one to three sentences. `also` are other names it goes by, typed ones of symbols among them; `see` are
    names of other entries.
    """

    name: str
    text: str
    symbol: str = ""
    formulas: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
