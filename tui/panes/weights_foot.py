"""The lines under the picture of the weights: what is pointed at or in the spotlight, what a layer started from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.strip import Strip

from backprop_tui.core.inquiry.initial_weights import initial_weights
from backprop_tui.core.inquiry.spotlight_history import History
from backprop_tui.core.session.session import Session

from .network_diagram import network_layout
from .node_maps import NodeMaps, has_maps
from .view import View
from .weight_lines import count_line, init_lines, spotlight_lines

if TYPE_CHECKING:
    from .pointed_lines import Pointed

OTHER_LINES = 5
"""Under and above the rows of numbers of a layer: its name, their size, and what it started from."""
ROOMY = 14
"""The height from which the lines under the picture may be four."""
BRIEF = ("sensitivity", "gradients", "nudges", "table", "one matrix")
"""The views under which a line or two are enough."""


@dataclass(frozen=True)
class Foot:
    """Lines about the parameter in the spotlight, and the others under them."""

    lit: list[Strip]
    rest: list[Strip]

    def within(self, height: int) -> "Foot":
        """As much of it as a pane of that height has room for, under two lines of a picture."""
        room = max(height - 2, 0)
        lit = self.lit[:room]
        return Foot(lit, self.rest[: room - len(lit)])

    @property
    def lines(self) -> list[Strip]:
        return [*self.lit, *self.rest]


def foot_of(
    session: Session,
    view: View,
    width: int,
    height: int,
    history: History | None,
    pointed: "Pointed | None" = None,
    maps: NodeMaps | None = None,
) -> list[Strip]:
    """The lines under the picture, those that there is room for; what is pointed at stands for the spotlight's."""
    foot = usual_foot(session, view, width, height, history)
    if view.weights == "picture":
        brief = brief_foot(session, view, width, history).within(height)
        if len(brief.lines) < len(foot.lines):
            fuller, briefer = (node_lines(session, view, width, height - len(one.lines)) for one in (foot, brief))
            foot = brief if briefer > fuller else foot
    if pointed is None or not foot.lit:
        return foot.lines
    from .pointed_lines import pointed_lines  # Not needed to open.

    room = len(foot.lit)
    known = maps if maps is not None and has_maps(session.dataset) else None
    told = pointed_lines(session, view, pointed, width, room, known)
    return [*told, *[Strip([])] * (room - len(told)), *foot.rest]


def node_lines(session: Session, view: View, width: int, height: int) -> int:
    """How many lines the smallest node with a map has in a diagram of that size; 0 without maps, −1 without room."""
    found = network_layout(session, view, width, height)
    if found is None:
        return -1
    return min(node.lines for node in found.nodes) if found.mapped else 0


def brief_foot(session: Session, view: View, width: int, history: History | None) -> Foot:
    """One line about the spotlight, and the count of parameters."""
    return Foot(spotlight_lines(session, view, width, history, 1), [count_line(session, view, width)])


def usual_foot(session: Session, view: View, width: int, height: int, history: History | None) -> Foot:
    """The lines under the picture, those that there is room for."""
    counts = count_line(session, view, width)
    if view.weights in BRIEF:
        from .weight_maps import moves_line, zeros_line  # Not needed to open.

        below = {"gradients": zeros_line, "nudges": moves_line}.get(view.weights)
        lit = [] if view.weights == "table" else spotlight_lines(session, view, width, history, 1)
        rest = [] if below is None else [below(session, view, width)]
        return Foot(lit, [*rest, *([counts] if view.weights == "table" else [])]).within(height)
    # What a run that was recorded elsewhere started from, nobody told.
    found = None if session.fixed else initial_weights(session, view.spotlight.layer)
    if view.weights == "numbers":
        # Under the rows of a small layer there is room for everything.
        idle = height - session.trainer.layers[view.spotlight.layer - 1].units - OTHER_LINES
        lit = spotlight_lines(session, view, width, history, 3 if height >= ROOMY or idle >= 3 else 1)
        rest = init_lines(found, view, width, 3)
        rest += [counts] if height >= ROOMY or idle >= len(lit) + len(rest) - 1 else []
        return Foot(lit, rest).within(height)
    if height >= ROOMY:
        lit = spotlight_lines(session, view, width, history, 3)
        return Foot(lit, [*init_lines(found, view, width, 2), counts]).within(height)
    return brief_foot(session, view, width, history).within(height)
