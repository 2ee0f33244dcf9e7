"""The data pane: the plane with its examples and the network's answer everywhere, a curve, an image, or numbers.

Behind key `m`: what the answers for the whole data are worth, the examples with the largest losses, about the data.
"""

from dataclasses import replace

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.batch_example import batch_example
from backprop_tui.core.inquiry.given import known_column
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.measures import classes_of
from backprop_tui.tui.drawing.axes import PlotRange
from backprop_tui.tui.drawing.curve import curve_lines
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines
from backprop_tui.tui.drawing.surface import Points, SurfaceScale, surface_lines

from .about_lines import about_lines
from .example_lines import Example, answered_class, example_picture
from .majority import majority_note
from .measure_lines import measure_lines
from .measuring import Found, Measuring
from .messages import ExampleWanted, Told, TrainingExampleWanted
from .moment import answering_plan, answers_moment, parameters_moment
from .pane import Pane
from .view import DATA_VIEWS, View
from .wrong_lines import chosen_wrong, place_of_chosen, wrong_lines

CURVE_POINTS = 200
MARGIN = 0.1
LEAST_NOTED = 7
"""The height from which an example in numbers leaves lines for words."""
LEAST_POINTS = 3
"""Examples that make a picture of a plane; fewer are numbers."""
ROOMY = 12
"""The height from which the plane leaves a line for words."""


def data_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The picture that fits the data."""
    data = session.dataset
    if has_plane(data):
        return plane_lines(session, view, width, height)
    if data.inputs.shape[0] == 1 and data.targets.shape[0] == 1:
        return curve(session, view, width, height)
    return batch_lines(session, view, width, height)


def has_plane(data: Dataset) -> bool:
    """Whether the examples are points of a plane that says something: not of one or two, nor of two answers at once."""
    if data.image_shape is not None or data.points is None or data.domain is None:
        return False
    return data.size >= LEAST_POINTS and not (data.target_kind == "real" and len(data.targets) > 1)


def plane_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The decision surface under the examples, and where there is room a line about the chosen one."""
    data = session.dataset
    note = example_note(session, view, width) if height >= ROOMY else []
    height -= len(note)
    assert data.domain is not None
    horizontal = PlotRange(data.feature_names[0] if len(data.feature_names) == 2 else "x1", *data.domain[0])
    vertical = PlotRange(data.feature_names[1] if len(data.feature_names) == 2 else "x2", *data.domain[1])
    columns, rows = max(width, 1), max(2 * height, 2)
    x, y = np.linspace(*data.domain[0], columns), np.linspace(data.domain[1][1], data.domain[1][0], rows)
    grid = np.stack([np.tile(x, rows), np.repeat(y, columns)])
    answer = classes(session.evaluator.predict(grid)).reshape(rows, columns)
    seen = replace(points(data), chosen=chosen_example(session, view))
    return surface_lines(answer, seen, horizontal, vertical, scale(data), width, height, view.look) + note


def chosen_example(session: Session, view: View) -> int | None:
    """The number in the training set of the chosen example; None at full speed."""
    if view.playing:
        return None
    # Before the first op it is of the batch to come.
    step = session.step + 1 if session.op is None else session.position.step
    return batch_example(session.trainer, step, view.spotlight.example)


def example_note(session: Session, view: View, width: int) -> list[Strip]:
    """Which example is marked, of which moment the picture is, and of which mode where training is another one."""
    look, texts = view.look, []
    ground = ["ground: evaluation mode"] if differs(session) else []
    ground += [] if view.playing else [parameters_moment(session)]
    when = ", ".join(ground)
    if chosen_example(session, view) is not None:
        texts = [name_of_example(session, view)]
        if cell_len(f"{texts[0]}   {when}") > width:
            texts = [brief_name(session, view)]
    texts += [when] if ground else []
    if not view.playing and (majority := majority_note(session)):
        texts.append(majority)
    rows = texts[:1]
    for text in map(look.text, texts[1:]):
        if cell_len(f"{rows[-1]}   {text}") <= width:
            rows[-1] += f"   {text}"
        else:
            rows.append(text)
    return [line([(fit(row, width, look), style(look.palette.dim))], width) for row in rows]


def name_of_example(session: Session, view: View) -> str:
    """`▸ example 3 of the batch's 32`."""
    examples = session.plan.examples
    return (
        f"{view.look.glyphs.cursor} example {min(view.spotlight.example, examples - 1) + 1} of the batch's {examples}"
    )


def brief_name(session: Session, view: View) -> str:
    """`▸ example 3 of 32`."""
    examples = session.plan.examples
    return f"{view.look.glyphs.cursor} example {min(view.spotlight.example, examples - 1) + 1} of {examples}"


def differs(session: Session) -> bool:
    """Whether the network answers otherwise in training: with batch norm or dropout."""
    return any(layer.batch_norm or layer.dropout for layer in session.trainer.layers)


def mode_text(session: Session) -> str:
    """What the numbers of the step in hand are of, where training and evaluation differ."""
    return ", training mode" if differs(session) else ""


