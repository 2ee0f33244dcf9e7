"""The data pane: the plane with its examples and the network's answer everywhere, a curve, an image, or numbers.

Behind key `m`: one neuron over the inputs, the data as a hidden layer sees them, confusion, what the answers for the
whole data are worth, the examples with the largest losses, about the data.
"""

from dataclasses import replace
from time import perf_counter

from textual.strip import Strip

from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.evaluation import EVALUATION_SHARE
from backprop_tui.core.training.measures import Part
from backprop_tui.tui.drawing.numbers import format_count
from backprop_tui.tui.drawing.strips import fit, line, style

from .chosen_example import chosen_example
from .editing import EditedPane
from .example_in_numbers import batch_lines
from .function_lines import curve, has_curve
from .measuring import Found, Measuring
from .messages import ExampleWanted, SpotlightWanted, Told, TrainingExampleWanted
from .plane import Plane, has_plane
from .view import DATA_VIEWS, View

PICTURES = ("picture", "neuron", "hidden layer")
"""The views that are pictures, in which an example is chosen."""
LONG = ("measures", "most wrong", "about")
"""The views that are lists and texts, in which one turns pages."""


def data_lines(session: Session, view: View, width: int, height: int, plane: Plane | None = None) -> list[Strip]:
    """The picture that fits the data; `plane` is what pictures of the plane keep."""
    data = session.dataset
    if has_plane(data):
        from .plane_lines import plane_lines  # Not needed to open.

        return plane_lines(session, view, width, height, plane or Plane())
    if has_curve(data):
        return curve(session, view, width, height)
    return batch_lines(session, view, width, height)


def data_views(session: Session, hide: Hidden = NOTHING_HIDDEN) -> list[str]:
    """The views that make sense for the data and the network of a run, and are not hidden, in the order of `m`."""
    data = session.dataset
    plane = has_plane(data) or has_curve(data)
    without = set() if plane else {"neuron"}
    without |= set() if len(session.trainer.layers) > 1 else {"hidden layer"}
    without |= {"confusion"} if data.target_kind == "real" else set()
    return [name for name in DATA_VIEWS if name not in without and not hide.view("data", name)]


def shown_view(session: Session, view: View) -> str:
    """The chosen view, or the picture where that makes no sense for the data."""
    return view.data if view.data in data_views(session, view.hide) else DATA_VIEWS[0]


def shown_part(session: Session, view: View) -> Part:
    """The part whose confusion is shown: the training part where there is no other."""
    return view.part if session.dataset.test_size else "training"


def titled(name: str, found: Found | None, session: Session, view: View, width: int) -> Strip:
    """What the view is, of which position its numbers are, and of which targets its losses."""
    look, said = view.look, [name]
    if found is not None:
        said.append(f"after step {format_count(found.step)}" if found.step else "before step 1")
        said += ["pause: measured anew"] if view.playing else []
        said += ["losses are of normalized targets"] if session.dataset.target_std is not None else []
    text = fit(f" {look.glyphs.separator} ".join(said), width, look)
    return line([(text, style(look.palette.accent))], width)


