"""When the landscape of the loss is worked out for a screen, and of what: paused at once, at full speed not again."""

from dataclasses import replace

import numpy as np

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.landscape import Landscape, companions, reaches, value_of
from backprop_tui.core.inquiry.run_path import MOST, RunPath
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.palette import FloatArray

from .view import View


def chosen_parameters(session: Session, view: View) -> tuple[Spotlight, ...]:
    """The one in the spotlight and its chosen companion; it alone behind the last of them, and where it has none."""
    own = replace(view.spotlight, example=0)
    others = companions(session.trainer.layers, own)
    place = view.companion % (len(others) + 1)
    return (own, others[place]) if place < len(others) else (own,)


class Surveying:
    """Remembers the landscape and the path that were worked out last.

    `here` is where the run stands, and `loss` the landscape's height there. `step` is that of the landscape; `trail`
    where the run has been since it plays at full speed, as it was seen: steps and values.
    """

    def __init__(self) -> None:
        self.landscape: Landscape | None = None
        self.path: RunPath | None = None
        self.key: object = None
        self.here: tuple[float, ...] = ()
        self.loss = 0.0
        self.step = 0
        self.trail: list[tuple[float, list[float]]] = []

    def look(self, session: Session, view: View, columns: int, rows: int) -> Landscape:
        """The landscape at this position at about so many places, as far as it is worked out."""
        parameters = chosen_parameters(session, view)
        path = self.path_of(session, parameters)
        self.here = tuple(value_of(session, one) for one in parameters)
        if view.playing:
            self.trail = [*(self.trail if len(self.trail) < MOST else self.trail[::2]), (session.step, list(self.here))]
        else:
            self.trail = []
        if view.playing and self.landscape is not None:
            return self.landscape
        steps, values = path.points()
        known = np.vstack([values[steps <= session.step], np.array([self.here])])
        reach = reaches(list(known.T), view.zoom)
        place = () if self.settled(session) else (session.step, session.position.step)
        key = (session.trainer, parameters, reach, columns, rows, place)
        if self.landscape is None or key != self.key:
            self.landscape = Landscape(session, parameters, reach, columns, rows)
            self.key, self.step = key, session.step
        self.loss = self.landscape.loss_at(*self.here)
        return self.landscape

    def path_of(self, session: Session, parameters: tuple[Spotlight, ...]) -> RunPath:
        """The path of the run; begun anew where it is that of another run or of other parameters."""
        if self.path is None or self.path.session is not session or self.path.parameters != parameters:
            self.path, self.landscape, self.trail = RunPath(session, parameters), None, []
        return self.path

    def settled(self, session: Session) -> bool:
        """Whether the landscape is the same at every step: no other parameter, batch or mask changes it."""
        found = self.landscape
        return found is not None and found.whole and not found.others and not self.masked(session)

    def masked(self, session: Session) -> bool:
        """Whether a layer has dropout, whose masks are others at every step."""
        return any(session.plan.find("M", layer.number) for layer in session.trainer.layers)

    @property
    def finished(self) -> bool:
        """Whether all of what was looked at is there."""
        parts = (self.path, self.landscape)
        return all(part is None or part.finished for part in parts)

    def advance(self, seconds: float) -> None:
        """Go on for about so long: first with the path, since the landscape reaches around it."""
        if self.path is not None and not self.path.finished:
            self.path.advance(seconds)
        elif self.landscape is not None:
            self.landscape.advance(seconds)

    def been(self) -> tuple[FloatArray, FloatArray]:
        """Where the run has been: steps, (n,), rising, and values, (n, parameters)."""
        if self.path is None:
            return np.empty(0), np.empty((0, 1))
        steps, values = self.path.points()
        later = [one for one in self.trail if not steps.size or one[0] > steps[-1]]
        if not later:
            return steps, values
        return np.append(steps, [step for step, _ in later]), np.vstack([values, *([one] for _, one in later)])
