"""What panes ask of the screen."""

from typing import Any

from textual.message import Message

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Reference


class OpWanted(Message):
    """Go to the op, of the step in hand or of one `steps` later, and show how it made the number `wanted`.

    `wanted` None leaves the choice of the number to the spotlight. A later step may have another plan; its op is the
    one at the same place.
    """

    def __init__(self, op: Op, wanted: Reference | None, steps: int = 0) -> None:
        super().__init__()
        self.op, self.wanted, self.steps = op, wanted, steps


class ExampleWanted(Message):
    """Show the example so many places on in the batch."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places


class TrainingExampleWanted(Message):
    """Put the spotlight on an example of the training set, by its number from 0, wherever it is trained on."""

    def __init__(self, example: int) -> None:
        super().__init__()
        self.example = example


class Told(Message):
    """Say something in the line below the panes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class PositionWanted(Message):
    """Go to the position after `count` events of the run."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count


class NeuronWanted(Message):
    """Show all about the neuron in the spotlight."""


class SpotlightWanted(Message):
    """Put the spotlight there."""

    def __init__(self, spotlight: Spotlight) -> None:
        super().__init__()
        self.spotlight = spotlight


class ValueWanted(Message):
    """Ask for another value of the parameter in the spotlight, at cell (x, y) of the screen."""

    def __init__(self, x: int, y: int) -> None:
        super().__init__()
        self.x, self.y = x, y


class EditingEnded(Message):
    """Nothing is made in the data pane any more."""


class PointWanted(Message):
    """Change the training part of the data: move the point at `place` `to` another, or take it out.

    With a `target`, as a preset has it, put one there that was not there yet.
    """

    def __init__(
        self, place: tuple[float, float], target: tuple[Any, ...] | None = None, to: tuple[float, float] | None = None
    ) -> None:
        super().__init__()
        self.place, self.target, self.to = place, target, to
