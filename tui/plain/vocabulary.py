"""The words of plain mode: what each takes, what it means, and what answers it."""

from collections.abc import Iterable, Iterator
from functools import partial

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.running.hiding import hidden_by, refusal
from backprop_tui.tui.running.until import remember

from . import changes, moving, numbers_answer, taking_out
from .breakpoint_answer import breakpoints
from .chain_answers import decay, depth, nested, paths, what_if
from .check_answer import check
from .compare_answer import compare
from .data_answer import data, measures, most_wrong
from .estimate_answer import estimate
from .findings_answer import diagnose, remedies
from .help_answer import helped
from .layer_answers import gradients, ranked, statistics, weights
from .lesson_answer import go_to_op, lesson
from .loss_answer import losses
from .neuron_answer import history, long_way_word, neuron_word
from .op_answer import position_answer, position_text
from .predict_answer import guess, predict
from .run import PlainRun
from .source_answer import source
from .word import Word


def here(run: PlainRun, text: str) -> Iterator[str]:
    """The position again."""
    if "chain_rule" in run.hide:
        yield position_text(run.session)
    else:
        yield from position_answer(run)


def in_full(run: PlainRun, text: str) -> Iterator[str]:
    """All that there is to say of the position, also where answers are brief."""
    brief, run.brief = run.brief, False
    yield from here(run, text)
    run.brief = brief


def how_much(brief: bool, run: PlainRun, text: str) -> Iterator[str]:
    """Have answers be brief from now on, or whole again."""
    run.brief = brief
    yield "From now on the rule and its numbers; more tells the rest." if brief else "From now on all there is to say."


def unit_word(unit: str, run: PlainRun, text: str) -> Iterator[str]:
    """`step` has one right be a step, `step 10` goes to its end; so an epoch, and an op of the step in hand."""
    if not text:
        yield from moving.set_unit(run, unit)  # type: ignore[arg-type]
        return
    if name := hidden_by(run.hide, "go_to"):
        raise PresetError(refusal(f"{unit} {text}", name))
    if unit == "op":
        yield from moving.to_op(run, text)
    elif unit == "step" and "/" in text:
        yield from go_to_op(run, text)
    elif unit in ("step", "epoch"):
        yield from moving.go_to(run, f"{unit} {text}")
    else:
        raise PresetError(f"{unit} takes no number: right {text} {unit}s goes forward by so many")


def go(run: PlainRun, text: str) -> Iterable[str]:
    """To a step, an epoch, a loss, an op of a step, a parameter, a neuron or an example."""
    return go_to_op(run, text) if "/" in text else moving.go_to(run, text)


def until(run: PlainRun, text: str) -> Iterator[str]:
    """Where playing ends by itself."""
    from backprop_tui.tui.running.until import remembered

    yield f"{remember(run.config, text)}." if text else f"Playing stops at: {remembered(run.config)}."


def lesson_with_words(run: PlainRun, text: str) -> Iterable[str]:
    """The lesson, whose links for keys are told as the words for these."""
    return lesson(run, {key: word.name for key, word in BY_NAME.items()})


def asked_of_help(run: PlainRun, text: str) -> Iterable[str]:
    return helped(run, text, WORDS)


