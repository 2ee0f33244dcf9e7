"""The weights pane: a diagram of a small network, maps of a large one, the numbers of one layer, or a list."""

from dataclasses import replace

import numpy as np
from textual import events
from textual.strip import Strip

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.one_matrix import linear_stretches
from backprop_tui.core.inquiry.spotlight_history import History, SpotlightHistory
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.matrix import matrix_entry_at, matrix_lines
from backprop_tui.tui.drawing.strips import fit, line, style
from backprop_tui.tui.drawing.titles import title_of

from .messages import NeuronWanted, SpotlightWanted, ValueWanted
from .network_diagram import diagram, network_layout
from .node_maps import NodeMaps
from .pane import Pane
from .picture import Picture, nowhere
from .pointed_lines import Pointed
from .update_arrows import UpdateArrows
from .view import WEIGHT_VIEWS, View
from .weight_lines import layer_words, parameters_name
from .weights_foot import foot_of


def weights_picture(
    session: Session,
    view: View,
    width: int,
    height: int,
    history: History | None = None,
    maps: NodeMaps | None = None,
    pointed: Pointed | None = None,
) -> Picture:
    """The network in the chosen view; under it the parameter in the spotlight, and what its layer started from.

    `maps` are the grids that the maps in the nodes are worked out on, kept from drawing to drawing; `pointed` is what
    the mouse points at.
    """
    maps = maps or NodeMaps()
    foot = foot_of(session, view, width, height, history, pointed, maps)
    room = height - len(foot)
    shown = picture(session, view, width, room, maps)
    lines = shown.lines[:room] + [Strip([])] * (room - len(shown.lines)) + foot
    return Picture(
        lines,
        lambda x, y: shown.at(x, y) if y < room else None,
        lambda x, y: shown.node_at(x, y) if y < room else None,
        shown.number_at,
        len(foot),
    )


def picture(session: Session, view: View, width: int, height: int, maps: NodeMaps) -> Picture:
    """The chosen view; where a diagram does not fit, heatmaps."""
    if view.weights == "numbers":
        return numbers(session, view, width, height)
    if view.weights == "sensitivity":
        return ranked(session, view, width, height)
    if view.weights == "table":
        from .parameter_table import parameter_table  # Not needed to open.

        return parameter_table(session, view, width, height)
    if view.weights == "one matrix":
        from .one_matrix_lines import one_matrix_lines  # Not needed to open.

        return Picture(one_matrix_lines(session, view, width, height), nowhere)
    if view.weights == "picture":
        drawn = diagram(session, view, width, height, maps)
        if drawn is not None:
            return drawn
    from .weight_maps import heatmaps  # Not needed to open.

    if view.weights in ("gradients", "nudges"):
        return heatmaps(session, view, width, height, view.weights)
    return heatmaps(session, view, width, height)


def offered(
    session: Session, view: View, width: int, height: int, history: History | None, foot: int | None = None
) -> list[str]:
    """The views that there are for this network in this room, in the order in which `w` shows them.

    A diagram has to fit, and only linear layers in a row are one matrix. `foot` is how many lines stand under a
    diagram, where that is known.
    """
    as_picture = replace(view, weights="picture")
    if foot is None:
        foot = len(foot_of(session, as_picture, width, height, history))
    room = height - foot
    without = [] if network_layout(session, as_picture, width, room) is not None else ["picture"]
    if session.fixed or not linear_stretches(session.trainer.layers):
        without.append("one matrix")
    return [name for name in WEIGHT_VIEWS if name not in without and not view.hide.view("weights", name)]


def numbers(session: Session, view: View, width: int, height: int) -> Picture:
    """The layer in the spotlight as numbers, and those behind it as far as there is room for all of them.

    A row is a unit, of its weights and behind them its b, γ and β.
    """
    look, layers = view.look, session.trainer.layers
    own = layers[view.spotlight.layer - 1]
    first = numbers_of(own, session, view, width, height)
    pictures, used = [(0, first)], len(first.lines)
    shown = [own]
    for layer in layers[own.number :]:
        if used + 1 + layer.units > height - 2:
            break
        found = numbers_of(layer, session, view, width, 1 + layer.units)
        pictures.append((used, found))
        shown.append(layer)
        used += len(found.lines)
    lines = [row for _, found in pictures for row in found.lines]
    if used < height:
        lines.append(UpdateArrows(session, own, look).legend(width))
    hidden = [layer for layer in layers if layer not in shown]
    if hidden and used + 1 < height:
        names = ", ".join(parameters_name(layer) for layer in hidden)
        beyond = fit(look.text(f"… {names}: shift+← →"), width, look)
        lines.append(line([(beyond, style(look.palette.dim))], width))

    def at(x: int, y: int) -> Spotlight | None:
        start, found = next(pair for pair in reversed(pictures) if pair[0] <= y or not pair[0])
        return found.at(x, y - start)

    return Picture(lines, at)


