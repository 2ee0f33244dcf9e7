"""The URL of an experiment, with every name in the order in which TensorFlow Playground writes them."""

from typing import Any
from urllib.parse import quote

import numpy as np

from .experiment import (
    ACTIVATIONS,
    CLASS_SETS,
    FEATURES,
    HOME,
    NAMES,
    NO_INPUTS,
    NUMBER_SETS,
    PENALTIES,
    PROBLEMS,
    Experiment,
)
from .hidden_controls import ENDING

PRINTED = "!$'()*+-./:;=?@_~"
"""What stands for itself in a URL's last part, beside letters and digits."""
ORDER = (
    *("activation", "regularization", "batchSize", "dataset", "regDataset", "learningRate", "regularizationRate"),
    *("noise", "networkShape", "seed", "showTestData", "discretize", "percTrainData"),
    *("x", "y", "xTimesY", "xSquared", "ySquared", "cosX", "sinX", "cosY", "sinY"),
    *("collectStats", "problem", "initZero", "hideText"),
)
WORDS: dict[str, dict[str, Any]] = {
    "activation": ACTIVATIONS,
    "regularization": PENALTIES,
    "dataset": CLASS_SETS,
    "regDataset": NUMBER_SETS,
    "problem": PROBLEMS,
}


def url_text(experiment: Experiment) -> str:
    """The URL that opens the experiment in a browser."""
    said = [f"{name}={value_text(name, experiment)}" for name in ORDER]
    return f"{HOME}#" + "&".join((*said, *hiding(experiment)))


def short_text(experiment: Experiment) -> str:
    """What stands behind `#` where only what differs from the Playground's own start is said."""
    usual = Experiment()
    told = [name for name in ORDER if name == "seed" or value_text(name, experiment) != value_text(name, usual)]
    return "&".join((*(f"{name}={value_text(name, experiment)}" for name in told), *hiding(experiment)))


def hiding(experiment: Experiment) -> list[str]:
    """What hides controls, which stands behind all else."""
    return [f"{control}{ENDING}=true" for control in experiment.hidden]


def value_text(name: str, experiment: Experiment) -> str:
    """What stands behind a name."""
    if name in FEATURES:
        return plain(name in experiment.features)
    if name not in NAMES or name in NO_INPUTS:
        return plain(False)
    value = getattr(experiment, NAMES[name][0])
    if name in WORDS:
        return next(word for word, ours in WORDS[name].items() if ours == value)
    return plain(value)


def plain(value: Any) -> str:
    """A value as it stands in a URL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    # What would end a value, or be taken for a code, is written as a code.
    return positional(value) if isinstance(value, float) else quote(str(value), safe="," + PRINTED)


def positional(value: float) -> str:
    """The fewest digits that are read back as this number, without an exponent."""
    return np.format_float_positional(value, trim="-")
