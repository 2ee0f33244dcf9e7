"""What the help says of each screen, by its heading, as Markdown; and the keys that are answered everywhere."""

import re
from collections.abc import Iterable, Iterator

from backprop_tui.core.diagnosis.rule import LARGE_STEP, TINY_STEP
from backprop_tui.core.preset.hidden import Hidden
from backprop_tui.tui.drawing.key_names import key_name

PANES = f"""\
## The panes

- **Weights**: the network as a diagram, as heatmaps, in numbers, and all its weights by |∂ℒ/∂w| (`w`). Blue is
  positive, orange negative; in the diagram a positive weight is a solid line, a negative one dashed, thicker where
  it is larger. With data of two inputs each node has a map of its answers over the plane, full in colour at the
  largest of them, an output's about the middle of its targets. `▸` marks the parameter in the spotlight; the mouse
  tells of any other; `E` or a double click types another value. `enter` shows the spotlight's neuron: what goes in,
  what comes back, and why that suffices.
  Behind a number `↑` or `↓` is the way this step's update moves it, `=` that it does not;
  blank until that is settled. In the list by |∂ℒ/∂w| `↑ ↓` choose a weight, `enter` puts the spotlight on it; its order
  is that of sensitivity, how much ℒ changes for a small change of each, not of blame; the share is that in the sum over
  all.
- **Chain rule**: the op that has just run, its rule, and the numbers that went into it. `↑ ↓` choose a factor,
  `enter` goes to the op that made it, `escape` comes back. `v` shows the same gradient in other ways:
  its paths, what made it smaller, and the product of slopes against depth, where `↑ ↓` change the depth;
  in *what if* `,` and `.` slide the value of the spotlight's parameter, and the loss follows; *nested* is the network
  as one function in another, with the numbers put in that are computed. Small matrices stand side by side as the rule
  has them, a bias as one more weight, whose input is 1; of a classification p, y and p − y of every class.
  In the backward pass it counts the values that were read back instead of being computed again.
- **Loss**: the loss of every batch, over these their mean (of the last epoch, or of a twentieth of the run where that
  is less), and on top the loss of the test set where there is one; the upright line is where you are, what lies right
  of it is dim. `l` makes the axis logarithmic. Where a few losses would flatten all others the axis is cut, and arrows
  at its top say so. `L` shows the loss over the parameter in the spotlight and another, which `↑ ↓` choose, as a map
  with the run's path on it; `,` and `.` show more and less of it.
- **Gradients**: for each layer the norm of its weights' gradient, on a log scale, and log₁₀ of the size of the update
  over that of the weights, for which −3 is a rule of thumb. The gauge calls a gradient small, moderate or large by this
  quotient, ‖ΔW‖/‖W‖: small below {TINY_STEP:g}, large above {LARGE_STEP:g}.
- **Data**: the examples and what the network says of them. `m` shows the next view. *Measures*: accuracy beside that of
  always answering the most frequent class, confusion matrix, recall and precision of each class, or R², RMSE and MAE.
  *Most wrong*: all examples by their loss; `enter` puts the spotlight on the chosen one, in the step that trains on it.
  *About*: what was found out when the data were read, the classes and the inputs. Where inputs or targets are
  normalized, numbers are in the data's own units, and those of the network stand beside them as *network's*.
- **Lesson**: what to look at, in which order, and why; `i` opens it. Its links act: `↑ ↓` choose one, `enter` does
  what it says. The pane that it is about stands beside it; a link with the name of a pane opens that large, `escape`
  leads back.

`page up` and `page down` go back and forward by the chosen unit, as a presenter's remote sends them; in the lesson, in
the settings and in lists they turn pages, as `ctrl+u` and `ctrl+d` do in every pane.

What this step has not computed yet is blank, never 0. The line below the panes counts the multiply-adds of one step.

## To keep

- `f` records the whole run, with its past, its curves and its edits, in `runs/`: `backprop-tui runs/….backprop`
  opens it again where it stood.
- `W` keeps the weights, running statistics and the optimizer's state: `--set training.start=FILE.npz` goes on from
  them, bit for bit.
- `X` writes the settings as they are now, edits included, as a preset; `y` copies them as one command line. What
  neither can say, a weight set by hand or an edit that came on the way, is told.
- `x` exports the worked solution of the step.
- What is chosen here, theme, unit, speed, axis and views, is so the next time. `backprop-tui config` says where that is
  kept; keys can be moved there.
"""

