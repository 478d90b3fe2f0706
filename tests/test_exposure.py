"""Dark pictures and the pose network: what it loses in the dark is found, and what is bright enough stays as it is."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from recordings import stored

import formcheck.estimators.mediapipe_pose as mediapipe_pose
from formcheck.assets import find_model
from formcheck.estimators.exposure import BRIGHT, MOST, gain
from formcheck.estimators.mediapipe_pose import MediaPipePose
from formcheck.skeleton import MAIN_JOINTS
from formcheck.sources import open_source
from formcheck.types import Frame, Pose

SAMPLES = Path(__file__).resolve().parent.parent / "sample_videos"
N_FRAMES = 10
LIGHT = 0.005  # of the light of the recording: white is 22 of 255
GAMMA = 2.2


def frames(name: str, n: int = N_FRAMES) -> list[Frame]:
    with open_source(SAMPLES / f"{name}.mp4") as source:
        return [Frame(f.index, f.time_s, f.image.copy()) for f in islice(source, n)]


def in_the_dark(frame: Frame) -> Frame:
    """As a camera shows it that does not open further, with the noise of its sensor."""
    levels = 255.0 * (LIGHT * (frame.image / 255.0) ** GAMMA) ** (1.0 / GAMMA)
    noise = np.random.default_rng(frame.index).normal(0.0, 1.0, levels.shape)
    return Frame(frame.index, frame.time_s, np.clip(levels + noise, 0, 255).astype(np.uint8))


def poses_of(pictures: list[Frame]) -> list[Pose]:
    with MediaPipePose(find_model()) as network:
        return [network.estimate(frame) for frame in pictures]


@pytest.mark.parametrize("name", ["supine_full_stretch", "calf_roll"])
def test_who_lies_in_the_dark_is_found_where_they_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dark = [in_the_dark(frame) for frame in frames(name)]
    for pose, known in zip(poses_of(dark), stored(name), strict=False):
        assert pose.is_person
        off_px = np.hypot(*(pose.xy_px - known.xy_px)[list(MAIN_JOINTS)].T)
        trunk_px = np.hypot(*(known.xy_px[[11, 12]] - known.xy_px[[23, 24]]).mean(axis=0))
        assert np.median(off_px) < 0.2 * trunk_px

    monkeypatch.setattr(mediapipe_pose, "gain", lambda image: 1.0)
    assert not any(pose.is_person for pose in poses_of(dark)), "the network finds them without help: too bright a test"


def test_nobody_is_found_in_an_empty_dark_room() -> None:
    noise = np.random.default_rng(5)
    pictures = [Frame(i, i / 15, noise.integers(0, 6, (480, 640, 3), np.uint8)) for i in range(N_FRAMES)]
    assert gain(pictures[0].image) == MOST
    assert not any(pose.is_person for pose in poses_of(pictures))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.mp4")), ids=lambda path: path.stem)
def test_lit_rooms_are_bright_enough(path: Path) -> None:
    assert gain(frames(path.stem, 1)[0].image) == 1.0


def test_the_dark_is_lifted_the_more_the_darker_it_is_and_a_lamp_does_not_hide_it() -> None:
    picture = np.full((480, 640, 3), 30, np.uint8)
    picture[:100, :100] = 255  # a lamp, 3 % of the picture
    gains = [gain(np.maximum(picture, np.uint8(level))) for level in range(30, 121)]
    assert gains[0] > 5.0
    assert all(a >= b for a, b in zip(gains, gains[1:], strict=False))
    assert gain(np.full((480, 640, 3), int(BRIGHT) - 1, np.uint8)) < 1.1, "it must not flicker where it begins"
