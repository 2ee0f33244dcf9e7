"""However a training ends, or whatever goes wrong in the recorder, there is a whole file and no exception of ours."""

import copy
import gc
import io
import signal
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import nn

import backprop_tui
from backprop_tui.core.attach.run import Run
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.writer import Writer

from ...forked import Ended, forked
from ...share import share

ROOT = Path(__file__).parents[3]
Python = Callable[..., list[Ended]]
PROGRAM = """
import os, signal, sys, torch, backprop_tui
torch.set_num_threads(1)
model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
loss_function = torch.nn.CrossEntropyLoss()
X, y = torch.randn(8, 4), torch.randint(0, 3, (8,))

def train(run, steps=5):
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_function(model(X), y)
        loss.backward()
        optimizer.step()
        run.step(loss)

"""


@pytest.fixture(scope="module")
def python() -> Iterator[Python]:
    """Runs programs that begin with PROGRAM, in a folder, beside each other."""
    environment = {"PYTHONPATH": str(ROOT / ".pkg"), "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    with forked("import torch, torch._dynamo, torch.distributed, backprop_tui", "-W", "error", **environment) as parent:
        yield lambda folder, *codes: parent.run(folder, *(f"{PROGRAM}{code}" for code in codes))


def made() -> tuple[nn.Module, torch.optim.Optimizer]:
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    return model, torch.optim.SGD(model.parameters(), 0.1)


def train(run: Run, model: Any, optimizer: Any, steps: int = 5) -> None:
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(torch.randn(8, 4)), torch.randint(0, 3, (8,)))
        loss.backward()
        optimizer.step()
        run.step(loss)


@pytest.mark.parametrize(
    ("ending", "status"),
    share(
        [("raise KeyError('theirs')", 1), ("", 0)],
        [("", 0), ("sys.exit(3)", 3), ("raise KeyError(1)", 1), ("del run", 0)],
    ),
)
def test_the_interpreter_leaves_a_whole_file(python: Python, ending: str, status: int, tmp_path: Path) -> None:
    made = "run = backprop_tui.watch(model, optimizer, loss=loss_function, path='run.backprop', every=2)"
    (done,) = python(tmp_path, f"{made}\ntrain(run)\n{ending}")
    assert done.returncode == status
    assert done.stdout == ""
    assert "backprop" not in done.stderr.replace(PROGRAM, "").replace(str(ROOT), "")
    assert bool(done.stderr) == ("raise" in ending)
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.losses.count == 5
        assert recording.steps == [1, 2, 4]
        assert recording.meta["ended"]
    assert [file.name for file in tmp_path.iterdir()] == ["run.backprop"]


