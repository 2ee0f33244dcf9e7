"""Runs in processes of this machine, several at a time, by the standard library's executors.

Each process is an executor of its own. One that is killed loses the run that it was at and no other, which an executor
of many processes does not promise: it gives up all of them.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from typing import Any

from .job import Job, Outcome

LOOKS = 0.05
"""Seconds between two looks at whether it is to stop."""
MOST_TRIES = 2
"""Of a run whose process is killed."""
PRELOADED = "backprop_tui.core.sweep.work"
Told = Callable[[float], None]


def processors() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


class Processes:
    """So many processes, in which runs are done."""

    def __init__(self, number: int) -> None:
        self.context = context()
        self.shares: Any = self.context.RawArray("d", number)
        self.executors = [self.executor(place) for place in range(number)]

    def executor(self, place: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, self.context, begin, (self.shares, place))

    def outcomes(
        self, jobs: Sequence[Job], stopped: Callable[[], bool], tell: Told = lambda done: None
    ) -> Iterator[tuple[int, Outcome]]:
        """Do all jobs; yields the place of each with what came of it, in the order in which they end.

        `stopped` is asked again and again, and ends it: what is not done then is given up at once, its processes are
        killed. `tell` takes in how many runs are done, the shares of those that are being done among them.
        """
        waiting, tries = deque(range(len(jobs))), [0] * len(jobs)
        running: dict[Future[Outcome], tuple[int, int]] = {}
        finished = 0
        with self.started():
            while waiting or running:
                idle = set(range(len(self.executors))) - {place for place, _ in running.values()}
                for place in sorted(idle)[: len(waiting)]:
                    index = waiting.popleft()
                    tries[index] += 1
                    self.shares[place] = 0.0
                    running[self.submitted(place, jobs[index])] = place, index
                over, _ = wait(running, LOOKS, FIRST_COMPLETED)
                for future in over:
                    place, index = running.pop(future)
                    try:
                        outcome = future.result()
                    except BrokenProcessPool:
                        self.renew(place)
                        if tries[index] < MOST_TRIES:
                            waiting.append(index)
                            continue
                        outcome = Outcome(problem=f"its process was killed, {MOST_TRIES} times")
                    finished += 1
                    yield index, outcome
                if stopped():
                    return
                tell(finished + sum(self.shares[place] for place, _ in running.values()))

    def submitted(self, place: int, job: Job) -> Future[Outcome]:
        """A job handed to the process at a place; to another one where that was killed since its last."""
        try:
            return self.executors[place].submit(do, job)
        except BrokenProcessPool:
            self.renew(place)
            return self.executors[place].submit(do, job)

    def renew(self, place: int) -> None:
        self.executors[place].shutdown()
        self.executors[place] = self.executor(place)

    @contextmanager
    def started(self) -> Iterator[None]:
        """While this lasts; at the end, whatever it is, no process is left."""
        others = set(multiprocessing.active_children())
        try:
            yield
        finally:
            # They hold nothing that would have to be put in order.
            for process in set(multiprocessing.active_children()) - others:
                process.kill()
            for executor in self.executors:
                executor.shutdown(cancel_futures=True)


def context() -> BaseContext:
    """How processes begin: as copies of one that has imported what they need, where the system can do that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload([PRELOADED])
    from multiprocessing.forkserver import ensure_running  # There are systems that have it not.

    # It must not find modules in the present folder, where a file may be called as one of the standard library.
    known = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        with signals_kept():
            ensure_running()
    finally:
        del os.environ["PYTHONSAFEPATH"]
        if known is not None:
            os.environ["PYTHONSAFEPATH"] = known
    return found


@contextmanager
def signals_kept() -> Iterator[None]:
    """Have signals that come meanwhile come at the end, and those blocked that are blocked now.

    What keeps account of semaphores unblocks two of them when it is started, whoever has blocked them.
    """
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    come: list[int] = []
    answers: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            answers[number] = signal.signal(number, lambda found, frame: come.append(found))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number, answer in answers.items():
            signal.signal(number, answer)
        for found in come:
            os.kill(os.getpid(), found)


# In the processes

OWN: list[Any] = []
"""The shares of all processes, and the place of this one's."""


def begin(shares: Any, place: int) -> None:
    """Make this process ready: ctrl+c is for the one that started it, whose end is its own too."""
    OWN[:] = shares, place
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        # The one that started it has all of them blocked; here ctrl+z is to stop, as it stops that one.
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
    threading.Thread(target=follow, daemon=True).start()


def follow() -> None:
    """End when the process ends that started this one, however it did."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def do(job: Job) -> Outcome:
    """The run of a job, whose share of what is done others can see."""
    from .work import LAST_DATA, done

    shares, place = OWN

    def tell(share: float) -> None:
        shares[place] = share

    return done(job, tell, LAST_DATA)
