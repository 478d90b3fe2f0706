"""One recording shared by several processes, each of which reads a part of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, cast

from formcheck.camera_move import STANDING, CameraMove
from formcheck.errors import EstimatorError
from formcheck.poselog import PoseLog
from formcheck.reading import WHOLE, Part, Progress, Task, read_part
from formcheck.seam import Meeting, Seam, main_joints_px
from formcheck.sources import open_source
from formcheck.types import Frame, Pose

WARM_UP_FRAMES: Final = 30  # what a tracker needs to forget where it began
WARM_UP_S: Final = 20.0  # a breath is told from the ones before it
OVERLAP_S: Final = 10.0  # how long both parts may read what lies after a seam, until they agree
SHORTEST_PART_S: Final = 20.0  # starting a process and overlapping would cost more than they save
TELL_EVERY: Final = 15  # frames


def read_shared(task: Task, jobs: int, progress: Progress | None = None) -> PoseLog:
    """The poses of a recording, read by up to `jobs` processes; the parts are joined in order.

    A tracker that begins in the middle of a hard posture may see something else than one that followed the person
    into it. So two parts are joined where both see the same: whoever reads the earlier one goes on beyond its end
    until then. Where they never do, all is read again by one. A recording whose length is not known, or which is
    short, is read by one process.

    Raises:
        SourceError, EstimatorError: as the reading of a single part does.
    """
    with open_source(task.source, rotate_deg=task.rotate_deg) as recording:
        n_frames, fps = recording.n_frames_hint, recording.fps_hint or 0.0
    n_parts = min(jobs, int((n_frames or 0) / max(fps * SHORTEST_PART_S, 1.0)))
    if n_frames is None or n_parts < 2:
        return read_part(task, WHOLE, None, progress)
    warm_up = max(WARM_UP_FRAMES, round(WARM_UP_S * fps) if task.wishes.breath else 0)
    overlap = round(OVERLAP_S * fps)
    parts = _parts(n_frames, n_parts, warm_up, overlap)
    logs = _read_all(task, parts, overlap, n_frames, progress)
    whole = logs[0]
    for part, log in zip(parts[1:], logs[1:], strict=True):
        whole = _joined(whole, log, part.first) or _joined_again(task, whole, part)
    return whole


def _parts(n_frames: int, n_parts: int, warm_up: int, overlap: int) -> list[Part]:
    """Parts that take equally long: all but the first are preceded by a warm-up."""
    read_each = (n_frames + (n_parts - 1) * warm_up) / n_parts
    seams = [0, *(round(i * read_each - (i - 1) * warm_up) for i in range(1, n_parts))]
    ends = [*(float(seam + overlap) for seam in seams[1:]), WHOLE.end]  # the header may be wrong: read to the end
    return [Part(first, end, max(0, first - warm_up)) for first, end in zip(seams, ends, strict=True)]


def _read_all(
    task: Task, parts: Sequence[Part], overlap: int, n_frames: int, progress: Progress | None
) -> list[PoseLog]:
    """The log of every part; when one fails, or the caller is interrupted, the processes are ended."""
    context = multiprocessing.get_context("spawn")  # MediaPipe does not survive a fork
    seams = [None, *(Seam(context, part.first, overlap) for part in parts[1:]), None]
    workers: dict[Any, tuple[int, Any]] = {}  # pipe: part, process
    logs: dict[int, PoseLog] = {}
    n_done = [0] * len(parts)
    try:
        for i, part in enumerate(parts):
            ours, theirs = context.Pipe(duplex=False)
            given = (task, part, seams[i], seams[i + 1], own_cores(i, len(parts)), theirs)
            worker = context.Process(target=_work, args=given, name=f"formcheck-part-{i}", daemon=True)
            with deaf_to_ctrl_c():
                worker.start()
            theirs.close()
            workers[ours] = i, worker
        while len(logs) < len(parts):
            for pipe in cast(list[Connection], wait(list(workers))):
                i, worker = workers[pipe]
                told = _told(pipe, worker)
                if isinstance(told, BaseException):
                    raise told
                if isinstance(told, PoseLog):
                    logs[i] = told
                    del workers[pipe]
                    worker.join()
                    pipe.close()
                else:
                    n_done[i] = told
                    if progress is not None:
                        progress("Reading", min(sum(n_done), n_frames), n_frames)
    finally:
        for pipe, (_, worker) in workers.items():
            worker.terminate()
            worker.join()
            pipe.close()
    return [logs[i] for i in range(len(parts))]


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """A process that is started meanwhile never hears Ctrl-C: whoever interrupts the work ends its processes, too."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # started with the first process, it would have that one hear Ctrl-C again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _told(pipe: Connection, worker: BaseProcess) -> int | PoseLog | BaseException:
    """What a process sent: how many frames it has read, its log, or why it failed."""
    try:
        told: int | PoseLog | BaseException = pipe.recv()
    except (EOFError, OSError):
        worker.join()
        return EstimatorError(f"a process that read a part of the recording ended with {worker.exitcode}; try again")
    return told


