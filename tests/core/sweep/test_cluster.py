"""Runs by a Dask scheduler: a cluster on this machine, started as anybody would start one."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from importlib.util import find_spec
from subprocess import DEVNULL, PIPE

import pytest

# It is imported by none but the process that runs these.
if find_spec("distributed") is None:
    pytest.skip("distributed is no dependency, but what some have", allow_module_level=True)

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.sweep import cluster
from backprop_tui.core.sweep.job import Job, Outcome
from backprop_tui.core.sweep.work import done

from .some_jobs import ENDLESS, job, never

CLUSTER = """
import sys
import dask
from distributed import LocalCluster
if __name__ == "__main__":
    # A worker that is killed is tried no second time: the tests are to be quick.
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """That of a cluster of two workers."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "cluster.py").write_text(CLUSTER)
    command = [sys.executable, str(folder / "cluster.py")]
    with subprocess.Popen(command, text=True, cwd=folder, stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def test_the_numbers_are_those_of_this_machine(address):
    jobs = [job("moons", 60, optimizer__learning_rate=rate, seed=seed) for seed in (0, 1) for rate in (0.01, 0.3)]
    jobs += [job("xor", 40, layers__0__activation="relu", optimizer__learning_rate=1e200), job("xor", 9, seed=-1)]
    told: list[float] = []
    found = dict(cluster.outcomes(address, jobs, never, told.append))
    assert [repr(found[place]) for place in range(len(jobs))] == [repr(done(each)) for each in jobs]
    assert told[-1] == len(jobs)


def test_a_worker_that_is_killed_is_told_and_the_others_go_on(address):
    deadly = Job({}, "test", "deadly", partial(signal.raise_signal, signal.SIGKILL))
    # So many that some are with the workers that are killed, and are suspected of it.
    jobs = [job("xor", 20), deadly, *(job("xor", 30, seed=seed) for seed in range(8))]
    found = dict(cluster.outcomes(address, jobs, never))
    assert found.pop(1).problem.startswith(cluster.KILLED)
    assert found == {place: done(jobs[place]) for place in found}
    assert len(found) == len(jobs) - 1


def test_what_is_stopped_is_given_up_by_the_workers_too(address):
    from distributed import Client

    jobs = [job("xor", 20), *(job("xor", ENDLESS, seed=seed) for seed in range(4))]
    found = {}
    for place, outcome in cluster.outcomes(address, jobs, lambda: 0 in found):
        found[place] = outcome
    assert found == {0: done(jobs[0])}
    with Client(address, set_as_default=False) as client:
        # Until the workers have heard of it: for ever, if they do not.
        while any(client.processing().values()) or any(client.call_stack().values()):
            time.sleep(0.1)


def test_a_scheduler_that_goes_away_leaves_what_is_done(address, monkeypatch):
    from distributed import Client

    jobs, found, asked = [job("xor", 20), job("xor", ENDLESS), job("xor", ENDLESS, seed=1)], {}, Client.nthreads

    def nthreads(client: Client) -> dict[str, int]:
        # As it is where the connection is lost.
        if found:
            raise OSError("Connection reset by peer")
        return asked(client)

    monkeypatch.setattr(Client, "nthreads", nthreads)
    for place, outcome in cluster.outcomes(address, jobs, never):
        found[place] = outcome
    assert found == {0: done(jobs[0]), 1: Outcome(problem=cluster.GONE), 2: Outcome(problem=cluster.GONE)}


@pytest.mark.parametrize("wrong", ["nonsense", "http://here:1", "tcp://", "tcp://[::1", "tcp://here:none"])
def test_what_is_no_address_is_told_at_once(wrong):
    with pytest.raises(PresetError, match=r"this is no address; expected .* tcp://host:8786"):
        cluster.connected(wrong)


def test_where_something_else_answers_it_is_told(monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS", 0.5)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(PresetError, match="no Dask scheduler answers there"):
            cluster.connected(address)


def test_where_dask_is_not_installed_it_is_told_how_to(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PresetError, match=r"--dask needs Dask, .*: pip install 'backprop-tui\[dask\]'"):
        cluster.connected("tcp://here:8786")
