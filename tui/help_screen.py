"""Help: the preset's lesson, what the panes show, and every key."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Markdown, Static

from backprop_tui.core.tables import Preset

from .glyphs import Look

PANES = """\
## What is on the screen

- **Weights**: the network as a diagram, as heatmaps or in numbers (`w`). Blue is positive, orange negative; in the
  diagram a positive weight is a solid line, a negative one dashed. `▸` marks the parameter in the spotlight.
- **Chain rule**: the op that has just run, its rule, and the numbers that went into it. `↑ ↓` choose a factor,
  `enter` goes to the op that made it, `escape` comes back.
- **Loss**: the loss of every batch, and of the test part where there is one; the upright line is where you are, what
  lies right of it is dim.
- **Gradients**: for each layer the norm of its weights' gradient, on a log scale, and log₁₀ of the size of the update
  over that of the weights, for which −3 is a rule of thumb.
- **Data**: the examples and what the network says of them.

What this step has not computed yet is blank, never 0. The line below the panes counts the multiply-adds of one step.

## Symbols

`W⁽ˡ⁾` weights of layer l, row j is neuron j · `b⁽ˡ⁾` biases · `X` inputs, one column an example ·
`Z⁽ˡ⁾ = W⁽ˡ⁾A⁽ˡ⁻¹⁾ + b⁽ˡ⁾` preactivations · `A⁽ˡ⁾ = f(Z⁽ˡ⁾)` activations · `Y` targets · `ℓ` loss of one example ·
`ℒ` loss, their mean over the m examples of the batch · `dZ`, `dA` gradients at Z and A for each example ·
`dW`, `db` gradients of ℒ · `η` learning rate · `ΔW` the change that an update makes · `⊙` entry by entry ·
`ᵀ` transposed

## Keys
"""

NAMES = {
    "right": "→",
    "left": "←",
    "up": "↑",
    "down": "↓",
    "plus,equals_sign": "+",
    "minus": "-",
    "colon": ":",
    "question_mark": "?",
}


def help_text(preset: Preset, keys: Iterable[tuple[str, str]]) -> str:
    """All of the help, as Markdown."""
    lesson = f"# {preset.title}\n\n{preset.summary}\n\n{preset.lesson}\n\n"
    credit = f"*{preset.credit}*\n\n" if preset.credit else ""
    rows = "\n".join(f"| `{NAMES.get(key, key)}` | {does} |" for key, does in keys)
    more = "\n| `ctrl+p` | every command |\n| `ctrl+c` | quit, with status 130 |\n"
    return f"{lesson}{credit}{PANES}\n| key | does |\n| --- | --- |\n{rows}{more}"


class HelpScreen(ModalScreen[None]):
    """A page of Markdown over the screen; escape or `?` closes it."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,question_mark,q", "dismiss", "close"),
    ]

    def __init__(self, preset: Preset, keys: Iterable[tuple[str, str]], look: Look) -> None:
        super().__init__()
        self.text, self.look = help_text(preset, keys), look

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as page:
            page.border_title = "Help"
            page.border_subtitle = self.look.text("↑ ↓ scroll, escape closes")
            if self.look.glyphs.ascii:
                # Markdown's bullets and tables are drawn in other characters, so it is shown as it is written.
                yield Static("\n".join(map(self.look.text, self.text.splitlines())), markup=False)
            else:
                yield Markdown(self.text)

    def on_mount(self) -> None:
        self.query_one("#help").focus()