def numbers_of(layer: Layer, session: Session, view: View, width: int, height: int) -> Picture:
    """The numbers of one layer under its name."""
    look, palette, spotlight = view.look, view.look.palette, view.spotlight
    table = np.column_stack(list(layer.parameters(session.trainer.state.parameters).values()))
    size = f"{layer.units}{look.glyphs.times}{table.shape[1]}"
    title = title_of([parameters_name(layer), size, *layer_words(layer)], width, look)
    head = line([(title, style(palette.text, bold=True))], width)
    lit = (spotlight.unit, spotlight.column(layer)) if layer.number == spotlight.layer else None
    arrows = UpdateArrows(session, layer, look)

    def at(x: int, y: int) -> Spotlight | None:
        entry = matrix_entry_at(table, width, height - 1, look, x, y - 1, spotlight=lit, marked=True)
        return None if entry is None else spotlight.at(layer, *entry)

    return Picture([head, *matrix_lines(table, width, height - 1, look, spotlight=lit, mark=arrows.mark)], at)


def ranked(session: Session, view: View, width: int, height: int) -> Picture:
    """All weights of the network by |∂ℒ/∂w|."""
    from .sensitivity_lines import sensitivity_lines  # Not needed to open.

    lines, places = sensitivity_lines(session, view, width, height)
    return Picture(lines, lambda x, y: places[y] if 0 <= y < len(places) else None)


class WeightsPane(Pane):
    """`w` shows the next view; a click puts the spotlight on the parameter that stands there, enter opens its neuron.

    What the mouse points at is told of under the picture; a second click there asks for another value. In the list by
    gradient ↑ ↓ choose a weight, and enter puts the spotlight on it; in the table they move the spotlight itself. Below
    the frame stands which view is on.
    """

    interval = 0.25

    def __init__(self, title: str, session: Session, view: View) -> None:
        super().__init__(title, session, view)
        self.past, self.maps = SpotlightHistory(), NodeMaps()
        self.picture = Picture([], nowhere)
        self.pointed: Pointed | None = None

    def follow(self, session: Session) -> None:
        super().follow(session)
        # What stood under the pointer may not be there any more.
        self.pointed = None

    def draw(self, width: int, height: int) -> list[Strip]:
        if self.view.hide.view("weights", self.view.weights):
            self.view.weights = WEIGHT_VIEWS[0]
        # While training at full speed nobody can read a trend, and it would cost what training needs.
        history = None if self.view.playing else self.past.look(self.session, self.view.spotlight)
        self.picture = weights_picture(self.session, self.view, width, height, history, self.maps, self.pointed)
        views, shown = self.views(width, height, history, self.picture.foot)
        self.name_view("w", shown, views)
        return self.picture.lines

    def views(self, width: int, height: int, history: History | None, foot: int | None = None) -> tuple[list[str], str]:
        """The views that there are, and the one that is shown: for a diagram without room the maps.

        `foot` is how many lines stand under what is shown, where that is known.
        """
        shown = self.view.weights
        views = offered(self.session, self.view, width, height, history, foot if shown == "picture" else None)
        return views, "heatmaps" if shown == "picture" and shown not in views else shown

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        found = None if place is None else self.picture.at(place.x, place.y)
        if found is None:
            return
        if event.chain == 2:
            # The first of the two has put the spotlight there.
            self.edit()
        else:
            self.post_message(SpotlightWanted(found))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        place = event.get_content_offset(self)
        found = None if place is None else self.picture.at(place.x, place.y)
        if place is None or found is None:
            self.point_at(None)
        else:
            self.point_at(Pointed(found, self.picture.node_at(place.x, place.y)))

    def on_leave(self, event: events.Leave) -> None:
        self.point_at(None)

    def point_at(self, pointed: Pointed | None) -> None:
        """Tell of this instead of the spotlight."""
        if pointed != self.pointed:
            self.pointed = pointed
            self.update()

    def edit(self) -> None:
        """Ask for another value of the parameter in the spotlight, where its number stands."""
        corner, height = self.content_region.offset, self.content_size.height
        place = self.picture.number_at(self.view.spotlight)
        x, y = place or (0, self.foot_line(height))
        self.post_message(ValueWanted(corner.x + x, corner.y + min(y, height - 1)))

    def foot_line(self, height: int) -> int:
        """The line in which the spotlight's value stands under a picture that has no place for it."""
        mark = self.look.glyphs.cursor
        return next((y for y in reversed(range(len(self.lines))) if self.lines[y].text.startswith(mark)), height - 1)

    def move(self, rows: int) -> None:
        from backprop_tui.core.inquiry.sensitivity import weights_known

        from .parameter_table import place_of, spotlight_at  # Not needed to open.

        if self.view.weights == "sensitivity":
            self.view.rank = max(0, min(self.view.rank + rows, weights_known(self.session) - 1))
            self.update()
        elif self.view.weights == "table":
            layers, before = self.session.trainer.layers, self.view.spotlight
            place = place_of(before, layers) + rows
            place = max(0, min(place, sum(layer.size for layer in layers) - 1))
            self.post_message(SpotlightWanted(spotlight_at(layers, place, before)))

    def has_pages(self) -> bool:
        return self.view.weights in ("sensitivity", "table")

    def activate(self) -> None:
        from .sensitivity_lines import chosen_weight  # Not needed to open.

        if self.view.weights != "sensitivity":
            self.post_message(NeuronWanted())
            return
        chosen = chosen_weight(self.session, self.view)
        if chosen is not None:
            self.post_message(SpotlightWanted(chosen))

    def next_view(self) -> None:
        views, shown = self.views(*self.content_size, self.past.look(self.session, self.view.spotlight))
        after = WEIGHT_VIEWS[WEIGHT_VIEWS.index(shown) + 1 :]
        self.view.weights = next((view for view in after if view in views), views[0])
        self.update()
