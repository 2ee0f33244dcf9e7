"""Other runs whose losses are laid over those of the run in view."""

from collections.abc import Sequence
from dataclasses import dataclass

from backprop_tui.core.session.history import History

OFF, ALL = "none", "all"
KINDS = ("last run", "branches", "variants")
"""What other runs are: the one in view before, those kept beside this one, those that it is compared with."""
MOST = 5


@dataclass(frozen=True, eq=False)
class Overlay:
    """The curves of another run, and what it is called."""

    kind: str
    name: str
    history: History


def choices(others: Sequence[Overlay]) -> list[str]:
    """What can be laid over: nothing, each kind that there is, and all of them where there are several."""
    kinds = [kind for kind in KINDS if any(other.kind == kind for other in others)]
    return [OFF, *kinds, *([ALL] if len(kinds) > 1 else [])]


def chosen(others: Sequence[Overlay], choice: str) -> list[Overlay]:
    """Those of a kind, or all, each once, no more than can be told apart; those that have a step."""
    found: list[Overlay] = []
    for other in others:
        known = any(other.history.losses is one.history.losses for one in found)
        if choice in (other.kind, ALL) and other.history.steps and not known:
            found.append(other)
    return found[:MOST]
