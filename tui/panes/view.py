"""What a person has chosen to look at: everything a pane needs besides the session."""

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.breakpoints import Breakpoint
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.core.session.replayed import ReplayedLosses
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.timeline import Unit
from backprop_tui.core.training.measures import Part
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look

from .loss_window import Window
from .overlay import OFF, Overlay

if TYPE_CHECKING:
    from backprop_tui.core.verify.handed_in import HandedIn

WEIGHT_VIEWS = ("picture", "heatmaps", "numbers", "sensitivity", "gradients", "nudges", "table", "one matrix")
"""What the weights pane shows: the network, maps or numbers of its layers, all weights by |∂ℒ/∂w|, maps of the
gradients and of what the step adds to each weight, every parameter in a row, and what linear layers come to."""
DATA_VIEWS = ("picture", "neuron", "hidden layer", "confusion", "measures", "most wrong", "about")
"""What the data pane shows: the examples as a picture, one neuron over the inputs, the examples as a hidden layer sees
them, which classes are taken for which, what the answers are worth, those with the largest losses, and how the data are
made up."""
CHAIN_VIEWS = ("op", "path", "decay", "depth", "what if", "neuron", "nested", "long way")
"""What the chain-rule pane shows: the op in view, the paths of the spotlight's gradient, what made gradients smaller on
their way, the product of slopes against depth, the loss if the parameter were nudged, all about the spotlight's neuron,
the network as one nested function, and output and loss as two ops."""

LOSS_VIEWS = ("curve", "map", "plane")
"""What the loss pane shows: the losses of all steps, or the landscape that the run goes through, over parameters or
along its gradient and a random direction."""


@dataclass(slots=True)
class View:
    """The selection of one screen.

    `window` are the steps whose losses are shown, None for all, `replayed` losses of some of them one by one.
    `smoothing` is how many steps a mean of losses goes over, 0 for no mean, None for as many as is usual. `overlay`
    says which of the `others` are laid over.
    `companion` is the place of the parameter that the landscape of the loss is over besides that in the spotlight,
    `direction` that of the random direction of the plane, `zoom` how often the reach of either is halved. `rank` is the
    place of the weight chosen among those sorted by gradient.
    `chain` is the view of the chain-rule pane,
    `factor` the place of what is chosen in it, `nudge` that of the nudge in "what if", `slide` the notch of its slider
    and `sliding` whether that was moved last, `depth` that of the depth in "depth", None for the network's own;
    `wanted` is the number that was jumped to. `wrong` is the example that was chosen among the
    most wrong, as its part and its number there, None for the first. `test_points`: those of the test part are drawn,
    too; `discrete`: answers are told by their side of the middle alone; `sight` is the place of what is seen of the
    hidden layers, None until one is chosen, and `part` the one whose confusion is shown. `playing` says that it trains
    at full speed.
    `handed_in`: somebody's own numbers of a step, to stand beside those of the run. `hide` is what is kept out of
    sight, so that nobody is told of keys that do nothing.
    """

    spotlight: Spotlight
    unit: Unit = "op"
    log: bool = False
    loss: str = LOSS_VIEWS[0]
    window: Window | None = None
    replayed: ReplayedLosses | None = None
    smoothing: int | None = None
    overlay: str = OFF
    others: Callable[[], Sequence[Overlay]] = tuple
    companion: int = 0
    direction: int = 0
    zoom: int = 0
    weights: str = WEIGHT_VIEWS[0]
    rank: int = 0
    chain: str = CHAIN_VIEWS[0]
    factor: int = 0
    nudge: int = 0
    slide: int = 0
    sliding: bool = False
    depth: int | None = None
    data: str = DATA_VIEWS[0]
    test_points: bool = True
    discrete: bool = False
    sight: int | None = None
    part: Part = "test"
    wrong: tuple[str, int] | None = None
    breakpoints: tuple[Breakpoint, ...] = ()
    wanted: Reference | None = None
    speed: int = 0
    playing: bool = False
    handed_in: "HandedIn | None" = None
    hide: Hidden = NOTHING_HIDDEN
    look: Look = field(default_factory=Look)

    def last(self, session: Session) -> int:
        """The number of the output layer."""
        return len(session.trainer.layers)


def is_landscape(view: View) -> bool:
    """Whether the loss pane shows a landscape."""
    return view.loss != "curve"