MOVING, LOOKING, CHAIN = "Through time", "What the panes show", "The chain rule in other ways"
ASKING, CHANGING, TAKING, OTHER = "Questions", "Changes", "To keep", "Other"
VIEWS = "chain_rule chain_rule_views"
WORDS: tuple[Word, ...] = (
    Word("right", "[NUMBER] [UNIT]", "forward, such as right, right 3, right 2 epochs", MOVING, moving.forward,
         ("forward", "next", "→", "pagedown", "page down"), "forward"),
    Word("back", "[NUMBER] [UNIT]", "back, to the very same numbers", MOVING, moving.back,
         ("left", "←", "pageup", "page up"), "back"),
    *(
        Word(unit, takes, f"have one right be one {unit}{more}", MOVING, partial(unit_word, unit), (f"{unit}s", key))
        for key, unit, takes, more in (
            ("1", "op", "[NUMBER]", "; with a number to that op of the step"),
            ("2", "layer", "", ""),
            ("3", "phase", "", ""),
            ("4", "step", "[NUMBER]", "; with a number to the end of that step"),
            ("5", "epoch", "[NUMBER]", "; with a number to the end of that epoch"),
        )
    ),
    Word("go", "PLACE", "to step 12, epoch 3, lowest, highest, 5/dW2 (an op of a step), W2[1,3], a2[3] or example 5",
         MOVING, go, ("go to", "goto", ":", "colon"), "go_to"),
    Word("return", "", "back to where op NUMBER was typed", MOVING, moving.come_back, ("escape",)),
    Word("home", "", "to the start of the run", MOVING, moving.home, ("start",), "home"),
    Word("end", "", "to the furthest that the run has been", MOVING, moving.end, ("latest",), "end"),
    Word("play", "[NUMBER] [steps | epochs]", "train at full speed; without a number to the preset's stop or a finding",
         MOVING, moving.play, ("space", "train"), "play"),
    Word("until", "[CONDITION]", "where play ends by itself: stop, finding, 5 epochs, with or between, or never",
         MOVING, until, ("S",), "until"),
    Word("here", "", "what has just been computed, once more: op, rule, numbers, where they came from", LOOKING, here,
         ("where", "again", "enter"), pane="chain_rule"),
    Word("brief", "", "from now on tell of an op its rule and numbers alone", LOOKING, partial(how_much, True)),
    Word("full", "", "from now on tell all again", LOOKING, partial(how_much, False)),
    Word("more", "", "all of this position, where answers are brief", LOOKING, in_full, pane="chain_rule"),
    Word("W2[1,3]", "", "any number by its name; a parameter comes into the spotlight", LOOKING,
         numbers_answer.move_spotlight),
    Word("spotlight", "[up | down | left | right]", "the parameter that is followed, or the one beside it", LOOKING,
         numbers_answer.move_spotlight),
    Word("example", "NUMBER", "the example of the batch whose numbers are followed", LOOKING,
         numbers_answer.example_word),
    Word("all", "NAME", "every entry of a quantity: all dW1", LOOKING, numbers_answer.all_of),
    Word("weights", "", "the network and its parameters", LOOKING, weights, ("w", "network"), pane="weights"),
    Word("gradients", "", "the norm of each layer's gradient, and what the update is to the weights", LOOKING,
         gradients, pane="gradients"),
    Word("history", "", "how the layer's weights began, and the spotlight's over the last steps", LOOKING, history,
         pane="weights"),
    Word("sensitivity", "", "the weights by the size of their gradients", LOOKING, ranked, action="next_weights_view"),
    Word("loss", "[FIRST to LAST]", "the losses so far", LOOKING, losses, ("losses", "l"), pane="loss"),
    Word("data", "", "the data, and the example in the spotlight", LOOKING, data, ("m",), pane="data"),
    Word("measures", "", "what the answers are worth: by classes, or R², RMSE, MAE", LOOKING, measures, ("confusion",),
         "next_data_view"),
    Word("most wrong", "[NUMBER]", "the examples with the largest losses", LOOKING, most_wrong, ("wrong",),
         "next_data_view"),
    Word("statistics", "", "weights, gradients, activations and updates of every layer", LOOKING, statistics, ("t",),
         "tool", "statistics"),
    Word("paths", "[NUMBER | example]", "the spotlight's gradient over all ways from the loss", CHAIN, paths, ("path",),
         pane=VIEWS),
    Word("decay", "", "what made the gradient smaller on its way down", CHAIN, decay, pane=VIEWS),
    Word("depth", "[NUMBER]", "what slopes alone leave of a gradient", CHAIN, depth, pane=VIEWS),
    Word("nested", "", "the network as one function in another", CHAIN, nested, pane=VIEWS),
    Word("neuron", "[a2[3]]", "all about the spotlight's neuron, or another", CHAIN, neuron_word, pane=VIEWS),
    Word("long way", "", "output and loss as two ops beside the one that they are", CHAIN, long_way_word, pane=VIEWS),
    Word("what if", "[NAME = VALUE | NAME from A to B]", "the loss for other values of a parameter", CHAIN, what_if,
         ("whatif",), pane=VIEWS),
    Word("check", "", "the gradient against central differences, here and now", ASKING, check, ("g",), "tool", "check"),
    Word("diagnose", "", "what is wrong, with the number that says so, the cause, and what may help", ASKING, diagnose,
         ("diagnosis", "d"), "tool", "diagnosis"),
    Word("remedies", "", "the same, with each remedy tried before it is offered", ASKING, remedies, ("try",), "tool",
         "diagnosis"),
    Word("compare", "[NUMBER]", "the preset beside its variants", ASKING, compare, ("c",), "tool", "compare"),
    Word("estimate", "[NUMBER]", "backpropagation against its alternatives, at equal cost", ASKING, estimate, (),
         "tool", "estimate"),
    Word("variant", "[NAME]", "over to the run of a variant, and back", ASKING, changes.variant, ("variants",), "tool",
         "compare"),
    Word("predict", "", "asks for the next number before it is told", ASKING, predict, ("p",), "tool", "predict"),
    Word("guess", "NUMBER", "the answer; the number alone does as well", ASKING, guess, (), "tool", "predict"),
    Word("source", "[torch]", "the lines that computed it; or the step in PyTorch", ASKING, source, ("s",), "tool",
         "source"),
    Word("breakpoints", "[NAME] [NUMBER | off]", "what right and play stop at", ASKING, breakpoints,
         ("breakpoint", "break", "b"), "tool", "breakpoints"),
    Word("lesson", "", "what to look at, in which order, and why; its links as words", ASKING, lesson_with_words,
         ("i",), "lesson"),
    Word("set", "NAME = VALUE", "change a setting or a weight: set optimizer.learning_rate = 0.3", CHANGING,
         changes.set_value, ("E",)),
    Word("settings", "[PART]", "every setting, as it is typed", CHANGING, changes.settings, ("e",), "settings"),
    Word("undo", "", "undo the last change", CHANGING, changes.undo, ("u",), "undo"),
    Word("redo", "", "do it again", CHANGING, changes.redo, ("U",), "redo"),
    Word("runs", "[NUMBER]", "the runs there are, branches among them; over to one of them", CHANGING, changes.runs,
         ("run", "branches")),
    Word("restart", "", "back to the same initial weights", CHANGING, changes.restart, ("r",), "restart"),
    Word("redraw", "", "start again with a new seed", CHANGING, changes.redraw, ("R",), "redraw"),
    Word("export", "[FILE]", "the worked solution: .md .tex .txt .json, or .py for PyTorch", TAKING, taking_out.export,
         ("x",), "export"),
    Word("keep", "[FILE.npz]", "the weights, to go on from them", TAKING, taking_out.keep, ("W",), "keep"),
    Word("preset", "[FILE.toml]", "the run as a preset, told or written", TAKING, taking_out.preset, ("state",),
         "state"),
    Word("command", "", "the run as one command line", TAKING, taking_out.command, ("y",), "command"),
    Word("url", "", "the URL of the experiment in TensorFlow Playground", TAKING, taking_out.url, ("address",),
         "address"),
    Word("record", "", "record to a new file in runs, or stop recording", TAKING, taking_out.record, ("f",), "record"),
    Word("share", "[WHAT FILE]", "all that can be taken out", TAKING, taking_out.share, ("C",), "tool", "share"),
    Word("help", "[WORD]", "the words, or what one of them, a symbol or a term means", OTHER, asked_of_help,
         ("?", "question_mark")),
)  # fmt: skip
NOT_HERE = {
    "up": "↑ moves inside a pane, and there are none here: spotlight up goes to another weight.",
    "down": "↓ moves inside a pane, and there are none here: spotlight down goes to another weight.",
    "tab": "There are no panes to go to: weights, loss, gradients, data and here tell what they show.",
    "shift+tab": "There are no panes to go to: weights, loss, gradients, data and here tell what they show.",
    "z": "There are no panes to enlarge: weights, loss, gradients, data and here tell what they show.",
    "f5": "There are no panes to enlarge: weights, loss, gradients, data and here tell what they show.",
    "shift+f5": "There are no panes to enlarge: weights, loss, gradients, data and here tell what they show.",
    "ctrl+u": "There are no pages to turn: all of an answer is told.",
    "ctrl+d": "There are no pages to turn: all of an answer is told.",
    "plus": "Nothing plays in its own time here: play 100 trains so many steps.",
    "minus": "Nothing plays in its own time here: play 100 trains so many steps.",
    "equals_sign": "Nothing plays in its own time here: play 100 trains so many steps.",
    "v": "The chain rule in other ways: paths, decay, depth, nested, what if.",
    "comma": "what if W2[1,3] from -1 to 1 tells the losses for smaller and larger values.",
    "full_stop": "what if W2[1,3] from -1 to 1 tells the losses for smaller and larger values.",
    "a": "Points are put in and images drawn by hand, which takes the screen.",
    "T": "A picture of the plane takes the screen: data, measures and most wrong tell of it.",
    "D": "A picture of the plane takes the screen: data, measures and most wrong tell of it.",
    "M": "A plot takes the screen: loss tells the losses, loss 1 to 20 those of some steps.",
    "O": "A plot takes the screen: compare tells of other runs.",
    "L": "A map of the loss takes the screen: what if W2[1,3] from -1 to 1 tells the losses along one way of it.",
    "left_square_bracket": "A plot takes the screen: loss 1 to 20 tells the losses of some steps.",
    "right_square_bracket": "A plot takes the screen: loss 1 to 20 tells the losses of some steps.",
    "P": "set data.kind = plane, or another set, changes the problem; settings tells which there are.",
    "X": "X is the inputs here: preset tells the run as a preset, preset FILE.toml writes it.",
    "Y": "Y is the targets here: url tells the URL of the experiment.",
    **{f"shift+{way}": f"spotlight {way} goes to another weight." for way in ("up", "down", "left", "right")},
}
"""Keys of the screen that have no word, and what there is instead."""
SIGNS = {"+": "plus", "=": "equals_sign", "-": "minus", ",": "comma", ".": "full_stop",
         "[": "left_square_bracket", "]": "right_square_bracket"}  # fmt: skip
BY_NAME: dict[str, Word] = {name: word for word in WORDS for name in word.names}


def word_in(line: str) -> tuple[Word, str] | None:
    """The word that a line begins with, and what stands behind it; the longest one, whatever its capitals are."""
    words = line.split()
    for count in (2, 1):
        name = " ".join(words[:count])
        found = BY_NAME.get(name) or (BY_NAME.get(name.lower()) if len(name) > 1 else None)
        if found is not None and len(words) >= count:
            return found, " ".join(words[count:])
    return None
