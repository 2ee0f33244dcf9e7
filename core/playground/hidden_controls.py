"""The controls that a URL of TensorFlow Playground hides (`learningRate_hide=true`), and their like here."""

from collections.abc import Iterable

from backprop_tui.core.preset.hidden import SETTINGS_NAME, Hidden, settings_of

ENDING = "_hide"
"""The end of the names of those that hide a control of its page."""
NUMBER_OF_LAYERS = tuple(f"{SETTINGS_NAME}.{name}" for name in ("hidden_layers", "layers.order", "layers.repeat"))
PENALTIES = (f"{SETTINGS_NAME}.l1", f"{SETTINGS_NAME}.l2")
CONTROLS: dict[str, tuple[str, ...]] = {
    "showTestData": ("test_points",),
    "discretize": ("discretize",),
    "playButton": ("play",),
    "resetButton": ("restart",),
    "learningRate": (f"{SETTINGS_NAME}.learning_rate",),
    "activation": (f"{SETTINGS_NAME}.activation",),
    "regularization": PENALTIES,
    "regularizationRate": PENALTIES,
    "problem": (f"{SETTINGS_NAME}.problem_type",),
    "dataset": (f"{SETTINGS_NAME}.data.kind",),
    "percTrainData": (f"{SETTINGS_NAME}.train_ratio",),
    "noise": (f"{SETTINGS_NAME}.noise",),
    "batchSize": (f"{SETTINGS_NAME}.batch_size",),
    "numHiddenLayers": NUMBER_OF_LAYERS,
}
"""The controls that it can hide, and the names of what is their like here; its step button has none that can go."""
STAYING = {
    "its inputs": "data.features",
    "the number of neurons": "layers.units",
}
"""Its controls that it cannot hide, and the settings that are their like here."""
PANES = {"weights": "the links", "loss": "the curve of the losses", "data": "the output"}
"""What is always on its page, of the panes here."""


def hidden_here(controls: Iterable[str]) -> tuple[str, ...]:
    """What is hidden here for controls that are hidden there."""
    return tuple(dict.fromkeys(name for control in controls for name in CONTROLS[control]))


def hidden_there(hidden: Hidden) -> tuple[str, ...]:
    """The controls there of which all is hidden here."""
    return tuple(control for control, names in CONTROLS.items() if all(is_hidden(hidden, name) for name in names))


def is_hidden(hidden: Hidden, name: str) -> bool:
    paths = settings_of(name)
    return all(hidden.setting(path) for path in paths) if paths else name in hidden


def not_hidden_there(hidden: Hidden) -> list[str]:
    """What is hidden here and stays in sight there, one sentence each."""
    staying = [name for name, path in STAYING.items() if hidden.setting(path)]
    panes = [PANES[name] for name in hidden.panes if name in PANES]
    found = [(staying, "cannot be hidden there"), (panes, "stays in sight there")]
    return [f"{' and '.join(names)} {what}" for names, what in found if names]
