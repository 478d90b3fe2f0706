"""Recordings whose times are odd: every second frame repeats the time before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from agreement import counts
from recordings import stored

from formcheck.engine import Engine
from formcheck.events import Event, FaultRaised
from formcheck.measures.senses import Senses
from formcheck.registry import find_exercise
from formcheck.sources.base import Source
from formcheck.sources.opencv import OpenCvSource
from formcheck.sources.probe import probe
from formcheck.sources.pyav import PyAvSource
from formcheck.types import Pose

REPEATED_S = 0.001  # what a repeated time is moved on by where nothing is known of the rate


def with_repeated_times(poses: Sequence[Pose]) -> list[Pose]:
    return [
        pose if i % 2 == 0 else replace(pose, time_s=poses[i - 1].time_s + REPEATED_S) for i, pose in enumerate(poses)
    ]


def events_of(poses: Sequence[Pose], exercise: str) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    return [event for pose in poses for event in engine.step(pose)] + engine.finish()


def faults_of(events: Sequence[Event]) -> list[str]:
    return sorted(event.fault for event in events if isinstance(event, FaultRaised))


@pytest.mark.parametrize(
    ("name", "exercise"), [("seated_cat_cow_faults", "seated_cat_cow"), ("side_stretch_faults", "side_stretch")]
)
def test_repeated_times_change_no_count_and_no_fault(name: str, exercise: str) -> None:
    poses = stored(name)
    plain, repeated = events_of(poses, exercise), events_of(with_repeated_times(poses), exercise)
    assert counts(repeated) == counts(plain)
    assert faults_of(repeated) == faults_of(plain)


def test_a_step_within_a_moment_has_no_speed() -> None:
    first, second, third = stored("seated_cat_cow_faults")[:3]
    elsewhere = replace(second, time_s=first.time_s + REPEATED_S, landmarks=second.landmarks + np.float32(0.01))
    bodies = []
    for poses in ((first, third), (first, elsewhere, third)):
        senses = Senses()
        bodies.append([senses.take(pose)[1] for pose in poses][-1])
    plain, repeated = bodies
    assert plain is not None
    assert repeated is not None
    assert repeated.points == plain.points


@pytest.mark.parametrize("backend", [OpenCvSource, PyAvSource])
def test_pictures_with_the_same_time_are_spread_evenly(backend: type[Source], tmp_path: Path) -> None:
    path = tmp_path / "doubled.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=12)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
        for i in range(24):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 10 * i, np.uint8), format="bgr24")
            frame.pts, frame.time_base = i, Fraction(1, 12)
            for packet in stream.encode(frame):
                packet.pts = packet.dts = round(1000 * (i if i < 2 else i // 2 * 2) / 12)
                packet.time_base = Fraction(1, 1000)
                container.mux(packet)
    with backend(path, probe(path), 1) as source:
        times_s = [frame.time_s for frame in source]
    assert times_s == pytest.approx([i / 12 for i in range(24)], abs=0.002)
