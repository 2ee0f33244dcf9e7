"""What a person has chosen to look at: everything a pane needs besides the session."""

from dataclasses import dataclass, field

from backprop_tui.core.expression import Reference
from backprop_tui.core.session import Session
from backprop_tui.core.spotlight import Spotlight
from backprop_tui.core.timeline import Unit

from .glyphs import Look

WEIGHT_VIEWS = ("picture", "heatmaps", "numbers")


@dataclass(slots=True)
class View:
    """The selection of one screen.

    `factor` is the place of the factor chosen in the chain-rule pane, `wanted` the number that was jumped to from
    one; `playing` says that it trains at full speed.
    """

    spotlight: Spotlight
    unit: Unit = "op"
    log: bool = False
    weights: str = WEIGHT_VIEWS[0]
    factor: int = 0
    wanted: Reference | None = None
    speed: int = 0
    playing: bool = False
    look: Look = field(default_factory=Look)

    def last(self, session: Session) -> int:
        """The number of the output layer."""
        return len(session.trainer.layers)
