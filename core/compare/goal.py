"""What runs beside each other are to reach: the condition of the preset, or one that was typed."""

from math import isfinite

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.run import MOST_STEPS, Goal


def preset_goal(preset: Preset) -> Goal | None:
    """The conditions on loss and accuracy with which a preset stops; None where it has none."""
    stop = preset.training.stop
    if stop.loss_below is None and stop.accuracy_above is None:
        return None
    return Goal(MOST_STEPS, "steps", stop.loss_below, stop.accuracy_above)


def read_goal(text: str) -> Goal | None:
    """`loss 0.1` or `accuracy 0.95`; nothing is no goal. Raises PresetError for anything else."""
    words = text.replace("<", " ").replace(">", " ").split()
    if not words:
        return None
    if len(words) == 2 and words[0] in ("loss", "accuracy"):
        try:
            value = float(words[1].replace("−", "-"))
        except ValueError:
            value = float("nan")
        if words[0] == "loss" and isfinite(value):
            return Goal(MOST_STEPS, "steps", loss_below=value)
        if words[0] == "accuracy" and 0 <= value <= 1:
            return Goal(MOST_STEPS, "steps", accuracy_above=value)
    raise PresetError(f'goal: expected "loss 0.1" or "accuracy 0.95", found "{text}"')


def goal_text(goal: Goal | None) -> str:
    """The goal as it is shown."""
    if goal is None:
        return ""
    parts = []
    if goal.loss_below is not None:
        parts.append(f"loss < {goal.loss_below:g}")
    if goal.accuracy_above is not None:
        parts.append(f"accuracy > {goal.accuracy_above:g}")
    return " or ".join(parts)