def classes(predictions: FloatArray) -> FloatArray:
    """One number a column: the output itself, of two the share between them, of more the class of the largest."""
    if len(predictions) == 1:
        only: FloatArray = predictions[0]
        return only
    if len(predictions) == 2:
        total = predictions.sum(axis=0)
        share: FloatArray = np.divide(predictions[1], total, out=np.full_like(total, 0.5), where=total != 0)
        return share
    largest: FloatArray = predictions.argmax(axis=0).astype(float)
    return largest


def scale(data: Dataset) -> SurfaceScale:
    """Where the colours turn: at ½ for 0/1, at 0 for −1/1 and for regression."""
    outputs = data.targets.shape[0]
    if outputs > 2:
        return SurfaceScale(classes=outputs)
    if data.target_kind == "signed":
        return SurfaceScale(0.0, 1.0)
    if data.target_kind == "real":
        return SurfaceScale(0.0, float(np.max(np.abs(data.targets), initial=1e-9)), regression=True)
    return SurfaceScale()


def points(data: Dataset) -> Points:
    """Both parts of the data as points with classes."""
    assert data.points is not None
    parts = [(data.points, data.targets, False)]
    if data.test_points is not None and data.test_points.size:
        parts.append((data.test_points, data.test_targets, True))
    places = np.concatenate([places for places, _, _ in parts], axis=1)
    targets = np.concatenate([targets for _, targets, _ in parts], axis=1)
    known = targets.argmax(axis=0).astype(float) if len(targets) > 1 else targets[0]
    if data.target_kind == "signed":
        known = (known > 0).astype(float)
    is_test = np.concatenate([np.full(places.shape[1], test) for places, _, test in parts])
    return Points(places[0], places[1], known, is_test)


