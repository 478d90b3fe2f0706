"""What is read from the pictures in a second pass: only where a movement wants it, in the frames it belongs to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from formcheck import seeing
from formcheck.assets import find_sample
from formcheck.poselog import PoseLog
from formcheck.seeing import Stretch, Wishes, look_closer
from formcheck.types import Pose

POSES = Path(__file__).parent / "poses" / "seated_cat_cow.npz"


class Clock:
    """Reads the time of the pose in place of the breath, and how bright the picture is in place of its quality."""

    def look(self, image: np.ndarray, pose: Pose) -> tuple[float, float]:
        return pose.time_s / 100.0, float(image[::40, ::40].mean()) / 255.0


def test_only_the_frames_of_the_stretches_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeing, "BreathWatch", Clock)
    told: list[tuple[int, int | None]] = []
    log, whole = PoseLog.load(POSES), PoseLog.load(POSES)
    breath = Wishes(breath=True)
    stretches = [Stretch(20.0, 20.5, breath), Stretch(12.0, 13.0, breath)]
    look_closer(find_sample(), log, stretches, lambda stage, done, total: told.append((done, total)))
    read = [i for i in range(len(log)) if log[i].breath == log[i].breath]
    asked = (log.time_s >= 12.0) & (log.time_s < 13.0) | (log.time_s >= 20.0) & (log.time_s < 20.5)
    assert read == np.flatnonzero(asked).tolist()
    assert [log[i].breath for i in read] == pytest.approx((log.time_s[read] / 100.0).tolist(), abs=1e-6)
    n = round(8.5 * 15)
    assert told[0] == (1, n)
    assert told[-1] == (n, n)
    look_closer(find_sample(), whole, [Stretch(-np.inf, np.inf, breath)], lambda *_: None)
    assert [whole[i].breath_quality for i in read] == [log[i].breath_quality for i in read]  # of the same pictures
    assert all(pose.breath == pose.breath for pose in whole)
