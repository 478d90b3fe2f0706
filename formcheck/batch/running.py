"""A whole batch: finds what is to be done, has it done, keeps what is finished, and sums it up."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Final, Literal

from formcheck.batch.finding import find_tasks
from formcheck.batch.ledger import Ledger, rest_of
from formcheck.batch.summary import write_summary
from formcheck.batch.task import Row, Settings, Task

Engine = Literal["local", "dask"]
Tell = Callable[[Row, int, int], None]
"""Told a row, how many recordings are finished, and of how many."""

SUM_UP_EVERY_S: Final = 30.0  # a batch of days should be looked into while it runs


def run_batch(
    what: Sequence[Path],
    out_dir: Path,
    settings: Settings,
    *,
    jobs: int = 1,
    engine: Engine = "local",
    address: str | None = None,
    ships: bool = False,
    tell: Tell | None = None,
) -> list[Row]:
    """The rows of all recordings, in their order; what an earlier start has finished is not done twice.

    A folder or list that has nothing to do, one of several, has a row as well, before the others.

    Args:
        what: folders, lists and recordings.
        out_dir: folder for all results, batch.csv and batch.html.
        settings: how each recording is analysed.
        jobs: processes on this computer.
        engine: "dask" has it done by a cluster.
        address: of the cluster's scheduler; None for one on this computer.
        ships: whether recordings and results travel through the cluster.
        tell: told each row as it comes, beginning with those that were finished before.

    Raises:
        UsageError: there is nothing to do, or no such cluster.
        ExportError: the results cannot be written.
    """
    tasks, refused = find_tasks(what, out_dir, settings)
    ledger = Ledger(out_dir)
    rest, rows = rest_of(ledger, tasks)
    n_all = len(refused) + len(tasks)
    n_done, summed_s = 0, monotonic()
    for row in (*refused, *rows.values()):
        n_done += 1
        if tell is not None:
            tell(row, n_done, n_all)
    try:
        with closing(_do_all(rest, jobs, engine, address, ships)) as coming:
            for task, row in coming:
                ledger.add(task, row)
                rows[task] = row
                n_done += 1
                if tell is not None:
                    tell(row, n_done, n_all)
                if monotonic() - summed_s > SUM_UP_EVERY_S:
                    write_summary(out_dir, _in_order(refused, tasks, rows), settings.language)
                    summed_s = monotonic()
    finally:
        if rows:
            write_summary(out_dir, _in_order(refused, tasks, rows), settings.language)
    return _in_order(refused, tasks, rows)


def _do_all(
    tasks: Sequence[Task], jobs: int, engine: Engine, address: str | None, ships: bool
) -> Generator[tuple[Task, Row], None, None]:
    if not tasks:
        return
    if engine == "dask":
        from formcheck.batch.cluster import do_all_on_cluster

        yield from do_all_on_cluster(tasks, address, jobs, ships=ships)
    else:
        from formcheck.batch.pool import do_all

        yield from do_all(tasks, jobs)


def _in_order(refused: Sequence[Row], tasks: Sequence[Task], rows: dict[Task, Row]) -> list[Row]:
    return [*refused, *(rows[task] for task in tasks if task in rows)]
