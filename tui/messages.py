"""What panes ask of the screen."""

from textual.message import Message

from backprop_tui.core.event import Op
from backprop_tui.core.expression import Reference


class OpWanted(Message):
    """Go to the op, of the step in hand, that made the number `wanted`."""

    def __init__(self, op: Op, wanted: Reference) -> None:
        super().__init__()
        self.op, self.wanted = op, wanted


class ExampleWanted(Message):
    """Show the example so many places on in the batch."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places
