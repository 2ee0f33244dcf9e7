"""What a network answers over its one or two inputs, with the examples, as a picture for a page."""

from dataclasses import replace

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.panes.moment import parameters_moment
from backprop_tui.tui.panes.view import View

from .pictures import PAPER, Taken

RESOLUTION = 120
"""Places along each side of a plane at which the network is asked."""


def answers_svg(session: Session, view: View) -> Taken:
    """What the network, or in that view of the data a neuron, answers over one or two inputs, with the examples."""
    from backprop_tui.tui.panes.data import shown_view
    from backprop_tui.tui.panes.function_lines import has_curve
    from backprop_tui.tui.panes.neuron_map import title
    from backprop_tui.tui.panes.plane import has_plane

    of_neuron = shown_view(session, view) == "neuron" and has_plane(session.dataset)
    layer = session.trainer.layers[view.spotlight.layer - 1] if of_neuron else None
    whose = "the network's answers" if layer is None else title(session, view, layer)
    name = f"{session.preset.title}: {whose} {parameters_moment(session)}"
    if has_plane(session.dataset):
        return plane_svg(session, view, name, layer), []
    if has_curve(session.dataset):
        return function_svg(session, view, name), []
    raise PresetError("its examples are not points of a plane or of a line, with an answer for each place")


def function_svg(session: Session, view: View, title: str) -> str:
    """The line over one input."""
    from backprop_tui.tui.drawing.curve_svg import curve_svg  # Not needed to open.
    from backprop_tui.tui.panes.function_lines import function_of

    found = function_of(session, view)
    told = f"{title}, over {len(found.along)} places from {found.horizontal.low:g} to {found.horizontal.high:g}"
    return curve_svg(
        found.along,
        found.answers,
        replace(found.examples, chosen=None),
        found.horizontal,
        found.vertical,
        PAPER,
        title=title,
        description=f"{told}, and {len(found.examples.x)} examples",
    )


def plane_svg(session: Session, view: View, title: str, layer: Layer | None = None) -> str:
    """The plane of two inputs: the network's answers, or those of the spotlight's neuron in `layer`."""
    from backprop_tui.core.inquiry.responses import Responses  # Not needed to open.
    from backprop_tui.core.training.measures import classes_of
    from backprop_tui.tui.drawing.surface_svg import Meaning, surface_svg
    from backprop_tui.tui.panes.neuron_map import answers_scale
    from backprop_tui.tui.panes.plane import axes_of, points, scale_of
    from backprop_tui.tui.panes.plane_lines import classes, ends_of

    data = session.dataset
    kinds, responses = scale_of(data), Responses(RESOLUTION, RESOLUTION)
    if layer is None:
        answers, scale = classes(responses.layer(session, view.last(session))), kinds
        ends = ends_of(data, kinds)
    else:
        answers = responses.layer(session, layer.number)[view.spotlight.unit]
        scale = answers_scale(layer, answers)
        ends = [scale.middle - scale.limit, scale.middle, scale.middle + scale.limit]
    low, middle, high = (format_number(end, 8, 3) for end in ends)
    turn = format_number(ends_of(data, kinds)[1], 8, 3)
    names = (f"up to {turn}", f"above {turn}") if kinds.regression else classes_of(data)
    seen = points(data, tests=view.test_points)
    return surface_svg(
        answers,
        seen,
        *axes_of(data),
        replace(scale, discrete=view.discrete),
        Meaning((low, middle, high), tuple(names)),
        PAPER,
        title=title,
        description=f"{title}, over {RESOLUTION} × {RESOLUTION} places, and {len(seen.x)} examples",
        kinds=kinds,
    )
