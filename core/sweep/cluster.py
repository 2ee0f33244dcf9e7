"""Runs handed to a Dask scheduler that is there already: the same jobs, and so the same numbers.

The workers need this program and the files of the preset under the same paths; what is generated they make themselves.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from backprop_tui.core.preset.schema import PresetError

from .job import Job, Outcome

if TYPE_CHECKING:
    from distributed import Client

SECONDS = 10
"""In which a scheduler has to answer."""
LOOKS = 0.05
"""Seconds between two looks at whether it is to stop."""
ASKING = 0.5
"""Seconds between two questions of a worker whether its run is still waited for."""
AHEAD = 3
"""Jobs that each thread of the workers has been handed, at the most."""
KILLED = "failed: KilledWorker"
"""How the problem of a run begins whose workers were killed, as often as Dask allows."""
EXAMPLE = "tcp://host:8786"
SCHEMES = ("tcp", "tls", "ws", "wss", "ucx")
GONE = "the Dask scheduler answers no more"
INSTALL = "pip install 'backprop-tui[dask]'"


def outcomes(
    address: str, jobs: Sequence[Job], stopped: Callable[[], bool], tell: Callable[[float], None] = lambda done: None
) -> Iterator[tuple[int, Outcome]]:
    """Do all jobs by the workers of the scheduler at `address`; yields places and outcomes as the runs end.

    `stopped` is asked again and again, and ends it: what is not done then is taken back. `tell` takes in how many runs
    are done. Raises PresetError where there is no such scheduler, or no Dask here.
    """
    with quiet():
        client = connected(address)
        try:
            yield from handed(client, jobs, stopped, tell)
        finally:
            with suppress(Exception):
                client.close(timeout=1)


@contextmanager
def quiet() -> Iterator[None]:
    """What Dask has to say of a cluster is said here in one line, or by the runs."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def connected(address: str) -> "Client":
    """A client of the scheduler there; raises PresetError where nothing answers as one."""
    if not is_address(address):
        raise wrong(address, "this is no address")
    try:
        from distributed import Client
    except ImportError:
        raise PresetError(f"--dask needs Dask, which is not installed here: {INSTALL}") from None
    try:
        if not address.startswith("tls"):
            asyncio.run(asyncio.wait_for(answered(address), SECONDS))
        return Client(address, timeout=f"{SECONDS}s")
    except (OSError, TimeoutError, ValueError, TypeError) as fault:
        raise wrong(address, f"no Dask scheduler answers there ({type(fault).__name__})") from None


def wrong(address: str, problem: str) -> PresetError:
    return PresetError(f"--dask {address}: {problem}; expected that of a scheduler, for example {EXAMPLE}")


async def answered(address: str) -> None:
    """Raises OSError or TimeoutError where something else than Dask answers, for which a client may wait for ever."""
    from distributed.comm import connect

    comm = await connect(address, timeout=SECONDS)
    await comm.close()


def is_address(text: str) -> bool:
    """Whether a text has the form of the address of a scheduler; some are not Dask's to refuse in time."""
    try:
        parts = urlsplit(text if "://" in text else f"tcp://{text}")
        return parts.scheme in SCHEMES and bool(parts.hostname) and parts.port is not None
    except ValueError:
        return False


def handed(
    client: "Client", jobs: Sequence[Job], stopped: Callable[[], bool], tell: Callable[[float], None]
) -> Iterator[tuple[int, Outcome]]:
    """The outcomes of jobs that are handed over a few at a time, so that none waits long where others are faster.

    Of all jobs that a worker has when it is killed Dask suspects each: those that it gives up are tried again at the
    end, one by one, where none can be taken for another.
    """
    from distributed import Event, wait

    name = f"backprop-tui-sweep-{uuid4().hex}"
    given_up = Event(name, client=client)
    waiting, running = list(range(len(jobs)))[::-1], dict[Any, int]()
    finished, suspected, alone = 0, list[int](), False
    try:
        while waiting or running or suspected:
            if not (waiting or running):
                waiting, suspected, alone = sorted(suspected, reverse=True), [], True
            try:
                most = 1 if alone else max(1, AHEAD * sum(client.nthreads().values()))
                while waiting and len(running) < most:
                    index = waiting.pop()
                    # Without a time in which all are of one rank they are begun in their order.
                    running[client.submit(do, jobs[index], name, pure=False, fifo_timeout=0)] = index
                over = look(running, wait)
            except OSError:
                # Connections that are lost are errors of this kind.
                lost = sorted([*running.values(), *waiting, *suspected])
                yield from ((index, Outcome(problem=GONE)) for index in lost)
                return
            if stopped():
                return
            for future in over:
                index, outcome = running.pop(future), outcome_of(future)
                if outcome.problem.startswith(KILLED) and not alone:
                    suspected.append(index)
                    continue
                finished += 1
                yield index, outcome
            tell(finished)
    finally:
        if running:
            with suppress(Exception):
                given_up.set()
                client.cancel(list(running), force=True)


def look(running: dict[Any, int], wait: Callable[..., Any]) -> list[Any]:
    """The runs that have ended, of which it waits a moment for one."""
    with suppress(TimeoutError):
        wait(list(running), timeout=LOOKS, return_when="FIRST_COMPLETED")
    return [future for future in running if future.done()]


def outcome_of(future: Any) -> Outcome:
    try:
        outcome = future.result()
    except Exception as fault:
        # Of a worker that was killed again and again, or has not this program.
        return Outcome(problem=f"failed: {type(fault).__name__}: {' '.join(str(fault).split())}")
    return outcome if isinstance(outcome, Outcome) else Outcome(problem="failed: its worker answered something else")


def do(job: Job, name: str) -> Outcome:
    """The run of a job, in a worker, as long as it is waited for."""
    from distributed import Event

    from .work import UnwantedError, done

    given_up: Event = Event(name)
    asked = monotonic()

    def tell(share: float) -> None:
        nonlocal asked
        if monotonic() - asked >= ASKING:
            asked = monotonic()
            if given_up.is_set():
                raise UnwantedError

    return done(job, tell)
