"""The paths of several runs over one landscape of the loss: that of the run in view, over two parameters."""

import numpy as np
from textual.strip import Strip

from backprop_tui.core.compare.comparison import Comparison
from backprop_tui.core.inquiry.ground import ParameterGround
from backprop_tui.core.inquiry.landscape import Landscape, reaches
from backprop_tui.core.inquiry.run_path import RunPath
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.axes import PlotRange
from backprop_tui.tui.drawing.contour import Mark, Way, contour_legend, contour_map, contours
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import text_lines
from backprop_tui.tui.panes.landscape_lines import START, axis_names, title_line, told, told_lines
from backprop_tui.tui.panes.surveying import chosen_parameters
from backprop_tui.tui.panes.view import View

from .compare_lines import LETTERS, run_color

ABOVE_START = 2.0
"""How many times the highest loss of all starts is still looked at: a run that flies away leaves the map."""


class CompareMap:
    """Remembers the paths and the landscape that were worked out last; the runs are those with the lead's layers."""

    def __init__(self) -> None:
        self.ground: ParameterGround | None = None
        self.paths: dict[Session, RunPath] = {}
        self.landscape: Landscape | None = None
        self.key: object = None

    def lines(self, comparison: Comparison, view: View, width: int, height: int, *, playing: bool) -> list[Strip]:
        """The map with all that has to be said of it, as far as it is worked out."""
        look, lead = view.look, comparison.lead.session
        ground = chosen_parameters(lead, view)
        if ground.axes == 1:
            return text_lines("a map needs two parameters: this network has one", width, height, look)
        shown = [(place, run.session) for place, run in enumerate(comparison.runs) if alike(run.session, lead)]
        found = self.look(lead, [session for _, session in shown], ground, width, 2 * height, playing=playing)
        levels = contours(found.values, width)
        names = axis_names(ground, lead)
        letter = LETTERS[comparison.runs.index(comparison.lead)]
        standing = f"in {letter} {'as it was' if playing else 'now'}"
        heads = [title_line(names, width, look), *told_lines(told(found, standing, way=True), width, height, look)]
        ways, marks = [], []
        for place, session in shown:
            steps, places = self.paths[session].steps, self.paths[session].rows()
            color = run_color(place, look)
            ways.append(Way(steps, places[:, 0], places[:, 1], session.step, color))
            if look.ramps:
                # Without colours the path is made of the letter itself.
                passed = places[: ways[-1].done].tolist()
                marks += [Mark(LETTERS[place].lower(), x, y, color) for x, y in passed]
        if ways and ways[0].steps.size:
            marks.append(Mark(START, float(ways[0].x[0]), float(ways[0].y[0]), look.palette.text))
        for place, session in shown:
            x, y = ground.here(session).tolist()
            marks.append(Mark(LETTERS[place], x, y, run_color(place, look)))
        across, up = (
            PlotRange(name, one.low, one.high)
            for name, one in zip((names[0], look.glyphs.up), found.reach, strict=True)
        )
        heads.append(contour_legend(levels, width, look))
        room = height - len(heads)
        return [*heads, *contour_map(found.known(), levels, ways, marks, across, up, width, room, look)]

    def look(
        self, lead: Session, sessions: list[Session], ground: ParameterGround, columns: int, rows: int, *, playing: bool
    ) -> Landscape:
        """The landscape around the paths of all runs; while they play the one that there is."""
        if ground != self.ground:
            self.ground, self.paths, self.landscape = ground, {}, None
        self.paths = {session: self.paths.get(session) or RunPath(session, ground.here) for session in sessions}
        if self.landscape is not None and playing:
            return self.landscape
        reach = reaches([np.concatenate(axis) for axis in zip(*map(self.seen, sessions), strict=True)])
        found = self.landscape
        masked = any(layer.dropout for layer in lead.trainer.layers)
        settled = found is not None and found.whole and not found.others and not masked
        key = (lead, reach, columns, rows, () if settled else (lead.step, lead.position.step))
        if found is None or key != self.key:
            self.landscape, self.key = Landscape(lead, ground, reach, columns, rows), key
        assert self.landscape is not None
        return self.landscape

    def seen(self, session: Session) -> tuple[FloatArray, FloatArray]:
        """Where a run has been up to where it stands, without what lies too high, as (n,) across and upwards."""
        path = self.paths[session]
        steps, places = path.steps, path.rows()
        known, _, highs = session.history.losses.series()
        if known.size and steps.size:
            # A step's loss is that of the parameters which the step before has left.
            losses = np.interp(steps + 1, known, highs)
            places = places[(losses <= ABOVE_START * highs[0]) & (steps <= session.step)]
        if not places.size:
            places = self.paths[session].read(session)[None]
        return places[:, 0], places[:, 1]

    @property
    def finished(self) -> bool:
        """Whether all of what was looked at is there."""
        return all(path.finished for path in self.paths.values()) and (
            self.landscape is None or self.landscape.finished
        )

    def advance(self, seconds: float) -> None:
        """Go on for about so long: first with the paths, since the landscape reaches around them."""
        waiting = [path for path in self.paths.values() if not path.finished]
        if waiting:
            waiting[0].advance(seconds)
        elif self.landscape is not None:
            self.landscape.advance(seconds)


def alike(session: Session, lead: Session) -> bool:
    """Whether two runs have the same parameters."""
    return shapes(session) == shapes(lead)


def shapes(session: Session) -> list[tuple[int, int, bool, bool]]:
    return [(one.inputs, one.units, one.has_bias, one.batch_norm) for one in session.trainer.layers]
