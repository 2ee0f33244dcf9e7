"""Fixtures that make sessions and small networks, and that let tests of the app take no longer than they need."""

import gc
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# As the program does, and before NumPy is imported: a second thread makes small products slower on a busy machine.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
# In the background a shell has ctrl+c ignored, and so would all programs that tests start: they would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# What a test sees of the app is drawn in all colours, whatever terminal it is started from.
os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "truecolor")

from backprop_tui import presets
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import apply_changes, load_preset, parse
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line import fault_report
from backprop_tui.tui.config import config
from backprop_tui.tui.config import folder as config_folder

from .prompt_app import answer_at_once, leave_unpainted, read_styles_once
from .share import share

# Machines are slow and busy: how long an example takes says nothing. Each run of the tests draws others.
settings.register_profile(
    "unhurried", max_examples=share(16, 100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")

Table = dict[str, Any]

INPUTS = [[0.9, -0.4], [-1.1, 0.3], [0.2, 0.8], [1.3, 1.1], [-0.6, -0.9], [0.5, -1.2], [-0.3, 0.6]]
TARGETS = {
    "cross_entropy": [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.5, 0.3], [0, 1, 0], [0.6, 0, 0.4], [1, 0, 0]],
    "binary_cross_entropy": [[1, 0, 1], [0, 1, 0.3], [0, 0, 1], [1, 1, 0], [0.7, 0, 0], [0, 1, 1], [1, 0, 0]],
    "squared": [[0.4, -0.9, 1], [1.2, 0, 0.3], [-0.5, 0.8, 0], [0, 1, 2], [0.7, 0.1, -1], [0, -0.4, 1], [1, 0, 0.2]],
}

BIASES = [[0.3, -0.2, 0.1], [0.2, 0.4, -0.1, 0.3], [0.5, 0.25, -0.15]]
"""Not the usual zeros: behind silent relu units they would put the next preactivation right on the kink."""

HERE = Path(__file__).parent

YOUNGEST = 10_000
"""Objects made between two collections, as in the app: its drawn rows are cycles that die young."""


def pytest_make_collect_report(collector: pytest.Collector) -> None:
    """Each process compiles a part of the files, with their assertions, before it collects all: the others find it."""
    worker = getattr(collector.config, "workerinput", None)
    if worker and collector.path == HERE and collector.session.isinitpath(HERE):
        number, of = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
        for path in sorted(HERE.rglob("test_*.py"))[number::of]:
            # What one cannot import is told of where it is collected.
            with suppress(Exception, pytest.skip.Exception):
                pytest.Module.from_parent(collector, path=path).obj  # noqa: B018 - it is imported by this


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs PyTorch comes first, and so to one process: the first optimizer of each takes seconds to be made."""
    items.sort(key=lambda item: not needs_torch(item.path))


@cache
def needs_torch(path: Path) -> bool:
    """Whether a file of tests imports PyTorch, at its head or in a test."""
    return bool(re.search(r'importorskip\("torch"|^from \.torch_\w+ import', path.read_text("utf-8"), re.MULTILINE))


def pytest_collection_finish() -> None:
    """Thousands of tests and all that they import stay; the collector need not look at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST)


def pytest_runtest_teardown() -> None:
    """What opens the app turns the collector off until the app is there; a test need not get so far."""
    gc.enable()


@pytest.fixture(autouse=True)
def nothing_chosen(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds what the person in front has chosen, nor changes it; programs that it starts neither."""
    folder = tmp_path_factory.getbasetemp() / "choices" / token_hex(4)
    monkeypatch.setattr(config_folder, "folder", lambda: folder / config_folder.PROGRAM)
    monkeypatch.setattr(config, "folder", lambda: folder / config_folder.PROGRAM)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))


# What is the same for thousands of tests is prepared once for a module of them.
@pytest.fixture(autouse=True, scope="module")
def prompt_pilot() -> Iterator[None]:
    """A key is answered at once."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        answer_at_once(monkeypatch)
        read_styles_once(monkeypatch)
        yield


@pytest.fixture(autouse=True, scope="module")
def unpainted() -> Iterator[None]:
    """Frames are painted where they are read; a module of tests that wants each of them has this fixture otherwise."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        leave_unpainted(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def no_faults(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The app goes on after a fault of its own; a test does not, unless it asks for `reports`."""
    monkeypatch.setattr(fault_report, "written", {})
    monkeypatch.setattr(fault_report, "folders", lambda: [tmp_path_factory.mktemp("faults")])
    yield
    assert not fault_report.written, "\n".join(reports_written())


def reports_written() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in fault_report.written.values() if path is not None]


@pytest.fixture
def reports(no_faults: None) -> Iterator[Callable[[], list[str]]]:
    """The reports of the faults that have been met, which are meant to be here."""
    yield reports_written
    fault_report.written.clear()


@cache
def built_in(name: str) -> tuple[Preset, Dataset]:
    """A built-in preset and its data, which no run changes."""
    return load_preset(parse(presets.text(name), "test"), "test", presets.folder(), "test")


@pytest.fixture
def session_of() -> Callable[..., Session]:
    """Makes a session of a preset's name, its TOML or its table; `changes` are dotted paths and their values."""

    def make(preset: str | Table, seed: int | None = None, changes: Table | None = None) -> Session:
        if isinstance(preset, str) and preset in presets.names() and not changes:
            return Session(*built_in(preset), seed)
        if isinstance(preset, str):
            preset = parse(presets.text(preset) if preset in presets.names() else preset, "test")
        return Session(*load_preset(apply_changes(preset, changes or {}), "test", presets.folder(), "test"), seed)

    return make


@pytest.fixture
def network_table() -> Callable[..., Table]:
    """Makes the table of a 2-3-4-3 network on seven examples, for any activations, loss, batch and optimizer.

    `batch_norm` and `dropout` are of the hidden layers; with `residual` these have as many units as inputs, two.
    """

    def make(
        hidden: str,
        output: str,
        loss: str,
        *,
        batch: int = 0,
        optimizer: str | Table = "sgd",
        bias: bool = True,
        batch_norm: bool = False,
        residual: bool = False,
        dropout: float = 0.0,
        **more: Any,
    ) -> Table:
        settings = optimizer if isinstance(optimizer, dict) else {"kind": optimizer}
        if optimizer == "frozen biases":
            settings = {"kind": "sgd", "train_biases": False}
        widths = (2, 2, 3) if residual else (3, 4, 3)
        layers = []
        for activation, units, biases in zip((hidden, hidden, output), widths, BIASES, strict=True):
            layer: Table = {"units": units, "activation": activation, "bias": bias}
            if bias:
                layer["biases"] = biases[:units]
            if len(layers) < 2:
                layer |= {"residual": residual, "dropout": dropout}
                if batch_norm:
                    layer |= {"batch_norm": True, "gamma": [1.5, -0.75, 0.5, 1.25][:units]}
                    layer["beta"] = [0.2, -0.3, 0.45, 0.1][:units]
            layers.append(layer)
        return {
            "title": "Small",
            "seed": 3,
            "data": {"kind": "inline", "inputs": INPUTS, "targets": TARGETS.get(loss, TARGETS["squared"])},
            "layers": layers,
            "loss": {"kind": loss},
            "optimizer": {"learning_rate": 0.05, **settings},
            "training": {"batch_size": batch, **more},
        }

    return make
