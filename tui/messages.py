"""What panes ask of the screen."""

from textual.message import Message

from backprop_tui.core.event import Op


class OpWanted(Message):
    """Go to the op, of the step in hand, that made a number."""

    def __init__(self, op: Op) -> None:
        super().__init__()
        self.op = op


class ExampleWanted(Message):
    """Show the example so many places on in the batch."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places
