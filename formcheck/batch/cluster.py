"""The machines of a cluster, by Dask distributed: recordings travel by their path, or whole."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from formcheck.batch.pool import MOST_ATTEMPTS
from formcheck.batch.task import Row, Task, do, failed
from formcheck.errors import ExportError, UsageError, why_not_read, why_not_written
from formcheck.session import ANNOTATED

PATIENCE_S: Final = 10  # for a scheduler to answer
MOST_ON_THE_WAY: Final = 4  # recordings a core, so that none waits and none fills the scheduler's memory


def do_all_on_cluster(
    tasks: Sequence[Task], address: str | None, n_processes: int, *, ships: bool
) -> Iterator[tuple[Task, Row]]:
    """Rows as they come, of all tasks; what a lost worker was at is done again by another.

    Args:
        tasks: what is to be done.
        address: of the scheduler ("tcp://host:8786"); None for a cluster of its own on this computer.
        n_processes: workers of a cluster of its own.
        ships: whether recordings and results travel through the cluster, where its machines do not see the same
            files.

    Raises:
        UsageError: Dask is not installed, or no scheduler answers at the address.
    """
    with _client(address, n_processes) as client:
        from distributed import as_completed

        waiting = list(reversed(tasks))
        under_way = {}
        coming = as_completed(loop=client.loop)
        n_cores = max(1, sum(client.nthreads().values()))

        def send() -> Iterator[tuple[Task, Row]]:
            """Sends the next recording on its way, and tells of those before it that cannot be read."""
            while waiting:
                task = waiting.pop()
                try:
                    job = (do_shipped, task, *_shipped(task.source)) if ships else (do, task)
                except OSError as error:
                    yield task, failed(task, f"{task.source}: {why_not_read(error)}")
                    continue
                future = client.submit(*job, pure=False, retries=0)
                under_way[future.key] = task
                coming.add(future)
                return

        while waiting and len(under_way) < MOST_ON_THE_WAY * n_cores:
            yield from send()
        for future in coming:
            task = under_way.pop(future.key)
            row = _row_of(future, task)
            future.release()
            yield from send()
            yield task, row


@contextlib.contextmanager
def _client(address: str | None, n_processes: int) -> Iterator[Any]:
    """Whoever hands the work to the scheduler at an address, or to a cluster of its own that ends with the block."""
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise UsageError(
            "Dask is not installed; install formcheck with it: pip install 'formcheck[cluster]'"
        ) from error
    with contextlib.ExitStack() as opened:
        if address is None:
            address = opened.enter_context(
                LocalCluster(
                    n_workers=n_processes,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",  # any free port; its usual one may be another cluster's
                    scheduler_kwargs={"dashboard": False},
                )
            ).scheduler_address
        try:
            client = opened.enter_context(Client(address, timeout=PATIENCE_S, set_as_default=False))
        except (OSError, TimeoutError, ValueError) as error:
            raise UsageError(f"{address}: no Dask scheduler answers there ({error})") from error
        yield client


def _row_of(future: Any, task: Task) -> Row:
    error = future.exception()
    if error is not None:
        problem = f"the workers were lost over this recording ({type(error).__name__})"
        return failed(task, problem).at_attempt(MOST_ATTEMPTS)
    came: Row | tuple[Row, bytes] = future.result()
    if isinstance(came, Row):
        return came
    row, files = came
    unpack(files, task.out_dir / task.name)
    return row


def _shipped(source: Path) -> tuple[bytes, int]:
    """What travels of a recording: its content, and when it was written, which may be all that tells its day."""
    return source.read_bytes(), source.stat().st_mtime_ns


def do_shipped(task: Task, content: bytes, written_ns: int) -> tuple[Row, bytes]:
    """On a worker: analyses a recording that came whole; its row, and its results as a zip archive."""
    with tempfile.TemporaryDirectory(prefix="formcheck-") as folder:
        source = Path(folder) / task.source.name
        source.write_bytes(content)
        os.utime(source, ns=(written_ns, written_ns))
        results = Path(folder) / "results"
        row = do(replace(task, source=source, out_dir=results))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted((results / task.name).glob("*")):
                archive.write(path, path.name)
        problem = row.problem.replace(str(source), str(task.source))
        return replace(row, recording=str(task.source), problem=problem), packed.getvalue()


def unpack(files: bytes, folder: Path) -> None:
    """Puts the results in place, each whole, when all have come; what else lies in the folder is left alone.

    Raises:
        ExportError: they cannot be written.
    """
    with zipfile.ZipFile(io.BytesIO(files)) as archive:
        names = archive.namelist()
        if not names:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".formcheck-", dir=folder) as part:
                archive.extractall(part)
                for name in names:
                    Path(part, name).replace(folder / name)
            if ANNOTATED not in names:  # of an earlier run: it would not belong to this report
                (folder / ANNOTATED).unlink(missing_ok=True)
        except OSError as error:
            why = why_not_written(error)
            raise ExportError(f"{folder}: cannot write here ({why}); choose another folder with --out") from error