def own_cores(i: int, n_processes: int) -> set[int]:
    """The cores that one of several equal processes has for itself where they are few; none: any that is free.

    Two processes on two cores get in each other's way wherever a thread of one wakes on the core of the other.
    """
    cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    if not n_processes <= len(cores) < 2 * n_processes:
        return set()
    return set(cores[i * len(cores) // n_processes : (i + 1) * len(cores) // n_processes])


def _work(task: Task, part: Part, begin: Seam | None, end: Seam | None, cores: set[int], pipe: Connection) -> None:
    """Reads a part between two seams, in a process of its own, on cores of its own if there are any."""

    def tell(stage: str, done: int, total: int | None) -> None:
        if done % TELL_EVERY == 0:
            pipe.send(done)

    def is_enough(frame: Frame, pose: Pose) -> bool:
        if begin is not None:
            begin.tell(frame, pose)
        return end is not None and end.is_met(frame, pose)

    try:
        if cores:
            os.sched_setaffinity(0, cores)
        pipe.send(read_part(task, part, None, tell, is_enough))
    except (KeyboardInterrupt, BrokenPipeError):  # whoever asked for it does not want it any more, or is gone
        pass
    except Exception as error:
        with suppress(BrokenPipeError):
            pipe.send(error)
    finally:
        pipe.close()


def _joined(before: PoseLog, after: PoseLog, first: int) -> PoseLog | None:
    """One log of both, joined where they agree; None when they never do.

    Args:
        before: frames from 0 on, some of them beyond `first`.
        after: frames from `first` on.
    """
    meeting = Meeting()
    for i in range(first, min(len(before), first + len(after))):
        if meeting.step(before[i], main_joints_px(other := after[i - first]), other.time_s):
            whole = PoseLog(before.meta | after.meta)
            for k in range(i):
                whole.append(before[k])
            onwards = _between(before[i].camera, other.camera)
            for k in range(i - first, len(after)):
                whole.append(_as_seen_from(after[k], onwards))
            return whole
    return None


def _between(before: CameraMove | None, after: CameraMove | None) -> CameraMove:
    """From the first picture of a later part to that of the recording, told by a picture that both have seen."""
    return STANDING if before is None or after is None or before == after else before.after(after.inverse())


def _as_seen_from(pose: Pose, onwards: CameraMove) -> Pose:
    """The pose with the camera's move since the recording's first picture."""
    if pose.camera is None or onwards.is_none:
        return pose
    return replace(pose, camera=onwards.after(pose.camera))


def _joined_again(task: Task, before: PoseLog, part: Part) -> PoseLog:
    """One log of both parts, the later one read from the start of the recording on."""
    after = read_part(task, replace(part, first=0, warm_from=0))
    return after if len(after) > len(before) else before
