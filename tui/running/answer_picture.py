"""What a network answers over its one or two inputs, with the examples, as a picture for a page."""

from collections.abc import Sequence
from dataclasses import replace

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.points import SurfaceScale
from backprop_tui.tui.panes.moment import parameters_moment
from backprop_tui.tui.panes.view import View

from .pictures import PAPER, Taken

LONGEST = 90
"""Characters of what is said of a hidden layer."""
RESOLUTION = 120
"""Places along each side of a plane at which the network is asked."""


def answers_svg(session: Session, view: View) -> Taken:
    """What the network answers over one or two inputs, with the examples.

    Where the data show one neuron it is that one's answers, where they show a hidden layer it is the examples as that
    sees them.
    """
    from backprop_tui.tui.panes.data import shown_view
    from backprop_tui.tui.panes.function_lines import has_curve
    from backprop_tui.tui.panes.neuron_map import title
    from backprop_tui.tui.panes.plane import has_plane

    shown = shown_view(session, view)
    if shown == "hidden layer":
        return hidden_svg(session, view), []
    of_neuron = shown == "neuron" and has_plane(session.dataset)
    layer = session.trainer.layers[view.spotlight.layer - 1] if of_neuron else None
    whose = "the network's answers" if layer is None else title(session, view, layer)
    what = f"{whose}, {parameters_moment(session)}"
    if has_plane(session.dataset):
        return plane_svg(session, view, what, layer), []
    if has_curve(session.dataset):
        return function_svg(session, view, what), []
    raise PresetError(
        "its examples are not points of a plane or of a line; of a hidden layer, a view of Data, there is one"
    )


def function_svg(session: Session, view: View, what: str) -> str:
    """The line over one input."""
    from backprop_tui.tui.drawing.curve_svg import curve_svg  # Not needed to open.
    from backprop_tui.tui.panes.function_lines import function_of

    found = function_of(session, view)
    told = f"{what}, over {len(found.along)} places from {found.horizontal.low:g} to {found.horizontal.high:g}"
    return curve_svg(
        found.along,
        found.answers,
        replace(found.examples, chosen=None),
        found.horizontal,
        found.vertical,
        PAPER,
        title=session.preset.title,
        subtitle=what,
        description=f"{told}, and {len(found.examples.x)} examples",
    )


def plane_svg(session: Session, view: View, what: str, layer: Layer | None = None) -> str:
    """The plane of two inputs: the network's answers, or those of the spotlight's neuron in `layer`."""
    from backprop_tui.core.inquiry.responses import Responses  # Not needed to open.
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
    seen = points(data, tests=view.test_points)
    return surface_svg(
        answers,
        seen,
        *axes_of(data),
        replace(scale, discrete=view.discrete),
        Meaning(written(ends), kind_names(data, kinds)),
        PAPER,
        title=session.preset.title,
        subtitle=what,
        description=f"{what}, over {RESOLUTION} × {RESOLUTION} places, and {len(seen.x)} examples",
        kinds=kinds,
    )


def hidden_svg(session: Session, view: View) -> str:
    """The examples as a hidden layer sees them, and what is made of each place where these two units are all."""
    from backprop_tui.core.inquiry.hidden_layer import answers_to  # Not needed to open.
    from backprop_tui.core.training.measures import Part
    from backprop_tui.tui.drawing.surface_svg import Meaning, surface_svg
    from backprop_tui.tui.panes import hidden_lines
    from backprop_tui.tui.panes.plane_lines import ends_of

    data, sight = session.dataset, hidden_lines.chosen_sight(session, view)
    parts: list[Part] = ["training", "test"] if view.test_points and data.test_size else ["training"]
    picture = hidden_lines.picture_of(sight, [answers_to(session, part, sight.layer.number) for part in parts])
    if picture is None:
        raise PresetError("the answers of the hidden layer are all the same, or are no numbers")
    told = hidden_lines.is_told(data)
    behind = hidden_lines.ground(session, sight, picture, RESOLUTION, RESOLUTION) if told else None
    scale = replace(hidden_lines.letters_of(data), discrete=view.discrete)
    names = kind_names(data, scale) if told else ("no", "yes")
    seen_by = hidden_lines.title(session, view, sight, picture.shares, LONGEST).text.strip()
    what = f"{seen_by}, {parameters_moment(session)}"
    seen = replace(hidden_lines.points(session, view, picture, parts), chosen=None)
    return surface_svg(
        behind,
        seen,
        picture.horizontal,
        picture.vertical,
        scale,
        Meaning(written(ends_of(data, scale)), names),
        PAPER,
        title=session.preset.title,
        subtitle=what,
        description=f"{what}, {len(seen.x)} examples",
    )


def kind_names(data: Dataset, kinds: SurfaceScale) -> tuple[str, ...]:
    """What the examples' shapes mean: their classes, or on which side of the middle they are."""
    from backprop_tui.core.training.measures import classes_of
    from backprop_tui.tui.panes.plane_lines import ends_of

    turn = format_number(ends_of(data, kinds)[1], 8, 3)
    return (f"up to {turn}", f"above {turn}") if kinds.regression else tuple(classes_of(data))


def written(ends: Sequence[float]) -> tuple[str, str, str]:
    """The low end, the middle and the high end of a scale."""
    low, middle, high = (format_number(end, 8, 3) for end in ends)
    return low, middle, high
