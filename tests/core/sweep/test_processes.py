"""Runs in processes: the numbers of one after another, whoever is killed meanwhile, and none that is left behind."""

import multiprocessing
import os
import signal
import time
from functools import partial

import pytest

from backprop_tui.core.session.run import Goal, train
from backprop_tui.core.session.session import Session
from backprop_tui.core.sweep.job import Job
from backprop_tui.core.sweep.processes import Processes, processors, signals_kept
from backprop_tui.core.sweep.work import done
from backprop_tui.tui.command_line.loading import load

from .some_jobs import ENDLESS, job, never


def jobs_of_every_kind() -> list[Job]:
    rates = [job("moons", 60, optimizer__learning_rate=rate, seed=seed) for seed in (0, 1) for rate in (0.01, 0.3)]
    return [
        *rates,
        job("digits-8x8", 30),
        job("xor", 40, layers__0__activation="relu", optimizer__learning_rate=1e200),
        job("xor", 40, layers__0__units=-1),
        job("vanishing", 20, training__dtype="float32"),
    ]


def test_the_numbers_are_those_of_one_after_another_and_of_train():
    jobs = jobs_of_every_kind()
    alone = [done(each) for each in jobs]
    for number in (1, 2):
        found = dict(Processes(number).outcomes(jobs, never))
        # By what is written of them, since what is no number equals nothing.
        assert [repr(found[place]) for place in range(len(jobs))] == list(map(repr, alone))
    session = Session(*load("moons", settings=["optimizer.learning_rate=0.3"], seed=1))
    trained = train(session, Goal(60, "steps"))
    assert trained.last.test is not None
    outcome = alone[3]
    assert (outcome.loss, outcome.test_loss) == (trained.last.training.loss, trained.last.test.loss)
    assert (outcome.first_loss, outcome.best_loss) == (trained.first.training.loss, trained.best_loss)
    assert (alone[5].stopped_by, alone[5].diverged, alone[5].problem) == ("not_finite", True, "")
    assert alone[6].problem.startswith("cannot be: test: layers.0.units: expected an integer of 1 or more, found -1")


def test_a_process_that_is_killed_loses_its_run_which_is_done_again():
    jobs = [job("spiral", 400, seed=seed) for seed in range(4)]
    processes, killed = Processes(2), []

    def kill(share: float) -> None:
        if share > 0 and not killed:
            killed.append(multiprocessing.active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    found = dict(processes.outcomes(jobs, never, kill))
    assert killed
    assert found == {place: done(each) for place, each in enumerate(jobs)}


def test_a_process_that_is_killed_between_two_runs_is_replaced():
    jobs = [job("xor", 20, seed=seed) for seed in range(3)]
    processes, found = Processes(1), {}
    for place, outcome in processes.outcomes(jobs, never):
        found[place] = outcome
        for process in multiprocessing.active_children():
            process.kill()
        # Until the executor has seen it.
        while place < 2 and not processes.executors[0]._broken:
            time.sleep(0.01)
    assert found == {place: done(each) for place, each in enumerate(jobs)}


def test_a_run_that_kills_its_process_every_time_is_told_and_the_others_are_done():
    deadly = Job({}, "test", "deadly", partial(signal.raise_signal, signal.SIGKILL))
    jobs = [job("xor", 20), deadly, job("xor", 30)]
    found = dict(Processes(2).outcomes(jobs, never))
    assert found[1].problem == "its process was killed, 2 times"
    assert (found[0], found[2]) == (done(jobs[0]), done(jobs[2]))


def test_what_is_stopped_leaves_what_is_done_and_no_process():
    jobs = [job("xor", 20), job("xor", ENDLESS), job("xor", ENDLESS, seed=1)]
    found = {}
    for place, outcome in Processes(2).outcomes(jobs, lambda: 0 in found):
        found[place] = outcome
    assert found == {0: done(jobs[0])}
    assert not multiprocessing.active_children()


def test_what_is_stopped_at_once_ends_processes_that_have_just_begun():
    asked = iter([False, True])
    assert not list(Processes(2).outcomes([job("xor", ENDLESS), job("xor", ENDLESS)], lambda: next(asked)))
    assert not multiprocessing.active_children()


def test_shares_of_runs_are_told_and_never_more_than_there_are():
    told = []
    list(Processes(1).outcomes([job("xor", 1000), job("xor", 1000)], never, told.append))
    assert told == sorted(told)
    assert told[-1] == 2
    assert all(0 <= share <= 2 for share in told)


def test_a_signal_while_processes_are_made_ready_comes_afterwards():
    come, before = [], signal.signal(signal.SIGTERM, lambda number, frame: come.append(number))
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with signals_kept():
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
            os.kill(os.getpid(), signal.SIGTERM)
            assert not come
        assert come == [signal.SIGTERM]
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == blocked | {signal.SIGINT}
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def test_a_fault_in_one_run_is_told_by_its_name():
    outcome = done(Job({}, "test", "faulty", partial(int, "no number")))
    assert outcome.problem == "failed: ValueError: invalid literal for int() with base 10: 'no number'"


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no affinity on this system")
def test_as_many_processors_as_this_process_may_use():
    assert processors() == len(os.sched_getaffinity(0))