def curve(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The network's output over its one input, with the examples, in the data's own units."""
    data = session.dataset
    parts = [(data.inputs, data.targets, False), (data.test_inputs, data.test_targets, True)]
    x = np.concatenate([data.inputs_in_own_units(inputs)[0] for inputs, _, _ in parts])
    y = np.concatenate([data.in_own_units(targets)[0] for _, targets, _ in parts])
    is_test = np.concatenate([np.full(inputs.shape[1], test) for inputs, _, test in parts])
    horizontal = around(
        data.feature_names[0] if data.feature_names else "x", x if data.mean is not None else np.append(x, 0.0)
    )
    along = np.linspace(horizontal.low, horizontal.high, CURVE_POINTS)
    answer = data.in_own_units(session.evaluator.predict(along[None]))[0]
    vertical = around("y", np.concatenate([y, answer[np.isfinite(answer)]]))
    chosen = chosen_example(session, view)
    seen = Points(x, y, y, is_test, chosen)
    network = "the network in evaluation mode" if differs(session) else "the network"
    when = "" if view.playing else f" {parameters_moment(session)}"
    legend = f"line: {network}{when}   letters: examples"
    if chosen is not None:
        answered = float(data.in_own_units(session.evaluator.predict(x[chosen : chosen + 1][None]))[0, 0])
        about = f"at x = {form(x[chosen], view)}: {form(answered, view)}, target {form(y[chosen], view)}"
        whole = f"{legend}   {view.look.glyphs.cursor} {about}"
        legend = whole if cell_len(view.look.text(whole)) <= width else f"{view.look.glyphs.cursor} {about}"
    note = line([(fit(legend, width, view.look), style(view.look.palette.dim))], width)
    return [*curve_lines(along, answer, seen, horizontal, vertical, width, height - 1, view.look), note]


def form(value: float, view: View) -> str:
    return format_number(float(value), 8, 4, view.look.glyphs)


def around(name: str, values: FloatArray) -> PlotRange:
    """A range that holds all values with a margin; rounded, so that it does not creep as the curve moves."""
    low, high = float(values.min()), float(values.max())
    step = 10.0 ** np.floor(np.log10(max(high - low, 1e-9)))
    return PlotRange(name, float(np.floor(low / step - MARGIN) * step), float(np.ceil(high / step + MARGIN) * step))


def batch_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The chosen example of the batch, as an image or in numbers, with the network's answer and the truth."""
    plan, look = answering_plan(session, view), view.look
    example = min(view.spotlight.example, plan.examples - 1)

    def column(symbol: str, layer: int | None) -> FloatArray | None:
        return known_column(session, plan[symbol, layer], example)

    shown = Example(column("X", None), column("A", view.last(session)), column("Y", None))
    truth = answered_class(shown.target, session.dataset)
    said = "" if truth is None else f", truth {classes_of(session.dataset)[truth]}"
    when = "" if shown.answer is None else f", {answers_moment(session, view)}"
    head = line([(heading(session, view, said, when, width), style(look.palette.dim))], width)
    roomy = session.dataset.image_shape is None and height >= LEAST_NOTED
    note = majority_note(session) if roomy and not view.playing else ""
    foot = text_lines(note, width, 3, look, look.palette.warning)
    picture = example_picture(shown, session.dataset, width, height - 1 - len(foot), look)
    return [head, *picture, *foot]


def heading(session: Session, view: View, truth: str, when: str, width: int) -> str:
    """Which example it is, its truth, and when the network answers so, as briefly as the room asks for."""
    look, brief = view.look, brief_name(session, view)
    alone = brief.rpartition(" of ")[0]
    named = (name_of_example(session, view), brief, alone, alone.replace("example ", ""))
    texts = [f"{name}{truth}{mode}{when}" for mode in (mode_text(session), "") for name in named]
    return next((text for text in texts if cell_len(text) <= width), fit(texts[-1], width, look))


def titled(name: str, found: Found | None, session: Session, view: View, width: int) -> Strip:
    """What the view is, of which position its numbers are, and of which targets its losses."""
    look, said = view.look, [name]
    if found is not None:
        said.append(f"after step {format_count(found.step)}" if found.step else "before step 1")
        said += ["pause: measured anew"] if view.playing else []
        said += ["losses are of normalized targets"] if session.dataset.target_std is not None else []
    text = fit(f" {look.glyphs.separator} ".join(said), width, look)
    return line([(text, style(look.palette.accent))], width)


class DataPane(Pane):
    """`m` shows the next view: a picture of the examples, measures, the most wrong, and about the data.

    ↑ ↓ choose the example, or scroll. The picture is drawn again only when what it shows has changed.
    """

    interval = 0.3
    picture: list[Strip]

    def __init__(self, title: str, session: Session, view: View) -> None:
        super().__init__(title, session, view)
        self.measuring = Measuring()
        self.first = 0
        self.about: tuple[object, list[Strip]] = ((), [])
        self.measures: tuple[object, list[Strip]] = ((), [])

    def follow(self, session: Session) -> None:
        super().follow(session)
        self.measuring, self.about, self.measures = Measuring(), ((), []), ((), [])

    def draw(self, width: int, height: int) -> list[Strip]:
        session, view = self.session, self.view
        self.name_view("m", view.data, DATA_VIEWS)
        if view.data == "picture":
            return self.draw_picture(width, height)
        if view.data == "about":
            return self.scrolled(
                titled("about the data", None, session, view, width), self.lines_about(width), width, height
            )
        found = self.measuring.look(session, playing=view.playing)
        if view.data == "most wrong":
            place = f"most wrong first: {place_of_chosen(found, view) + 1:,} of {found.examples:,}"
            return [titled(place, found, session, view, width), *wrong_lines(found, session, view, width, height - 1)]
        if self.measures[0] != (found, width, view.look):
            self.measures = ((found, width, view.look), measure_lines(found, session, width, view.look))
        return self.scrolled(titled("measures", found, session, view, width), self.measures[1], width, height)

    def lines_about(self, width: int) -> list[Strip]:
        key = (self.session.dataset, width, self.view.look)
        if self.about[0] != key:
            self.about = (key, about_lines(self.session.dataset, width, self.view.look))
        return self.about[1]

    def scrolled(self, head: Strip, lines: list[Strip], width: int, height: int) -> list[Strip]:
        """Lines under a head that stays, from the first in sight on; a line at the end says how many more there are."""
        room = max(height - 1, 0)
        self.first = max(0, min(self.first, len(lines) - room))
        left = len(lines) - self.first - room
        shown = lines[self.first : self.first + room]
        if left > 0 and room:
            more = fit(f"{self.look.glyphs.ellipsis} {left + 1} more lines: ↑ ↓", width, self.look)
            shown[-1] = line([(more, style(self.look.palette.accent))], width)
        return [head, *shown]

    def draw_picture(self, width: int, height: int) -> list[Strip]:
        session, view = self.session, self.view
        # Images and numbers are those of the batch in hand, the plane and the curve those of the parameters alone.
        events = 0 if has_plane(session.dataset) else session.count
        chosen = chosen_example(session, view)
        key = (session, session.step, events, view.spotlight.example, chosen, view.playing, view.look, width, height)
        if key != self.drawn:
            self.drawn = key
            self.picture = data_lines(session, view, width, height)
        return list(self.picture)

    def move(self, rows: int) -> None:
        if self.view.data == "picture":
            self.post_message(ExampleWanted(rows))
            return
        if self.view.data == "most wrong":
            found = self.measuring.look(self.session, playing=self.view.playing)
            place = place_of_chosen(found, self.view) + rows
            self.view.wrong = found.most_wrong[max(0, min(place, len(found.most_wrong) - 1))]
        else:
            self.first = max(0, self.first + rows)
        self.update()

    def activate(self) -> None:
        """In the list of the most wrong: the chosen example into the spotlight."""
        if self.view.data != "most wrong":
            return
        chosen = chosen_wrong(self.measuring.look(self.session, playing=self.view.playing), self.view)
        self.view.wrong = chosen
        if chosen is not None and chosen[0] == "training":
            self.post_message(TrainingExampleWanted(chosen[1]))
        elif chosen is not None:
            self.post_message(Told(f"example {chosen[1] + 1:,} of the test set is in no batch: no step trains on it"))

    def next_view(self) -> None:
        self.view.data = DATA_VIEWS[(DATA_VIEWS.index(self.view.data) + 1) % len(DATA_VIEWS)]
        self.first = 0
        self.update()
