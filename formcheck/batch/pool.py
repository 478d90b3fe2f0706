"""The cores of this computer: a few processes, each of which does one recording after the other."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Final, cast

from formcheck.batch.task import Row, Task, do, failed
from formcheck.sharing import deaf_to_ctrl_c

MOST_ATTEMPTS: Final = 3  # a process that is lost over a recording may have been unlucky; three were not

TIDY_UP_S: Final = 10.0  # a process that was asked to end has so long to take away what is half written

Work = Callable[[Task], Row]


def do_all(tasks: Sequence[Task], n_processes: int, work: Work = do) -> Generator[tuple[Task, Row], None, None]:
    """Rows as they come, of all tasks; a process that is lost is replaced and its recording done again.

    When the iterator is closed, or an error passes through it, the processes are ended.
    """
    waiting = [(task, 1) for task in reversed(tasks)]
    workers: dict[Any, _Worker] = {}
    try:
        for _ in range(min(n_processes, len(tasks))):
            worker = _Worker(work)
            workers[worker.pipe] = worker
            worker.give(*waiting.pop())
        while workers:
            for pipe in cast(list[Connection], wait(list(workers))):
                worker = workers[pipe]
                task, attempt = worker.task, worker.attempt
                row = worker.take()
                if row is None:
                    del workers[pipe]
                    code = worker.end()
                    if attempt < MOST_ATTEMPTS:
                        waiting.append((task, attempt + 1))
                    else:
                        problem = (
                            f"the process was lost {MOST_ATTEMPTS} times over this recording (it ended with {code})"
                        )
                        yield task, failed(task, problem).at_attempt(attempt)
                    if waiting:
                        worker = _Worker(work)
                        workers[worker.pipe] = worker
                        worker.give(*waiting.pop())
                    continue
                if waiting:
                    worker.give(*waiting.pop())
                else:
                    del workers[pipe]
                    worker.end()
                yield task, row.at_attempt(attempt)
    finally:
        for worker in workers.values():
            worker.ask_to_end()
        for worker in workers.values():
            worker.end()


class _Worker:
    """One process, which is given a task, and another when it has told the row of the first."""

    task: Task
    attempt: int

    def __init__(self, work: Work) -> None:
        context = multiprocessing.get_context("spawn")  # MediaPipe does not survive a fork
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(work, theirs), name="formcheck-batch", daemon=True)
        with deaf_to_ctrl_c():
            self._process.start()
        theirs.close()

    def give(self, task: Task, attempt: int) -> None:
        self.task, self.attempt = task, attempt
        with suppress(OSError):  # a process that was lost while it waited is noticed when its row is taken
            self.pipe.send(task)

    def take(self) -> Row | None:
        """The row that was told; None when the process is lost."""
        try:
            return cast(Row, self.pipe.recv())
        except (EOFError, OSError):
            return None

    def ask_to_end(self) -> None:
        """Has the process leave off whatever it does and tidy up."""
        self._process.terminate()

    def end(self) -> int | None:
        """Ends the process, which has nothing to do or was asked to end, and returns its exit code."""
        self.pipe.close()
        self._process.join(TIDY_UP_S)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        return self._process.exitcode


def _run(work: Work, pipe: Connection) -> None:
    """Does what comes through the pipe until it is closed; says nothing, as the terminal is not this process's."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the network's libraries write there what nobody asked for
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _leave)
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(work(task))


def _leave(number: int, _: object) -> None:
    """Ends the process so that what is half written is taken away."""
    raise SystemExit(128 + number)
