"""A recording and a place in it: which kept step, and which module, entry and example of it are looked at."""

from dataclasses import field, replace

from backprop_tui.core.recording.gradient_trends import GradientTrends
from backprop_tui.core.recording.kept_batch import KeptBatch, kept_batch
from backprop_tui.core.recording.kept_step import KeptStep, ModuleFigures
from backprop_tui.core.recording.linear_rule import LinearStep, apart, linear_step
from backprop_tui.core.recording.reader import Recording
from backprop_tui.core.recording.recorded_modules import Module, modules_of
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.panes.loss_window import Window

WEIGHT_VIEWS = ("maps", "numbers")


@dataclass(slots=True)
class RecordedView:
    """What a person has chosen to look at. `following`: the latest kept step, whichever that is.

    `module` is the place of the module, `output` and `source` those of the entry of its weight, `row` of the example.
    `window` are the steps whose losses are shown, None for all; `smoothing` is how many of these a mean goes over, 0
    for no mean, None for a twentieth.
    """

    following: bool = True
    module: int = 0
    output: int = 0
    source: int = 0
    row: int = 0
    log: bool = False
    window: Window | None = None
    smoothing: int | None = None
    weights: str = WEIGHT_VIEWS[0]
    look: Look = field(default_factory=Look)


class KeptRun:
    """`step` is the kept step in view, None as long as none is kept; what is read of it is held while it is in view.

    Reading raises PresetError, with one line, for what turns out damaged.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.modules: tuple[Module, ...] = modules_of(recording.meta)
        self.trends = GradientTrends()
        self.trends.take_in(recording, self.modules)
        self.step: KeptStep | None = None
        self.linear: dict[int, tuple[LinearStep, float | None] | None] = {}
        self.batch: KeptBatch | None = None
        self.go_to_latest()

    @property
    def place(self) -> int:
        """How many kept steps there are up to the one in view."""
        return 0 if self.step is None else sum(step <= self.step.step for step in self.recording.steps)

    def refresh(self, *, following: bool) -> bool:
        """Take in what has been written since; whether there was something."""
        if not self.recording.refresh():
            return False
        self.modules = modules_of(self.recording.meta)
        self.trends.take_in(self.recording, self.modules)
        if following or self.step is None:
            self.go_to_latest()
        return True

    def go_to_latest(self) -> None:
        if self.recording.steps and (self.step is None or self.step.step != self.recording.steps[-1]):
            self.go_to(self.recording.steps[-1])

    def go_to(self, step: int) -> None:
        """To a kept step."""
        found = KeptStep(self.recording, step)
        self.batch = kept_batch(found, self.recording.meta.get("loss"))
        self.step, self.linear = found, {}

    def beside(self, places: int) -> int | None:
        """The kept step so many places on from the one in view, at the ends the last one; None without any."""
        steps = self.recording.steps
        if not steps:
            return None
        here = self.place - 1
        return steps[max(0, min(here + places, len(steps) - 1))]

    def figures(self) -> list[ModuleFigures]:
        """Those of every module at the step in view."""
        step = self.step
        return [ModuleFigures(m.number) if step is None else step.figures(m) for m in self.modules]

    def linear_of(self, module: Module) -> tuple[LinearStep, float | None] | None:
        """The arrays of a module as a linear one, and how far dZᵀA is from the recorded gradient; else None."""
        if self.step is None:
            return None
        if module.number not in self.linear:
            found = linear_step(self.step, module)
            self.linear[module.number] = None if found is None else (found, apart(found))
        return self.linear[module.number]


def first_module(run: KeptRun) -> int:
    """The place of the module that is looked at first: the last linear one, whose chain rule can be told."""
    places = [place for place, module in enumerate(run.modules) if module.kind.endswith("Linear")]
    return places[-1] if places else 0


def in_view(run: KeptRun, view: RecordedView) -> Module | None:
    """The chosen module."""
    return run.modules[min(view.module, len(run.modules) - 1)] if run.modules else None


def within(run: KeptRun, view: RecordedView) -> RecordedView:
    """The view with the entry and the example brought within what there is."""
    module = in_view(run, view)
    linear = None if module is None else run.linear_of(module)
    rows, columns = weight_shape(run, module)
    most = linear[0].rows if linear is not None else 0
    examples = max(most, run.batch.rows if run.batch is not None else 0, 1)
    return replace(
        view,
        module=max(0, min(view.module, len(run.modules) - 1)),
        output=max(0, min(view.output, rows - 1)),
        source=max(0, min(view.source, columns - 1)),
        row=view.row % examples,
    )


def weight_shape(run: KeptRun, module: Module | None) -> tuple[int, int]:
    """Rows and columns of a module's weight as it is drawn; 1, 1 where it has none, or it was not kept."""
    if module is None or run.step is None or module.weight is None:
        return 1, 1
    found = run.step.shapes.get(f"θ/{module.weight}")
    if found is None or not found[0]:
        return 1, 1
    rows, columns = found[0][0], 1
    for size in found[0][1:]:
        columns *= size
    return max(rows, 1), max(columns, 1)
