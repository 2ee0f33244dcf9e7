"""What is kept out of sight: the names that `[view] hide` and `--hide` may have, and what each takes away.

A name is one of `KEYS`, of `PANES`, a view as in `VIEWS`, or `settings.` and what of the settings: a word of `SETTINGS`
or several that follow each other there, so that `settings.learning_rate` is one setting and `settings.data` all of the
data. Capitals, spaces and hyphens do not matter.
"""

import re
from collections.abc import Iterable
from typing import Any

from backprop_tui.core.value_class import dataclass

from .schema import Place, described, reads, suggestion

SETTINGS_NAME, VALUES, POINTS, UNDO = "settings", "values", "points", "undo"
KEYS = {
    SETTINGS_NAME: "the settings, `e` and `P`, and setting anything by `:`",
    VALUES: "other values for parameters: `E`, a double click, `W2[1,3] = 0.5` behind `:`",
    POINTS: "points put in and taken out, and drawing: `a`",
    UNDO: "undo and redo, `u` and `U`; without settings, values and points they are gone too",
    "restart": "the same run again, `r`, and another seed, `R`",
    "play": "playing, its speed and where it stops: `space`, `+`, `-`, `S`",
    "go_to": "`:`",
    "diagnosis": "`d`, what is found wrong in the line below the panes, and full speed that stops at it",
    "statistics": "`t`",
    "check": "the gradient check, `g`",
    "breakpoints": "`b`",
    "compare": "`c`",
    "estimate": "backpropagation against its alternatives, in the command palette",
    "predict": "`p`",
    "source": "the code of the op, `s`, and the step in PyTorch",
    "lesson": "`i`",
    "share": "all that is taken out of a run as a whole: its page, `X`, `y` and `Y`",
    "export": "the worked solution, `x`",
    "keep": "the weights as a file, `W`",
    "record": "`f`",
    "open": "other presets, `o`",
    "weights_views": "the other views of the weights, `w`",
    "chain_rule_views": "the other views of the chain rule, `v`",
    "loss_views": "the other views of the loss, `L`",
    "smoothing": "the mean of the losses that is chosen, `M`",
    "overlays": "other runs over the losses, `O`",
    "data_views": "the other views of the data, `m`",
    "test_points": "`T`",
    "discretize": "`D`",
}
"""The keys and pages that a name takes away."""
PANES = {
    "weights": "the pane *Weights*",
    "chain_rule": "the pane *Chain rule*",
    "loss": "the pane *Loss*",
    "gradients": "the pane *Gradients*",
    "data": "the pane *Data*",
}
"""The panes by their names; one of them at the least stays."""
VIEWS = {
    "weights": ("numbers", "sensitivity", "gradients", "nudges", "table", "one_matrix"),
    "chain_rule": ("path", "decay", "depth", "what_if", "neuron", "nested", "long_way"),
    "loss": ("map", "plane"),
    "data": ("neuron", "hidden_layer", "confusion", "measures", "most_wrong", "about"),
}
"""The views of the panes that may be hidden one by one, `chain_rule.depth`; what a pane opens with stays."""
SETTINGS = (
    "problem_type",
    "hidden_layers",
    *(f"optimizer.{key}" for key in ("kind", "learning_rate", "momentum", "beta", "beta1", "beta2", "epsilon", "ema")),
    *(f"optimizer.{key}" for key in ("bias_correction", "epsilon_inside_sqrt", "train_biases")),
    *(f"optimizer.{key}" for key in ("l1", "l2", "weight_decay", "clip_value", "clip_norm")),
    *(f"optimizer.schedule.{key}" for key in ("kind", "step_size", "gamma", "t_max", "eta_min")),
    *(f"optimizer.schedule.{key}" for key in ("warm_up", "start_factor")),
    "loss.kind",
    *(f"layers.{key}" for key in ("activation", "slope", "dropout", "batch_norm", "residual", "units", "bias")),
    *(f"layers.{key}" for key in ("init", "init_scale", "repeat", "order")),
    *(f"training.{key}" for key in ("batch_size", "shuffle", "drop_last", "dtype")),
    *(f"data.{key}" for key in ("kind", "samples", "noise", "train_ratio", "features")),
    *(f"data.{key}" for key in ("normalize", "normalize_targets", "new_data")),
    "seed",
    "new_start_weights",
)
"""The settings beside the panes, those of all layers once; `layers.order` is adding, removing and moving a layer."""


