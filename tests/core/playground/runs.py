"""Twelve experiments and what TensorFlow Playground's own program gave for them (commit 02469bd).

Of each the part of the URL behind `#`, the first three training points (x, y, label), start weights and biases, how
many examples either part has, and the losses of both parts before training and after some epochs.
"""

import json
from pathlib import Path
from typing import Any

RUNS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "runs.json").read_text(encoding="utf-8"))
IDS = [f"{number}-{run['url'].partition('dataset=')[2].partition('&')[0]}" for number, run in enumerate(RUNS, 1)]
