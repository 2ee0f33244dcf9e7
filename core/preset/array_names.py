"""What people call the arrays of a data set: which are inputs, which are targets, of which part; in any case.

Names are read as words: `X_train`, `xTrain`, `train-images` and `TRAIN_X` are all the inputs of the training part.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from backprop_tui.core.value_class import dataclass

INPUTS = ("inputs", "input", "x", "xs", "data", "features", "feature", "images", "image", "samples", "points", "arr0")
TARGETS = ("targets", "target", "y", "ys", "labels", "label", "classes", "class", "outputs", "output", "arr1")
"""In the order in which they are taken where there are several."""
TRAINING = ("training", "train")
TEST = ("testing", "test")
VALIDATION = ("validation", "valid", "val", "dev")
PARTS = (*TRAINING, *TEST, *VALIDATION)
FEATURE_NAMES = ("featurenames", "inputnames", "columns")
CLASS_NAMES = ("targetnames", "classnames", "labelnames")
ROLES = ("inputs", "targets")
WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
UNNAMED = re.compile(r"arr_([0-9]+)")
"""What NumPy calls arrays that nobody gave a name."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The names of the arrays by what they are; "" for a test part, or names, that are not there."""

    inputs: str
    targets: str
    test_inputs: str = ""
    test_targets: str = ""
    feature_names: str = ""
    class_names: str = ""
    left: tuple[str, ...] = ()
    """Arrays that would do as well, or are of a further part, and are not taken."""

    @property
    def names(self) -> tuple[str, str]:
        """The arrays that have names of features and of classes."""
        return self.feature_names, self.class_names


class NamesError(ValueError):
    """Arrays that cannot be told apart; the message says what was expected and found."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A name as words: `part` "", "training", "test" or "validation"; `role` one of ROLES, `rank` its place there."""

    part: str
    role: str
    rank: int


def reading(name: str) -> Reading | None:
    """What a name says that its array is; None where it says nothing."""
    words = [word.lower() for word in WORDS.findall(name) if word.lower() != "set"]
    part = ""
    for word in list(words):
        if word in PARTS:
            part = part_of(word)
            words.remove(word)
            break
    else:
        for known in PARTS:
            # xtrain, trainx: one word of two.
            if len(words) == 1 and words[0] != known and (words[0].endswith(known) or words[0].startswith(known)):
                rest = words[0].removesuffix(known) if words[0].endswith(known) else words[0].removeprefix(known)
                part, words = part_of(known), [rest]
                break
    whole = "".join(words)
    for role, known_names in zip(ROLES, (INPUTS, TARGETS), strict=True):
        if whole in known_names:
            return Reading(part, role, known_names.index(whole))
    return None


def part_of(word: str) -> str:
    return "training" if word in TRAINING else "test" if word in TEST else "validation"


def roles(shapes: Mapping[str, Shape], wanted: str = "") -> Found:
    """Which of the arrays, whose shapes are given in the archive's order, are what.

    `wanted` is the array that somebody names as the targets of the training part. Raises NamesError where there are no
    inputs or targets among them, or where they cannot be told apart.
    """
    spelled = {"".join(WORDS.findall(name)).lower(): name for name in reversed(list(shapes))}
    feature_names, class_names = (
        next((spelled[word] for word in words if word in spelled), "") for words in (FEATURE_NAMES, CLASS_NAMES)
    )
    found = _found({name: shape for name, shape in shapes.items() if shape}, wanted, {feature_names, class_names})
    return replace(found, feature_names=feature_names, class_names=class_names)


def _found(shapes: Mapping[str, Shape], wanted: str, names: Collection[str]) -> Found:
    data = {name: shape for name, shape in shapes.items() if name not in names}
    if len(data) == 4 and all(UNNAMED.fullmatch(name) for name in data):
        return _four(data)
    readings = {name: found for name in data if (found := reading(name))}
    if wanted:
        readings[wanted] = Reading(readings[wanted].part if wanted in readings else "", "targets", -1)
    parts = {part: _chosen(readings, part) for part in ("training", "test", "validation", "")}
    main = next((part for part in ("training", "", "test") if parts[part]["inputs"] and parts[part]["targets"]), None)
    if main is None:
        return _unread(data, readings, wanted)
    held = next(
        (part for part in ("test", "validation") if part != main and parts[part]["inputs"] and parts[part]["targets"]),
        None,
    )
    inputs, targets = parts[main].values()
    test_inputs, test_targets = parts[held].values() if held else ("", "")
    taken = (inputs, targets, test_inputs, test_targets)
    return Found(*taken, left=tuple(name for name in readings if name not in taken))


def _chosen(readings: Mapping[str, Reading], part: str) -> dict[str, str]:
    """The array of each role in a part, the one whose name comes first in its list; "" where there is none."""
    chosen = {}
    for role in ROLES:
        fitting = [name for name, found in readings.items() if (found.part, found.role) == (part, role)]
        chosen[role] = min(fitting, key=lambda name: readings[name].rank, default="")
    return chosen


def _unread(data: Mapping[str, Shape], readings: Mapping[str, Reading], wanted: str) -> Found:
    """Two arrays, at least one of which has a name that says nothing: the other role is what is left for it."""
    known = {found.role: name for name, found in readings.items()}
    others = [name for name in data if name not in readings]
    if len(data) == 2 and len(others) == 1 and len(known) == 1:
        (role, name), other = next(iter(known.items())), others[0]
        return Found(other, name) if role == "targets" else Found(name, other)
    if len(data) == 2 and len(others) == 2 and not wanted:
        first, second = others
        if len(data[first]) != len(data[second]):
            inputs, targets = (first, second) if len(data[first]) > len(data[second]) else (second, first)
            return Found(inputs, targets)
    raise NamesError(
        "expected arrays of inputs and of targets, called for example X and y, or X_train y_train X_test y_test; "
        f"found {told(data)}"
    )


def _four(data: Mapping[str, Shape]) -> Found:
    """Four arrays without names, both parts: in one of two orders, which their shapes have to tell apart."""
    ordered = sorted(data, key=lambda name: int(UNNAMED.fullmatch(name)[1]))  # type: ignore[index]
    fitting = []
    for order in ((0, 1, 2, 3), (0, 2, 1, 3)):
        inputs, targets, test_inputs, test_targets = (ordered[place] for place in order)
        pairs = ((inputs, targets), (test_inputs, test_targets))
        together = all(data[first][0] == data[second][0] for first, second in pairs)
        alike = data[inputs][1:] == data[test_inputs][1:] and data[targets][1:] == data[test_targets][1:]
        if together and alike and len(data[inputs]) >= len(data[targets]):
            fitting.append(Found(inputs, targets, test_inputs, test_targets))
    if len(fitting) != 1:
        raise NamesError(
            f"cannot tell inputs from targets, found {told(data)}; "
            "save them by name: np.savez(FILE, X_train=…, y_train=…, X_test=…, y_test=…)"
        )
    return fitting[0]


def told(data: Mapping[str, Shape]) -> str:
    """`X (150, 4), y (150,)`; only the first ones of many."""
    shown = [f"{name} {shape}" for name, shape in list(data.items())[:8]]
    return ", ".join(shown) + (f", … ({len(data)} in all)" if len(data) > 8 else "") if shown else "none"