def words_of(text: str) -> str:
    """A name as it is compared: `Chain rule` and `chain-rule` are `chain_rule`."""
    return re.sub(r"[\s_-]+", "_", text.strip()).lower()


def setting_words(path: str) -> tuple[str, ...]:
    """The words of a setting's path, without the numbers of layers."""
    return tuple(word for word in words_of(path).split(".") if not word.isdigit())


def has_part(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    """Whether the words of `part` follow each other in `words`."""
    return any(words[place : place + len(part)] == part for place in range(len(words) - len(part) + 1))


def settings_of(name: str) -> list[str]:
    """The settings that a name takes away, by their paths in `SETTINGS`; none where it is not of settings alone."""
    begin, dot, part = name.partition(".")
    if not dot or begin != SETTINGS_NAME:
        return []
    return [path for path in SETTINGS if has_part(tuple(path.split(".")), tuple(part.split(".")))]


def view_names() -> list[str]:
    """All views that may be hidden."""
    return [f"{pane}.{name}" for pane, names in VIEWS.items() for name in names]


def setting_names() -> list[str]:
    """All that a setting, or a group of settings, may be called."""
    found = dict.fromkeys(f"{SETTINGS_NAME}.{path.rpartition('.')[2]}" for path in SETTINGS)
    for path in SETTINGS:
        words = path.split(".")
        found |= dict.fromkeys(f"{SETTINGS_NAME}.{'.'.join(words[:count])}" for count in range(1, len(words) + 1))
    return list(found)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is kept out of sight, by the names of this file; nothing where there are none."""

    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __or__(self, other: "Hidden") -> "Hidden":
        return Hidden(tuple(dict.fromkeys((*self.names, *other.names))))

    def setting(self, path: str) -> str:
        """The name that takes a setting away, "" where it stays: its path as in a preset, or as in `SETTINGS`."""
        if SETTINGS_NAME in self:
            return SETTINGS_NAME
        words = setting_words(path)
        for name in self.names:
            begin, *part = name.split(".")
            if begin == SETTINGS_NAME and has_part(words, tuple(part)):
                return name
        return ""

    def view(self, pane: str, name: str) -> str:
        """The name that takes a view of a pane away, both as the screen calls them; "" where it stays."""
        found = f"{words_of(pane)}.{words_of(name)}"
        return found if found in self.names else ""

    def undoing(self) -> str:
        """The name that takes undo away, "" where there may be something to undo."""
        if UNDO in self:
            return UNDO
        return SETTINGS_NAME if all(name in self for name in (SETTINGS_NAME, VALUES, POINTS)) else ""

    @property
    def panes(self) -> tuple[str, ...]:
        return tuple(name for name in PANES if name in self)


NOTHING_HIDDEN = Hidden()


def hidden_name(text: str, place: Place) -> str:
    """One name, as it is compared. Raises PresetError for one that there is not."""
    name = ".".join(words_of(part) for part in text.split("."))
    if name in KEYS or name in PANES or name in view_names():
        return name
    if settings_of(name):
        return name
    if name in (path.rpartition(".")[2] for path in SETTINGS) or name in SETTINGS:
        raise place.error(f'a setting is called "{SETTINGS_NAME}.{name}" here, found {described(text)}')
    pane = name.partition(".")[0]
    known = setting_names() if name.startswith(f"{SETTINGS_NAME}.") else [*KEYS, *PANES]
    if pane in VIEWS:
        known = [one for one in view_names() if one.startswith(f"{pane}.")]
    near = suggestion(name, known)
    more = "" if "did you mean" in near else "; backprop-tui help hide has them all"
    raise place.error(f"there is nothing called {described(text)} to hide{near}{more}")


def hidden_names(names: Iterable[str], place: Place) -> tuple[str, ...]:
    """The names, each once. Raises PresetError for what cannot be hidden."""
    found = tuple(dict.fromkeys(hidden_name(name, place) for name in names if name.strip()))
    if len(Hidden(found).panes) == len(PANES):
        raise place.error("expected at least one pane that stays, found all five hidden")
    return found


@reads("list of names of pages, keys, panes, views and settings")
def hidden(value: Any, place: Place) -> tuple[str, ...]:
    """Reads what is kept out of sight."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise place.expected('a list of names such as ["settings", "diagnosis"]', value)
    return hidden_names(value, place)