def test_a_killed_process_leaves_what_was_committed(python: Python, tmp_path: Path) -> None:
    code = (
        "run = backprop_tui.watch(model, optimizer, loss=loss_function, path='run.backprop', every=1)\n"
        "train(run)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    (done,) = python(tmp_path, code)
    assert done.returncode == -signal.SIGKILL
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.steps == [1, 2, 3, 4, 5]
        assert recording.meta["ended"] is None
        assert not recording.live


def test_a_module_can_be_copied_and_saved_whole_at_any_time(tmp_path: Path) -> None:
    model, optimizer = made()
    run = backprop_tui.watch(model, optimizer, path=tmp_path / "run.backprop", every=1)
    train(run, model, optimizer)
    copied = copy.deepcopy(model)
    stream = io.BytesIO()
    torch.save(model, stream)
    stream.seek(0)
    assert b"backprop_tui" not in stream.getvalue()
    loaded = torch.load(stream, weights_only=False)
    X = torch.randn(3, 4)
    assert torch.equal(copied(X), model(X))
    assert torch.equal(loaded(X), model(X))
    train(run, model, optimizer)
    run.close()
    assert not run.warnings
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.array(6, "A/1").shape == (8, 4)


def test_forked_children_and_workers_that_load_data_leave_the_file_alone(python: Python, tmp_path: Path) -> None:
    code = (
        "run = backprop_tui.watch(model, optimizer, loss=loss_function, path='run.backprop', every=1)\n"
        "train(run)\n"
        "child = os.fork()\n"
        "train(run)\n"
        "if not child: sys.exit()\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "data = torch.utils.data.TensorDataset(torch.randn(16, 4), torch.randint(0, 3, (16,)))\n"
        "for X, y in torch.utils.data.DataLoader(data, 8, num_workers=1, multiprocessing_context='fork'):\n"
        "    train(run, 1)\n"
        "raise KeyboardInterrupt\n"
    )
    (done,) = python(tmp_path, code)
    assert done.returncode in (130, -signal.SIGINT), done.stderr
    assert done.stdout == ""
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.losses.count == 12
        assert recording.steps == list(range(1, 13))
        assert recording.meta["ended"]
    assert not (tmp_path / "run.backprop-wal").exists()


DISTRIBUTED = """
import torch.distributed as distributed
run = None
if early: run = backprop_tui.watch(model, optimizer, loss=loss_function, path='run.backprop', every=1)
distributed.init_process_group('gloo', init_method='file://' + os.path.abspath('meeting'), rank=rank, world_size=2)
torch.manual_seed(rank)
wrapped = torch.nn.parallel.DistributedDataParallel(model)
if run is None: run = backprop_tui.watch(wrapped, optimizer, loss=loss_function, path='run.backprop', every=1)
for step in range(6):
    X, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
    optimizer.zero_grad()
    loss = loss_function(wrapped(X), y)
    loss.backward()
    optimizer.step()
    run.step(loss)
total = sum(parameter.detach().double().sum() for parameter in model.parameters())
print(rank, float(total), run.path)
run.close()
distributed.destroy_process_group()
"""


@pytest.mark.parametrize("early", share([False], [False, True]))
def test_of_two_processes_that_train_together_one_writes(python: Python, early: bool, tmp_path: Path) -> None:
    ended = python(tmp_path, *(f"rank, early = {rank}, {early}\n{DISTRIBUTED}" for rank in (0, 1)))
    assert [one.returncode for one in ended] == [0, 0], ended
    said = [one.stdout for one in ended]
    assert said[1].split()[::2] == ["1", "None"]
    assert early or said[0].split()[2] == "run.backprop"
    # Both have the same network in the end: what each did came to the other.
    assert said[0].split()[1] == said[1].split()[1]
    files = list(tmp_path.glob("*.backprop"))
    assert len(files) == 1
    with open_recording(files[0]) as recording:
        assert recording.steps == [1, 2, 3, 4, 5, 6]
        assert recording.meta["modules"][0]["name"] == "0"


def test_a_training_in_another_thread_is_recorded(tmp_path: Path) -> None:
    model, optimizer = made()
    run = backprop_tui.watch(model, optimizer, path=tmp_path / "run.backprop", every=1)
    thread = threading.Thread(target=train, args=(run, model, optimizer))
    thread.start()
    thread.join()
    run.close()
    assert not run.warnings
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.steps == [1, 2, 3, 4, 5]


def test_what_is_let_go_is_closed_and_leaves_no_hooks(tmp_path: Path) -> None:
    model, optimizer = made()
    run = backprop_tui.watch(model, optimizer, path=tmp_path / "run.backprop", every=1)
    train(run, model, optimizer)
    assert model._forward_hooks
    del run
    gc.collect()
    assert not model._forward_hooks
    assert not optimizer._optimizer_step_pre_hooks
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.meta["ended"]


def test_an_exception_of_theirs_goes_through_the_with_statement(tmp_path: Path) -> None:
    model, optimizer = made()
    run = backprop_tui.watch(model, optimizer, path=tmp_path / "run.backprop")

    def their_own() -> None:
        with run:
            train(run, model, optimizer)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        their_own()
    train(run, model, optimizer)
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.losses.count == 5
        assert recording.meta["ended"]


class FaultError(Exception):
    pass


@pytest.mark.parametrize(
    "place",
    [
        "backprop_tui.core.recording.writer.Writer.commit",
        "backprop_tui.core.recording.writer.Writer.keep",
        "backprop_tui.core.attach.calls.Calls.copied",
        "backprop_tui.core.attach.calls.Calls.before_network",
        "backprop_tui.core.attach.calls.Back.__init__",
        "backprop_tui.core.attach.update.Update.take_parameters",
        "backprop_tui.core.attach.torch_step.TorchSource.end",
        "backprop_tui.core.attach.torch_step.TorchSource.begin",
        "backprop_tui.core.attach.torch_step.network_of",
        "backprop_tui.core.attach.run.loss_of",
    ],
)
def test_a_fault_of_ours_is_one_warning_and_the_training_goes_on(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise FaultError("made for this test")

    torch.manual_seed(3)
    bare = made()
    train(Run(None, None, None), *bare, 8)  # type: ignore[arg-type]
    torch.manual_seed(3)
    model, optimizer = made()
    monkeypatch.setattr(place, fail)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run = backprop_tui.watch(model, optimizer, path=tmp_path / "run.backprop", every=1)
        train(run, model, optimizer, 8)
    run.close()
    ours = [str(one.message) for one in caught if "backprop-tui" in str(one.message)]
    assert len(ours) == 1, ours
    assert "recording stopped" in ours[0]
    assert all(torch.equal(*pair) for pair in zip(model.parameters(), bare[0].parameters(), strict=True))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert not optimizer._optimizer_step_pre_hooks
    monkeypatch.undo()
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.losses.count <= 8


def test_a_warning_that_is_made_an_error_does_not_end_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, optimizer = made()
    run = backprop_tui.watch(model, optimizer, path=tmp_path / "run.backprop", every=1)
    monkeypatch.setattr(Writer, "keep", lambda *_: 1 / 0)
    train(run, model, optimizer)
    assert run.warnings == ["recording stopped at step 1: division by zero"]


def test_files_are_not_written_over_and_folders_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model, optimizer = made()
    path = tmp_path / "new" / "folder" / "run.backprop"
    backprop_tui.watch(model, optimizer, path=path).close()
    content = path.read_bytes()
    with pytest.warns(UserWarning, match="stays; this run is recorded in .*run-2.backprop"):
        run = backprop_tui.watch(model, optimizer, path=path)
    run.close()
    assert path.read_bytes() == content
    runs = [backprop_tui.watch(model, optimizer) for _ in range(3)]
    assert len({run.path for run in runs}) == 3
    assert all(run.path.parent == Path("runs") for run in runs)
    for run in runs:
        run.close()
    (tmp_path / "a file").touch()
    with pytest.warns(UserWarning, match="nothing is recorded"):
        run = backprop_tui.watch(model, optimizer, path=tmp_path / "a file" / "run.backprop")
    train(run, model, optimizer)
    assert run.path is None


def test_wrong_arguments_are_told_before_the_training(tmp_path: Path) -> None:
    model, optimizer = made()
    for arguments, more, word in (
        ((), {}, "found neither"),
        ((3,), {}, "found int"),
        ((model, 3), {}, "expected an optimizer"),
        ((model, optimizer), {"every": 0}, "every"),
        ((model, optimizer), {"parameters": {}}, "found both"),
    ):
        with pytest.raises((TypeError, ValueError), match=word):
            backprop_tui.watch(*arguments, path=tmp_path / "run.backprop", **more)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("in_parts", [False, True])
def test_an_evaluation_that_keeps_gradients_takes_no_memory(in_parts: bool, tmp_path: Path) -> None:
    """Between two steps, the second of which is kept: nothing of hundreds of passes is held but a few copies."""
    model, optimizer = made()
    run = backprop_tui.watch(model, optimizer, path=tmp_path / "run.backprop", every=1)
    call = (lambda X: model[2](model[1](model[0](X)))) if in_parts else model
    train(run, call, optimizer)
    refs = []
    for _ in range(200 if not in_parts else 1500):
        outputs = call(torch.randn(8, 4))
        refs.append(weakref.ref(outputs))
        del outputs
    assert not any(ref() is not None for ref in refs)
    assert run._source.calls.entries < 2_000 * 200
    assert len(run._source.calls.calls) < 4200
    train(run, call, optimizer)
    run.close()
    assert not run.warnings
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.steps == list(range(1, 11))
        assert recording.array(6, "dZ/1").shape == (8, 6)


def test_steps_that_are_never_told_take_no_memory(tmp_path: Path) -> None:
    model, optimizer = made()
    run = backprop_tui.watch(model, optimizer, path=tmp_path / "run.backprop", every=1)

    class Silent:
        def step(self, loss: Any) -> None:
            """Somebody forgot to call `run.step`."""

    train(Silent(), model, optimizer, 300)  # type: ignore[arg-type]
    assert len(run._source.calls.calls) < 100
    run.close()
    assert not run.warnings
