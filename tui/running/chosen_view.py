"""How a run is looked at first, as a person has chosen it once: in place of what its preset says."""

from typing import TYPE_CHECKING, get_args

from backprop_tui.core.preset.hidden import words_of
from backprop_tui.core.session.timeline import Unit
from backprop_tui.tui.config.config import Config
from backprop_tui.tui.panes.view import CHAIN_VIEWS, DATA_VIEWS, LOSS_VIEWS, WEIGHT_VIEWS

from .playback import FOLLOWED, FULL, SPEEDS

if TYPE_CHECKING:
    from backprop_tui.core.preset.hidden import Hidden
    from backprop_tui.tui.panes.view import View

    from .run_screen import RunScreen

VIEWS = {"weights": WEIGHT_VIEWS, "chain_rule": CHAIN_VIEWS, "loss": LOSS_VIEWS, "data": DATA_VIEWS}
OWN_WAY = "tour"
"""The tag of presets that lead through the app, and say themselves what is looked at."""
LOG = "log"


def choose_view(screen: "RunScreen", config: Config, handed_in: bool = False) -> None:
    """Have a screen that is not drawn yet show what was chosen, as far as the run has it and nothing of it is hidden.

    A step that was `handed_in` keeps its unit and its views: it opens where it is wrong.
    """
    if OWN_WAY in screen.session.preset.tags or not config.values:
        return
    view = screen.view
    view.log = config.get("loss_axis", LOG if view.log else "") == LOG
    if (speed := config.get("speed")) is not None:
        view.speed = place_of(speed)
    pane = str(config.get("panes.first", screen.current)).replace("_", "-")
    if pane in screen.own_panes and not handed_in:
        screen.current = pane
    screen.maximised = config.get("panes.maximised", screen.maximised)
    if handed_in:
        return
    if (unit := config.get("unit")) in get_args(Unit):
        view.unit = unit
    view.weights = view_of("weights", config, view.weights, screen.hide)
    view.chain = view_of("chain_rule", config, view.chain, screen.hide)
    view.loss = view_of("loss", config, view.loss, screen.hide)
    view.data = view_of("data", config, view.data, screen.hide)


def view_of(pane: str, config: Config, usual: str, hide: "Hidden") -> str:
    """The chosen view of a pane, unless it is hidden."""
    chosen = config.get(f"views.{pane}")
    named = (name for name in VIEWS[pane] if words_of(name) == chosen)
    return next((name for name in named if not hide.view(pane, name)), usual)


def place_of(speed: float | str) -> int:
    """The place of a speed among those that there are, the next below one that there is not."""
    if isinstance(speed, str):
        # There is one word that it may be.
        return FULL
    return max((place for place, units in enumerate(SPEEDS) if units <= speed), default=0)


def lasting_speed(view: "View") -> float | None:
    """The speed that is kept, None where nobody could follow it: no preset opens at such unless told by hand."""
    return SPEEDS[view.speed] if view.speed < FULL and SPEEDS[view.speed] <= FOLLOWED else None
