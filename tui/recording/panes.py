"""The panes of a recording: thin widgets over its drawing functions."""

from textual import events
from textual.message import Message
from textual.strip import Strip

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.chain_rule.page import Page, Window, window_lines
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.plots import Plot
from backprop_tui.tui.drawing.strips import text_lines
from backprop_tui.tui.panes.drawn import Drawn

from .batch_lines import batch_lines
from .kept_run import WEIGHT_VIEWS, KeptRun, RecordedView, within
from .loss_lines import loss_figures, recorded_loss_plot
from .module_lines import module_lines
from .rule_lines import rule_page
from .weight_maps import recorded_weight_lines


class ModuleWanted(Message):
    """Look at the module at a place; those before 0 and behind the last are none."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place


class ExampleWanted(Message):
    """Look at the example so many rows on."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places


class StepWanted(Message):
    """Go to the kept step nearest to a step."""

    def __init__(self, step: float) -> None:
        super().__init__()
        self.step = step


class RecordedPane(Drawn):
    """Shows the kept step in view; what turns out damaged as it is read is said in the pane's place."""

    def __init__(self, title: str, kept: KeptRun, view: RecordedView) -> None:
        super().__init__(title)
        self.kept, self.view = kept, view

    @property
    def look(self) -> Look:
        return self.view.look

    def draw(self, width: int, height: int) -> list[Strip]:
        try:
            return self.lines_of(within(self.kept, self.view), width, height)
        except PresetError as problem:
            return text_lines(str(problem), width, height, self.look, self.look.palette.warning)

    def lines_of(self, view: RecordedView, width: int, height: int) -> list[Strip]:
        """The lines for a view that lies within what there is."""
        raise NotImplementedError


class RecordedLoss(RecordedPane):
    """The plot is drawn again only when something of it has changed; a click goes to the nearest kept step."""

    plotted: Plot
    above = 0

    def lines_of(self, view: RecordedView, width: int, height: int) -> list[Strip]:
        lines = loss_figures(self.kept, view, width)
        self.above = len(lines)
        step = None if self.kept.step is None else self.kept.step.step
        chosen = (view.log, view.window, view.smoothing)
        key = (self.kept.recording.losses, step, view.look, width, height, *chosen)
        if key != self.drawn:
            self.drawn = key
            self.plotted = recorded_loss_plot(self.kept, view, width, height - len(lines))
        return lines + self.plotted.lines

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        frame = self.plotted.frame if self.drawn else None
        if place is not None and frame is not None and place.y >= self.above:
            column = place.x - frame.left
            if 0 <= column < frame.width:
                self.post_message(StepWanted(frame.step_at(column)))


class RecordedGradients(RecordedPane):
    """↑ ↓ choose a module, which is kept in sight; so does a click."""

    first = 0

    def lines_of(self, view: RecordedView, width: int, height: int) -> list[Strip]:
        rows = max(height - 1, 1)
        count = len(self.kept.modules)
        # The last of the rows may say that there are more.
        place = count - 1 - view.module
        self.first = max(0, min(self.first, place))
        if place >= self.first + rows - (self.first + rows < count):
            self.first = place - rows + 2
        self.first = max(0, min(self.first, count - rows))
        return module_lines(self.kept, view, width, height, self.first)

    def move(self, rows: int) -> None:
        self.post_message(ModuleWanted(self.view.module - rows))

    def has_pages(self) -> bool:
        return len(self.kept.modules) > max(self.content_size.height - 1, 1)

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is not None and place.y >= 1:
            self.post_message(ModuleWanted(len(self.kept.modules) - self.first - place.y))


class RecordedWeights(RecordedPane):
    """↑ ↓ choose a module, the next one that has a weight."""

    def lines_of(self, view: RecordedView, width: int, height: int) -> list[Strip]:
        self.name_view("w", view.weights, WEIGHT_VIEWS)
        return recorded_weight_lines(self.kept, view, width, height)

    def move(self, rows: int) -> None:
        places = [place for place, module in enumerate(self.kept.modules) if module.weight is not None]
        ahead = [place for place in places if (place - self.view.module) * rows > 0]
        if ahead:
            self.post_message(ModuleWanted(min(ahead) if rows > 0 else max(ahead)))


class RecordedData(RecordedPane):
    """↑ ↓ choose the example."""

    def lines_of(self, view: RecordedView, width: int, height: int) -> list[Strip]:
        return batch_lines(self.kept, view, width, height)

    def move(self, rows: int) -> None:
        self.post_message(ExampleWanted(rows))


class RecordedChainRule(RecordedPane):
    """↑ ↓ scroll where there is more than the pane has room for."""

    first = 0
    window = Window(0, 0, 0)
    module = 0

    def lines_of(self, view: RecordedView, width: int, height: int) -> list[Strip]:
        page: Page = rule_page(self.kept, view, width)
        if view.module != self.module:
            self.module, self.first = view.module, 0
        self.window = Window.of(page, height, self.first)
        self.first = self.window.first
        return window_lines(page, self.window, width, self.look, whole=self.whole)

    def move(self, rows: int) -> None:
        self.first = max(0, self.first + rows)
        self.update()
