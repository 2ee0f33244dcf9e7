"""The small history of the parameter in the spotlight: its value, gradient and update in the last steps."""

from dataclasses import field

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.ops.quantity import Array, Index
from backprop_tui.core.session.excursion import earliest, in_view, revisit
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

MOST = 32


@dataclass(frozen=True, slots=True)
class Row:
    """One step: the parameter's value as the step began, its gradient and its update; None if not yet computed."""

    step: int
    value: float
    gradient: float | None
    update: float | None


@dataclass(frozen=True, slots=True)
class History:
    """Rows of consecutive steps, the last one that of the position; `value` is the parameter's at the position."""

    rows: tuple[Row, ...]
    value: float

    @property
    def steps(self) -> list[int]:
        return [row.step for row in self.rows]

    @property
    def values(self) -> list[float]:
        """The value at the start of every step."""
        return [row.value for row in self.rows]

    @property
    def gradients(self) -> list[float | None]:
        return [row.gradient for row in self.rows]

    @property
    def updates(self) -> list[float | None]:
        return [row.update for row in self.rows]


def spotlight_history(session: Session, spotlight: Spotlight, most: int = MOST) -> History:
    """The last `most` steps up to that of the position, or as many as can be looked at in a blink.

    Every row is a function of the position alone. There are fewer than `most` in the first steps of a run, and where
    steps are long: then as many as about 50 ms of arithmetic reach, the way from the last snapshot among it, which
    may be none but the step in hand, or none at all where that is finished.
    """
    return SpotlightHistory().look(session, spotlight, most)


@dataclass(slots=True, eq=False)
class Known:
    """What is known of one parameter of one session: rows of whole steps, and values at the start of steps."""

    session: Session
    parameter: tuple[int, str, Index]
    rows: dict[int, Row] = field(default_factory=dict)
    starts: dict[int, float] = field(default_factory=dict)


class SpotlightHistory:
    """Histories for a screen that asks at every stop: what a step before has shown is not worked out again."""

    def __init__(self) -> None:
        self.known: Known | None = None

    def look(self, session: Session, spotlight: Spotlight, most: int = MOST) -> History:
        """The same as `spotlight_history`."""
        known = self.known_of(session, spotlight)
        step, finished = session.position.step, session.position.finished
        value = read(session, spotlight, session.trainer.state.parameters)
        known.starts[step + finished] = value
        present = row_in_view(session, spotlight, known.starts.get(step))
        if finished and present is not None:
            known.rows[step] = present
        last = step if finished else step - 1
        first = max(1, step - most + 1)
        missing = [number for number in range(first, last + 1) if number not in known.rows]
        if missing:
            first = max(first, self.fill(known, spotlight, missing[0], missing[-1]))
        rows = [known.rows[number] for number in range(first, last + 1)]
        if not finished and present is not None:
            rows.append(present)
        known.rows = {number: row for number, row in known.rows.items() if abs(number - step) <= 2 * most}
        known.starts = {step + finished: value}
        return History(tuple(rows), value)

    def known_of(self, session: Session, spotlight: Spotlight) -> Known:
        """What is known of this parameter; nothing if it was another before."""
        parameter = (spotlight.layer, spotlight.parameter, spotlight.index)
        if self.known is None or self.known.session is not session or self.known.parameter != parameter:
            self.known = Known(session, parameter)
        return self.known

    def fill(self, known: Known, spotlight: Spotlight, first: int, last: int) -> int:
        """Look at the steps `first` … `last` as far as that is a matter of a blink; returns what all are known from."""
        session = known.session
        reached = earliest(session, first)
        if reached <= last:
            for step in revisit(session, reached, last):
                row = row_in_view(session, spotlight, read(session, spotlight, session.trainer.state.parameters))
                assert row is not None
                known.rows[step] = row
        gap = [number for number in range(first, last + 1) if number not in known.rows]
        return gap[-1] + 1 if gap else 1


def row_in_view(session: Session, spotlight: Spotlight, start: float | None) -> Row | None:
    """The row of the step of the position; None where its buffers are gone or `start`, its first value, is unknown."""
    if start is None or not in_view(session):
        return None

    def computed(symbol: str) -> float | None:
        quantity = session.plan[symbol + spotlight.parameter, spotlight.layer]
        return quantity.value(spotlight.index) if session.computed(quantity) else None

    return Row(session.position.step, start, computed("d"), computed("Δ"))


def read(session: Session, spotlight: Spotlight, vector: Array) -> float:
    """The spotlight's entry of a flat vector (size,)."""
    layer = session.trainer.layers[spotlight.layer - 1]
    return float(layer.parameters(vector)[spotlight.parameter][spotlight.index])
