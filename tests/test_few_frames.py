"""Recordings of few frames a second: every n-th pose of stored ones counts the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agreement import counts, true_counts
from recordings import stored

from formcheck.engine import Engine
from formcheck.registry import find_exercise

SAMPLES = Path(__file__).parent.parent / "sample_videos"


@pytest.mark.parametrize(("keep_every", "first"), [(2, 0), (2, 1), (3, 0), (3, 1), (3, 2)])
@pytest.mark.parametrize("name", ["hip_circles", "hip_circles_faults"])
def test_circles_are_told_from_sways_at_six_and_four_frames_a_second(name: str, keep_every: int, first: int) -> None:
    truth = json.loads((SAMPLES / f"{name}.truth.json").read_text())
    engine = Engine(find_exercise("hip_circles"))
    events = [event for pose in stored(name)[first::keep_every] for event in engine.step(pose)] + engine.finish()
    found = counts(events)
    assert {kind: found[kind] for kind in true_counts(truth)} == true_counts(truth)