RECORDING = f"""\
What was kept of a training that ran, or runs, in somebody else's program. Every loss is there; all else at the kept
steps, which `← →` go through. `end` shows the latest, and while the file is being written each as it comes.

- **Gradients**: a row a module, the last called first: the norm of the gradient of its parameters as the optimizer got
  it, log₁₀ of the size of its update over that of the parameters (small below {TINY_STEP:g}, large above
  {LARGE_STEP:g}), and how the norm went. `↑ ↓` choose the module, `enter` shows its chain rule.
- **Chain rule**: of a linear module dW, db and dA from what went in (A) and the gradient that came back (dZ), with the
  recorded numbers, and how far dZᵀA is from the gradient that was recorded. Of other modules what is known of them.
- **Weights**: the weights before the step, as maps or in numbers (`w`); `shift` with an arrow moves the spotlight.
- **Loss**: the whole curve; a click goes to the nearest kept step. `l` makes the axis logarithmic.
- **Data**: the batch of the step, where it was kept; `↑ ↓` choose the example, whose term the chain rule shows.

Rows are examples (or positions of them), as PyTorch lays them; gradients are those of the loss that went backward, so
dZ has 1/m in it. What was not kept is blank, or said.
"""

TEXTS = {
    "Gradient check": "Every gradient of backpropagation against the central difference of the loss, on the batch "
    "and at the weights of this position. Judge by the relative error.",
    "Settings": "Every setting of the run. What can change on the way changes from the next step on and makes a "
    "branch: the run as it was stays.",
    "Breakpoints": "Conditions that stop playing, or a step forward, as soon as they hold.",
    "Compare": "Up to six runs in lockstep, with the same data and the same chance wherever they do not change these: "
    "curves, gradients and figures side by side.",
    "Backpropagation against its alternatives": "The same loss lowered in four ways at equal cost, counted "
    "in forward passes.",
    "Source": "The lines of this program that computed what is on the screen.",
    "Diagnosis": "What is wrong with the training, with the number that says so, its limit, the cause, and what helps.",
    "Statistics": "How large weights, gradients, activations and updates of each layer are, which units do nothing.",
    "Recording": RECORDING,
    "Gallery": "All presets that come with the program, before them what was opened last. Letters filter by id, "
    "title, summary and tags; `enter` opens one. A file of your own opens from the command line: "
    "`backprop-tui FILE.toml`.",
}

SENTENCE = re.compile(r"(?<=[.;:])\s+")
ITEM = re.compile(r"- (?:\*\*(?P<pane>[A-Z][a-z ]*)\*\*|`(?P<key>[^`]+)`)")
EVERYWHERE = (("ctrl+p", "every command"), ("ctrl+c", "quit, with status 130"))


def panes_text(hide: Hidden, hidden_keys: Iterable[str]) -> str:
    """What there is to know of the panes, without those that are hidden, and without what is said of hidden keys."""
    hidden = {key_name(key) for key in hidden_keys}
    return "\n".join(filter(None, (told(block, hide, hidden) for block in blocks(PANES)))) if hide else PANES


def blocks(text: str) -> Iterator[str]:
    """Items, headings, paragraphs, and the empty lines between them."""
    block: list[str] = []
    for row in text.splitlines():
        if block and (not row.strip() or row.startswith(("- ", "#")) or not block[-1].strip()):
            yield "\n".join(block)
            block = []
        block.append(row or " ")
    yield "\n".join(block)


def told(block: str, hide: Hidden, hidden: set[str]) -> str:
    """A block without the sentences, and parts of sentences, that tell of a hidden key; empty where nothing is left."""
    item = ITEM.match(block)
    if item and (str(item["pane"]).lower().replace(" ", "_") in hide or item["key"] in hidden):
        return ""
    if not any(f"`{key}`" in block for key in hidden):
        return block
    kept = [part for part in SENTENCE.split(block) if not any(f"`{key}`" in part for key in hidden)]
    return re.sub("[;:]$", ".", " ".join(kept))
