"""What a diagnosis has seen, as plain values that can be kept with a run, and a diagnosis that knows it again.

What it knows from the preset and the data is not among them: a new diagnosis of the same run has that.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from backprop_tui.core.preset.json_shape import ShapeError, decoded, encoded

from .circumstances import Circumstances, Numbers
from .diagnosis import MOST_COPIES, MOST_FINDINGS, RATIOS, Diagnosis, Key
from .findings import Finding
from .held_out_trend import HeldOutTrend
from .loss_trend import WINDOW
from .measurement import Largest, Measurement
from .statistics import Units

COUNTS = ("steps", "measured", "tested", "measurements", "idle_row", "spacing")
SEEN: Mapping[str, Any] = {
    **dict.fromkeys(COUNTS, int),
    "broken": bool,
    "largest": Largest,
    "test": HeldOutTrend | None,
    "present": Mapping[Key, int],
    "absent": Mapping[Key, int],
    "rows": Mapping[int, int],
    "optimum": bool | None,
    "answers": Numbers | None,
    "unexplained": float | None,
    "dead": Mapping[int, Units],
    "active": Mapping[Key, int],
}
"""What a diagnosis keeps between two measurements, each with its type, but for what is said below."""
TREND: Mapping[str, Any] = {"steps": int, "first": float, "lowest": float, "stale": int}
OF_THE_RUN = ("circumstances",)
"""A field of measurements that the run tells."""
Tell = Callable[[int], Circumstances]
"""The circumstances in a step, which an edit on the way may have changed."""


def remembered(diagnosis: Diagnosis) -> dict[str, Any]:
    """What it and its copies have seen."""
    return {"now": seen(diagnosis), "copies": [seen(kept) for kept in diagnosis.copies]}


def seen(diagnosis: Diagnosis) -> dict[str, Any]:
    trend = {name: encoded(getattr(diagnosis.trend, name)) for name in TREND}
    return {
        **{name: encoded(getattr(diagnosis, name)) for name in SEEN},
        "trend": trend | {"last": encoded(diagnosis.trend.last), "means": encoded(diagnosis.trend.means)},
        "ratios": encoded(diagnosis.ratios),
        "last": encoded(diagnosis.last, OF_THE_RUN),
        "all": encoded(diagnosis.all),
    }


def recall(diagnosis: Diagnosis, value: Any, circumstances: Tell) -> None:
    """Let a new diagnosis know what another of the same run has seen. Raises ShapeError for what none can have seen."""
    if not isinstance(value, dict) or set(value) != {"now", "copies"} or not isinstance(value["copies"], list):
        raise ShapeError("expected what a diagnosis has seen")
    if not 0 < len(value["copies"]) <= MOST_COPIES:
        raise ShapeError("expected copies of a diagnosis")
    blank = diagnosis.copy()
    copies = []
    for item in value["copies"]:
        copies.append(blank.copy())
        copies[-1].copies = []
        take(copies[-1], item, circumstances)
    order = [kept.measured for kept in copies]
    if order != sorted(set(order)) or order[0] != 0:
        raise ShapeError("expected copies in order")
    take(diagnosis, value["now"], circumstances)
    diagnosis.copies = copies


def take(diagnosis: Diagnosis, value: Any, circumstances: Tell) -> None:
    """Let one diagnosis know what it has seen."""
    others = {"trend", "ratios", "last", "all"}
    if not isinstance(value, dict) or set(value) != {*SEEN, *others}:
        raise ShapeError("expected what a diagnosis has seen")
    found = {name: decoded(wanted, value[name]) for name, wanted in SEEN.items()}
    counts = [found[name] for name in COUNTS]
    findings = list(decoded(tuple[Finding, ...], value["all"]))
    if min(counts) < 0 or found["spacing"] < 1 or len(findings) > MOST_FINDINGS:
        raise ShapeError("expected numbers of steps")
    if not all(0 <= place < len(findings) for place in found["active"].values()):
        raise ShapeError("expected findings that are there")
    last = value["last"]
    if last is not None:
        step = last.get("step") if isinstance(last, dict) else None
        if type(step) is not int:
            raise ShapeError("expected a measurement of a step")
        last = decoded(Measurement, last, {"circumstances": circumstances(step)})
    ratios = decoded(tuple[float, ...], value["ratios"])
    take_trend(diagnosis, value["trend"])
    for name, item in found.items():
        setattr(diagnosis, name, item)
    diagnosis.last, diagnosis.all, diagnosis.ratios = last, findings, deque(ratios, maxlen=RATIOS)


def take_trend(diagnosis: Diagnosis, value: Any) -> None:
    """Let the trend of the losses know what it has seen."""
    if not isinstance(value, dict) or set(value) != {*TREND, "last", "means"}:
        raise ShapeError("expected a trend")
    trend = diagnosis.trend
    last, means = (decoded(tuple[float, ...], value[name]) for name in ("last", "means"))
    if len(last) > trend.period or len(means) > 2 * WINDOW:
        raise ShapeError("expected a trend")
    for name, wanted in TREND.items():
        setattr(trend, name, decoded(wanted, value[name]))
    trend.last, trend.means = list(last), deque(means, maxlen=2 * WINDOW)
