"""When the landscape of the loss is worked out for a screen, and of what: paused at once, at full speed not again."""

from dataclasses import replace

import numpy as np

from backprop_tui.core.inquiry.ground import Ground, ParameterGround, companions
from backprop_tui.core.inquiry.landscape import Landscape, reaches
from backprop_tui.core.inquiry.plane import RANDOM, Plane, plane_of
from backprop_tui.core.inquiry.run_path import MOST, RunPath, all_parameters
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.palette import FloatArray

from .view import View


def chosen_parameters(session: Session, view: View) -> ParameterGround:
    """The one in the spotlight and its chosen companion; it alone behind the last of them, and where it has none."""
    own = replace(view.spotlight, example=0)
    others = companions(session.trainer.layers, own)
    place = view.companion % (len(others) + 1)
    return ParameterGround((own, others[place]) if place < len(others) else (own,))


class Surveying:
    """Remembers the landscape and the path that were worked out last.

    `here` is where the run stands, and `loss` the landscape's height there. `step` is that of the landscape; `trail`
    where the run has been since it plays at full speed, as it was seen: steps and places. `shadows` is where each step
    of the path lies on the plane.
    """

    def __init__(self) -> None:
        self.landscape: Landscape | None = None
        self.path: RunPath | None = None
        self.ground: Ground | None = None
        self.key: object = None
        self.stood: object = None
        self.here: tuple[float, ...] = ()
        self.loss = 0.0
        self.step = 0
        self.trail: list[tuple[float, list[float]]] = []
        self.shadows: dict[int, FloatArray] = {}

    def look(self, session: Session, view: View, columns: int, rows: int) -> Landscape:
        """The landscape at this position at about so many places, as far as it is worked out."""
        ground = self.ground_of(session, view)
        self.here = tuple(ground.here(session).tolist())
        if view.playing:
            self.trail = [*(self.trail if len(self.trail) < MOST else self.trail[::2]), (session.step, list(self.here))]
        else:
            self.trail = []
        if view.playing and self.landscape is not None:
            return self.landscape
        steps, places = self.way(ground)
        known = np.vstack([places[steps <= session.step], np.array([self.here])])
        reach = reaches(list(known.T), view.zoom, ground.size(session))
        place = () if self.settled(session) else (session.step, session.position.step)
        key = (session.trainer, ground, reach, columns, rows, place)
        if self.landscape is None or key != self.key:
            self.landscape = Landscape(session, ground, reach, columns, rows)
            self.key, self.step = key, session.step
        self.loss = self.landscape.loss_at(*self.here)
        return self.landscape

    def ground_of(self, session: Session, view: View) -> Ground:
        """What the landscape lies over; a plane stays as it is at full speed.

        The path is begun anew where it is that of another run or of other parameters.
        """
        flat = view.loss == "plane"
        wanted = None if flat else chosen_parameters(session, view)
        same = self.path is not None and self.path.session is session
        if not same or (not isinstance(self.ground, Plane) if flat else self.ground != wanted):
            self.path = RunPath(session, all_parameters if wanted is None else wanted.here)
            self.landscape, self.ground, self.trail = None, wanted, []
        stood = (session.step, session.position.step, view.direction)
        if flat and (self.ground is None or (stood != self.stood and not view.playing)):
            self.ground, self.stood, self.shadows = plane_of(session, view.direction % RANDOM + 1), stood, {}
        assert self.ground is not None
        return self.ground

    def settled(self, session: Session) -> bool:
        """Whether the landscape is the same at every step: no other parameter, batch or mask changes it."""
        found = self.landscape
        whole = found is not None and found.whole and not found.others
        return whole and not isinstance(self.ground, Plane) and not self.masked(session)

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

    def way(self, ground: Ground) -> tuple[FloatArray, FloatArray]:
        """The path on a ground, as far as it is known: steps, (n,), rising, and places, (n, axes)."""
        if self.path is None:
            return np.empty(0), np.empty((0, ground.axes))
        if not isinstance(ground, Plane):
            return self.path.steps, self.path.rows()
        kept = self.path.kept
        for step, row in zip(kept.steps, kept.rows, strict=True):
            if step not in self.shadows:
                self.shadows[step] = ground.shadow(np.asarray(row)[None])[0]
        return self.path.steps, np.array([self.shadows[step] for step in kept.steps]).reshape(-1, 2)

    def been(self) -> tuple[FloatArray, FloatArray]:
        """Where the run has been: steps, (n,), rising, and places, (n, axes)."""
        if self.ground is None:
            return np.empty(0), np.empty((0, 1))
        steps, places = self.way(self.ground)
        later = [one for one in self.trail if not steps.size or one[0] > steps[-1]]
        if not later:
            return steps, places
        return np.append(steps, [step for step, _ in later]), np.vstack([places, *([one] for _, one in later)])

    def aside(self) -> float | None:
        """How far from the plane the run began; None on other grounds, and before the start is known."""
        if not isinstance(self.ground, Plane) or self.path is None or not self.path.kept.rows:
            return None
        return self.ground.aside(np.asarray(self.path.kept.rows[0]))