class DataPane(EditedPane):
    """`m` shows the next view, `,` and `.` the neuron, the pair or the part before and after.

    ↑ ↓ choose the example, or scroll. A picture is drawn again only when what it shows has changed.
    """

    interval = 0.3
    picture: list[Strip]

    def __init__(self, title: str, session: Session, view: View) -> None:
        super().__init__(title, session, view)
        self.measuring, self.plane = Measuring(), Plane()
        self.first, self.rests_until = 0, 0.0
        self.about: tuple[object, list[Strip]] = ((), [])
        self.measures: tuple[object, list[Strip]] = ((), [])

    def follow(self, session: Session) -> None:
        super().follow(session)
        self.measuring, self.plane = Measuring(), Plane()
        self.about, self.measures = ((), []), ((), [])

    @property
    def shown(self) -> str:
        """The view that is shown."""
        return shown_view(self.session, self.view)

    def draw(self, width: int, height: int) -> list[Strip]:
        session, view, shown = self.session, self.view, self.shown
        self.name_view("m", shown, data_views(session, view.hide))
        if self.editing is not None and self.making:
            return self.editing.lines(self, width, height)
        if shown in PICTURES:
            return self.picture_lines(width, height)
        if shown == "about":
            return self.scrolled(
                titled("about the data", None, session, view, width), self.lines_about(width), width, height
            )
        found = self.measuring.look(session, playing=view.playing)
        if shown == "most wrong":
            from .wrong_lines import place_of_chosen, wrong_lines  # Not needed to open.

            place = f"most wrong first: {place_of_chosen(found, view) + 1:,} of {found.examples:,}"
            return [titled(place, found, session, view, width), *wrong_lines(found, session, view, width, height - 1)]
        if shown == "confusion":
            from .confusion_lines import confusion_lines  # Not needed to open.

            part = shown_part(session, view)
            head = titled(f"confusion, {part} part", found, session, view, width)
            return [head, *confusion_lines(found, part, width, height - 1, view.look)]
        if self.measures[0] != (found, width, view.look):
            from .measure_lines import measure_lines  # Not needed to open.

            self.measures = ((found, width, view.look), measure_lines(found, session, width, view.look))
        return self.scrolled(titled("measures", found, session, view, width), self.measures[1], width, height)

    def lines_about(self, width: int) -> list[Strip]:
        from .about_lines import about_lines  # Not needed to open.

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

    def picture_lines(self, width: int, height: int) -> list[Strip]:
        session, view, shown = self.session, self.view, self.shown
        # Images and numbers are those of the batch in hand, all other pictures those of the parameters alone.
        alone = shown != DATA_VIEWS[0] or has_plane(session.dataset) or has_curve(session.dataset)
        events = 0 if alone else session.count
        selected = (
            session,
            shown,
            view.spotlight,
            view.sight,
            view.test_points,
            view.discrete,
            view.look,
            width,
            height,
        )
        state = (session.trainer, session.step, events, chosen_example(session, view), view.playing)
        begin = perf_counter()
        # At full speed what takes long is drawn within its share of the time.
        resting = view.playing and self.drawn[:1] == (selected,) and begin < self.rests_until
        if self.drawn != (selected, state) and not resting:
            self.drawn = (selected, state)
            if shown == "neuron":
                from .neuron_map import neuron_map  # Not needed to open.

                self.picture = neuron_map(session, view, width, height, self.plane)
            elif shown == "hidden layer":
                from .hidden_lines import hidden_lines  # Not needed to open.

                self.picture = hidden_lines(session, view, width, height)
            else:
                self.picture = data_lines(session, view, width, height, self.plane)
            ended = perf_counter()
            self.rests_until = ended + (ended - begin) * (1 / EVALUATION_SHARE - 1)
        return list(self.picture)

    def move(self, rows: int) -> None:
        from .wrong_lines import place_of_chosen  # Not needed to open.

        if self.shown in PICTURES:
            self.post_message(ExampleWanted(rows))
            return
        if self.shown == "most wrong":
            found = self.measuring.look(self.session, playing=self.view.playing)
            place = place_of_chosen(found, self.view) + rows
            self.view.wrong = found.most_wrong[max(0, min(place, len(found.most_wrong) - 1))]
        else:
            self.first = max(0, self.first + rows)
        self.update()

    def has_pages(self) -> bool:
        return self.shown in LONG

    def activate(self) -> None:
        """In the list of the most wrong: the chosen example into the spotlight."""
        from .wrong_lines import chosen_wrong  # Not needed to open.

        if self.shown != "most wrong":
            return
        chosen = chosen_wrong(self.measuring.look(self.session, playing=self.view.playing), self.view)
        self.view.wrong = chosen
        if chosen is not None and chosen[0] == "training":
            self.post_message(TrainingExampleWanted(chosen[1]))
        elif chosen is not None:
            self.post_message(Told(f"example {chosen[1] + 1:,} of the test set is in no batch: no step trains on it"))

    def toggle_test_points(self) -> str:
        """Show the points of the test part, or hide them; what to say about it."""
        data, view = self.session.dataset, self.view
        if not data.test_size:
            return "there is no test part: every example is trained on"
        view.test_points = not view.test_points
        return f"test points {'shown' if view.test_points else 'hidden'}: {format_count(data.test_size)} examples"

    def toggle_discrete(self) -> str:
        """Tell answers by their side of the middle alone, or in shades; what to say about it."""
        self.view.discrete = not self.view.discrete
        return "answers by their side of the middle alone" if self.view.discrete else "answers in shades"

    def choose(self, places: int) -> str:
        """`,` and `.`: the neuron, the sight of a hidden layer or the part so many places on; what to say about it."""
        from .hidden_lines import place_of_sight, sights  # Not needed to open.
        from .neuron_map import moved

        session, view = self.session, self.view
        if self.shown == "neuron":
            layer, unit = moved(session, view, places)
            self.post_message(SpotlightWanted(replace(view.spotlight, layer=layer, unit=unit, input=0)))
        elif self.shown == "hidden layer":
            view.sight = (place_of_sight(session, view) + places) % len(sights(session))
        elif self.shown == "confusion":
            if not session.dataset.test_size:
                return "there is no test part: this is the training part"
            view.part = "training" if shown_part(session, view) == "test" else "test"
        else:
            key = view.look.keys.said("m")
            return f"here , and . choose nothing: {key} shows a neuron, a hidden layer, confusion, where there are any"
        self.update()
        return ""

    def next_view(self) -> None:
        views = data_views(self.session, self.view.hide)
        self.view.data = views[(views.index(self.shown) + 1) % len(views)]
        self.first = 0
        self.update()
