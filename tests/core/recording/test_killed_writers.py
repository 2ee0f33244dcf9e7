"""A writer that is killed at any instant leaves a file that opens, with all that was committed."""

import os
import random
import subprocess
import sys
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from tests.share import share

from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.writer import Writer

WRITES = """
import sys
import numpy as np
from backprop_tui.core.recording.writer import Writer
draw = np.random.default_rng(0)
print(0, flush=True)
writer = Writer.create(sys.argv[1], "arrays", {}, 2**20)
for step in range(1, 100_000):
    writer.add_losses([float(step)])
    writer.keep(step, 0.0, {"twice": 2 * step}, {"a": np.full(300, float(step)), "b": draw.normal(size=300)})
    writer.commit()
    print(step, flush=True)
"""


@pytest.mark.parametrize("instant", range(share(2, 100)))
def test_all_that_was_committed_is_there(tmp_path: Path, instant: int) -> None:
    path = tmp_path / "run.backprop"
    with subprocess.Popen([sys.executable, "-c", WRITES, path], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        timer = Timer(random.Random(instant).uniform(0, 0.4) ** 2 * 4, writer.kill)
        timer.start()
        said = writer.stdout.read().split("\n")
    timer.join()
    # Of the last line only a part may have been written.
    committed = int(said[-2]) if len(said) > 1 else 0
    if not path.exists():
        assert not committed
        return
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    found = open_recording(path)
    assert found.losses.count in (committed, committed + 1)
    assert not found.live
    assert found.losses.lows.tolist() == [float(step) for step in range(1, found.losses.count + 1)]
    assert found.steps[-1:] == ([found.losses.count] if found.losses.count else [])
    for step in [*found.steps[: -3 : share(9, 1)], *found.steps[-3:]]:
        assert found.facts(step) == {"twice": 2 * step}
        array = found.array(step, "a")
        assert array is not None
        assert (array == step).all()
        assert found.names(step)["b"] == ((300,), np.float64)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_was_forked_off_never_touches_the_file(tmp_path: Path) -> None:
    """As the workers of a data loader: neither what they inherit nor how they end."""
    code = f"""
import os
from backprop_tui.core.recording.writer import Writer
writer = Writer.create({str(tmp_path / "run.backprop")!r}, "arrays", {{}})
writer.add_losses([1.0])
if child := os.fork():
    os.waitpid(child, 0)
    writer.add_losses([2.0])
    writer.close()
else:
    writer.add_losses([5.0])
    writer.keep(9, 0.0, {{}})
    writer.commit()
    writer.close()
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    found = open_recording(tmp_path / "run.backprop")
    assert (found.losses.lows.tolist(), found.steps) == ([1.0, 2.0], [])
    assert [each.name for each in tmp_path.iterdir()] == ["run.backprop"]


def test_readers_do_not_hold_up_a_writer(tmp_path: Path) -> None:
    """Nor does one who looks on keep the log from being folded into the file."""
    with Writer.create(tmp_path / "run.backprop", "arrays", {}) as writer:
        reader = open_recording(writer.path)
        for step in range(1, 200):
            writer.keep(step, 0.0, {}, {"a": np.random.default_rng(step).normal(size=3000)})
            writer.commit()
            assert reader.refresh()
            assert reader.steps[-1] == step
        assert (tmp_path / "run.backprop-wal").stat().st_size < 2**24
    assert [each.name for each in tmp_path.iterdir()] == ["run.backprop"]
