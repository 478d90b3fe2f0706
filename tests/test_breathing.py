"""The breath of a drawn trunk whose chest widens by millimetres, and counting in traces known on paper."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from figure import film, seated

from formcheck.breaths import Breath, BreathCounter, BreathsTold, number_in
from formcheck.engine import Engine
from formcheck.events import BreathMarked, BreathTaken, Event, Hold, HoldCompleted
from formcheck.poselog import PoseLog
from formcheck.registry import find_exercise
from formcheck.report.blocks import breaths_of
from formcheck.types import Pose
from formcheck.vision.breathing import BreathWatch, rhythm_of
from formcheck.vision.evidence import Fabric, Record


def counted(trace: Callable[[float], float], seconds: float, noise: float = 0.0) -> list[Breath]:
    counter, rng = BreathCounter(), np.random.default_rng(5)
    times = np.arange(0.0, seconds, 0.1)
    return [b for t in times for b in counter.step(float(t), trace(float(t)) + noise * rng.normal(), 0.8)]


@pytest.mark.parametrize("period_s", [3.5, 5.0, 7.5, 10.0])
def test_breaths_of_a_clean_rhythm_are_counted_within_one(period_s: float) -> None:
    found = counted(lambda t: math.sin(2 * math.pi * t / period_s), 40.0)
    assert abs(len(found) - 40.0 / period_s) <= 1.0
    whole = found[1:]  # the trace begins in the middle of the first
    assert [b.end_s - b.start_s for b in whole] == pytest.approx([period_s] * len(whole), abs=0.4)


def test_noise_and_drift_do_not_add_breaths() -> None:
    found = counted(lambda t: math.sin(2 * math.pi * t / 5.0) + 0.03 * t, 45.0, noise=0.12)
    assert abs(len(found) - 9) <= 1


def test_a_trace_that_cannot_be_believed_or_is_not_known_counts_nothing() -> None:
    counter = BreathCounter()
    wave = [math.sin(2 * math.pi * t / 5.0) for t in np.arange(0.0, 30.0, 0.1)]
    assert [b for i, v in enumerate(wave) for b in counter.step(0.1 * i, v, 0.05)] == []
    counter.start_over()
    assert [b for i, v in enumerate(wave) for b in counter.step(0.1 * i, v, math.nan)] == []
    counter.start_over()
    assert [b for i, v in enumerate(wave) for b in counter.step(0.1 * i, v if i % 20 else math.nan, 0.9)] == []


Film = list[tuple[np.ndarray, Pose]]
SECONDS, PERIOD_S = 24.0, 4.0


def sitting_film(seconds: float, widening: Callable[[float], float], noise: float) -> Film:
    """Somebody who sits, seen from the side, a cloth pattern on the trunk, which widens by a share of its length."""
    poses = [pose for pose in film(lambda _: seated(), seconds, 90.0) if round(pose.time_s * 20) % 2 == 0]
    rng = np.random.default_rng(11)
    cloth = cv2.GaussianBlur(rng.uniform(60, 200, (480, 640)).astype(np.float32), (0, 0), 2.0)
    cloth = (cloth - cloth.mean()) * 4 + 120
    grains = [rng.normal(0, noise, cloth.shape).astype(np.float32) for _ in range(7)]
    chest, hips = poses[0].xy_px[11:13].mean(axis=0), poses[0].xy_px[23:25].mean(axis=0)
    lines, columns = np.mgrid[0:480, 0:640].astype(np.float32)
    along = np.clip((lines - chest[1]) / (hips[1] - chest[1]), 0, 1)
    beside = np.clip((columns - chest[0]) / (0.25 * (hips[1] - chest[1])), -1, 1)  # both sides go outwards
    reach = (np.sin(np.pi * along) * (hips[1] - chest[1]) * beside).astype(np.float32)
    frames = []
    for i, pose in enumerate(poses):
        image = cv2.remap(cloth, columns - np.float32(widening(pose.time_s)) * reach, lines, cv2.INTER_LINEAR)
        image += grains[i % 7] + np.roll(grains[(i // 7) % 7], i, axis=1)
        frames.append((np.repeat(np.clip(image, 0, 255).astype(np.uint8)[..., None], 3, axis=2), pose))
    return frames


def breathing_film(seconds: float, period_s: float, widening: float, noise: float) -> Film:
    return sitting_film(seconds, lambda t: widening * math.sin(2 * math.pi * t / period_s), noise / math.sqrt(2))


def breaths_seen(frames: Film) -> tuple[list[Breath], float]:
    watch, counter, found, quality = BreathWatch(), BreathCounter(), [], 0.0
    for image, pose in frames:
        trace, quality = watch.look(image, pose)
        found += counter.step(pose.time_s, trace, quality)
    return found, quality


@pytest.mark.parametrize("period_s", [4.0, 6.5])
def test_a_chest_that_moves_by_millimetres_is_counted(period_s: float) -> None:
    found, quality = breaths_seen(breathing_film(32.0, period_s, widening=0.008, noise=3.0))
    assert quality > 0.3
    assert abs(len(found) - 32.0 / period_s) <= 2.0


def test_without_breathing_nothing_is_counted() -> None:
    found, _ = breaths_seen(breathing_film(24.0, 5.0, widening=0.0, noise=3.0))
    assert found == []


# -- what pictures do that is no breath ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def photograph() -> Film:
    return breathing_film(SECONDS, PERIOD_S, widening=0.0, noise=2.0)


@pytest.fixture(scope="module")
def breathing() -> Film:
    return breathing_film(SECONDS, PERIOD_S, widening=0.008, noise=2.0)


def frozen(image: np.ndarray, time_s: float) -> np.ndarray:
    return np.full_like(image, 90)


def brightening(image: np.ndarray, time_s: float) -> np.ndarray:
    return np.clip(image * (1 + 0.06 * math.sin(2 * math.pi * time_s / PERIOD_S)), 0, 255).astype(np.uint8)


def swaying(image: np.ndarray, time_s: float) -> np.ndarray:
    """All of the picture moves by a pixel and a half."""
    shift = np.float32([[1, 0, 1.5 * math.sin(2 * math.pi * time_s / PERIOD_S)], [0, 1, 0]])
    return cv2.warpAffine(image, shift, image.shape[1::-1], borderMode=cv2.BORDER_REFLECT)


def recoded(image: np.ndarray, time_s: float) -> np.ndarray:
    """Coarse pictures, and a fine one as often as people breathe."""
    is_key = round(time_s * 10) % round(PERIOD_S * 10) < 2
    done, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85 if is_key else 25])
    assert done
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)


@pytest.mark.parametrize("spoilt", [frozen, brightening, swaying, recoded])
def test_a_photograph_does_not_breathe(spoilt: Callable[[np.ndarray, float], np.ndarray], photograph: Film) -> None:
    found, _ = breaths_seen([(spoilt(image, pose.time_s), pose) for image, pose in photograph])
    assert found == []


@pytest.mark.parametrize("spoilt", [brightening, swaying])
def test_a_breath_is_counted_within_one_or_refused(
    spoilt: Callable[[np.ndarray, float], np.ndarray], breathing: Film
) -> None:
    found, _ = breaths_seen([(spoilt(image, pose.time_s), pose) for image, pose in breathing])
    n = number_in(found, 0.0, SECONDS)
    assert n is None or abs(n - SECONDS / PERIOD_S) <= 1


def walker_behind(image: np.ndarray, pose: Pose, period_s: float) -> np.ndarray:
    """Somebody walks to and fro close behind; the person's trunk stays in front."""
    trunk = pose.xy_px[[11, 12, 23, 24], 0]
    middle = trunk.mean() + 110 * math.sin(2 * math.pi * pose.time_s / period_s)
    columns = np.arange(image.shape[1])
    is_beside = (columns < trunk.min() - 35) | (columns > trunk.max() + 35)
    behind = image.copy()
    behind[:, is_beside & (np.abs(columns - middle) < 30)] = 20
    return behind


def test_a_breath_is_refused_while_somebody_walks_to_and_fro_behind(breathing: Film) -> None:
    assert breaths_seen(breathing)[0]
    found, quality = breaths_seen([(walker_behind(image, pose, 7.3), pose) for image, pose in breathing])
    assert (found, quality) == ([], 0.0)


def test_somebody_who_passes_once_does_not_hide_the_breath(breathing: Film) -> None:
    passed = [(walker_behind(i, p, 7.3) if p.time_s < 1.8 else i, p) for i, p in breathing]
    assert breaths_seen(passed)[0]


def test_who_moves_is_looked_at_afresh(breathing: Film) -> None:
    """The same pictures, but the person is somewhere else in every frame."""
    watch = BreathWatch()
    values = []
    for i, (image, pose) in enumerate(breathing):
        moved = pose.landmarks.copy()
        moved[:, 0] += 0.02 * i
        values.append(watch.look(image, replace(pose, landmarks=moved)))
    assert all(math.isnan(trace) for trace, _ in values[1:10])


def test_nobody_and_people_outside_the_picture_have_no_breath(breathing: Film) -> None:
    watch = BreathWatch()
    image, pose = breathing[0]
    for i, shift in enumerate((0.0, 5.0, -5.0)):
        landmarks = pose.landmarks + np.float32(shift)
        assert math.isnan(watch.look(image, replace(pose, time_s=float(i), landmarks=landmarks))[0])
    assert math.isnan(watch.look(image, Pose.nobody(9.0, pose.size_wh))[0])


# -- when breaths are told, and what for --------------------------------------------------------------------------


def test_breaths_before_the_trace_became_clear_are_told_once_it_is() -> None:
    counter, told = BreathCounter(), []
    for t in np.arange(0.0, 30.0, 0.1):
        for breath in counter.step(float(t), math.sin(2 * math.pi * t / 5.0), 0.9 if t > 12.0 else 0.0):
            told.append((float(t), breath))
    assert told[0][0] > 12.0
    assert told[0][1].end_s < 8.0
    assert [b.start_s for _, b in told[1:]] == [b.end_s for _, b in told[:-1]]  # each once, none left out


def test_ripples_before_a_slow_breath_are_no_breaths() -> None:
    """The first seconds say little of how far a breath swings: they are read once the trace has become clear."""
    counter, found = BreathCounter(), []
    for t in np.arange(0.0, 40.0, 0.1):
        ripple, slow = 0.15 * math.sin(2 * math.pi * t / 3.0), math.sin(2 * math.pi * (t - 8.0) / 10.0)
        found += counter.step(float(t), ripple if t < 8.0 else slow, 0.9 if t > 16.0 else 0.0)
    assert 2 <= len(found) <= 4
    assert all(b.end_s - b.start_s > 6.0 for b in found)


def test_a_hold_seen_for_too_short_a_part_is_refused() -> None:
    breaths = [Breath(t, t + 5.0, 1.0) for t in (0.0, 5.0, 10.0)]
    assert number_in(breaths, 0.0, 16.0) == 3
    assert number_in(breaths, 2.6, 16.0) == 2  # more than half of the first lies before the hold
    assert number_in(breaths, 0.0, 40.0) is None
    assert number_in([], 0.0, 10.0) is None


def sitting_still(breath: Callable[[float], float], quality: float, until_s: float) -> list[Event]:
    """The stored grounding seat, cut off, with a breath of our own."""
    engine = Engine(find_exercise("grounding_seat"))
    log = PoseLog.load(Path(__file__).parent / "poses" / "grounding_seat.npz")
    poses = [replace(p, breath=breath(p.time_s), breath_quality=quality) for p in log if p.time_s < until_s]
    return [event for pose in poses for event in engine.step(pose)] + engine.finish()


def test_a_hold_of_three_breaths_ends_by_breaths_when_they_are_seen_and_by_the_clock_otherwise() -> None:
    def quick(time_s: float) -> float:
        return 0.004 * math.sin(2 * math.pi * time_s / 2.5)

    for quality, is_counted in ((1.0, True), (0.1, False)):
        events = sitting_still(quick, quality, until_s=13.0)
        holds = [event.hold for event in events if isinstance(event, HoldCompleted)]
        assert [hold.counted for hold in holds] == [is_counted]
        assert holds[0].credited_s < find_exercise("grounding_seat").criterion.hold.counted_s
        assert any(isinstance(event, BreathTaken) for event in events) == is_counted


@pytest.mark.parametrize(("quality", "ends_by_breaths"), [(1.0, True), (0.1, False)])
def test_a_lift_that_is_held_for_three_breaths_is_over_with_the_third(quality: float, ends_by_breaths: bool) -> None:
    engine = Engine(find_exercise("chest_opener"))
    aim_s = find_exercise("chest_opener").criterion.hold.target_s
    over_s = []
    for pose in PoseLog.load(Path(__file__).parent / "poses" / "chest_opener.npz"):
        breath = 0.004 * math.sin(2 * math.pi * pose.time_s / 3.0)
        engine.step(replace(pose, breath=breath, breath_quality=quality))
        clock = engine.snapshot().hold
        if clock is not None and clock.is_running and clock.credited_s >= clock.target_s:
            over_s.append(clock.credited_s)
    assert over_s
    assert (over_s[0] < aim_s) == ends_by_breaths


@pytest.mark.parametrize(("n_breaths", "ended_by"), [(5, "breaths"), (4, "clock")])
def test_the_report_says_what_ended_a_hold(n_breaths: int, ended_by: str) -> None:
    exercise = find_exercise("childs_pose")
    told: list[Event] = [BreathTaken(6.0 * i + 6.0, 6.0 * i, 6.0 * i + 6.0, 0.9) for i in range(n_breaths)]
    hold = Hold(0.0, 31.0, 31.0, 30.0, exercise.criterion.hold.target_s, None, counted=True)
    made = breaths_of([*told, HoldCompleted(31.0, hold)], exercise, [], [hold])
    assert made is not None
    assert (made["source"], made["count"], made["ended_by"]) == ("camera", n_breaths, [ended_by])


def test_a_breath_that_is_marked_and_told_by_the_camera_later_counts_once() -> None:
    told = BreathsTold()
    assert [told.mark(4.0), told.mark(8.0)] == [True, True]
    assert [told.see(0.0, 4.0), told.see(4.0, 8.0), told.see(8.0, 12.0)] == [False, False, True]
    assert [told.mark(13.0), told.mark(28.0)] == [False, True]


@pytest.mark.parametrize("is_marked", [False, True])
def test_marked_breaths_do_not_end_a_hold_before_as_many_were_taken(is_marked: bool) -> None:
    exercise = find_exercise("grounding_seat")
    assert exercise.criterion.breaths == (3, 5)
    engine, events = Engine(exercise), []
    for pose in PoseLog.load(Path(__file__).parent / "poses" / "grounding_seat.npz"):
        if pose.time_s >= 9.6:
            break
        breath = 0.004 * math.cos(2 * math.pi * pose.time_s / 3.0)
        events += engine.step(replace(pose, breath=breath, breath_quality=1.0 if pose.time_s > 9.0 else 0.1))
        if is_marked and any(abs(pose.time_s - at_s) < 0.01 for at_s in (5.0, 8.0)):
            events += engine.mark_breath()
    events += engine.finish()
    assert sum(isinstance(event, BreathMarked) for event in events) == 2 * is_marked
    assert 1 <= sum(isinstance(event, BreathTaken) for event in events) <= 2
    assert [event.hold.counted for event in events if isinstance(event, HoldCompleted)] == [False]


def test_a_breath_that_is_seen_and_marked_ends_no_hold_twice() -> None:
    exercise = find_exercise("childs_pose")
    told: list[Event] = [BreathTaken(6.0 * i + 6.0, 6.0 * i, 6.0 * i + 6.0, 0.9) for i in range(4)]
    marked: list[Event] = [BreathMarked(6.0 * i + 6.2) for i in range(4)]
    hold = Hold(0.0, 31.0, 31.0, 30.0, exercise.criterion.hold.target_s, None, counted=True)
    both = [event for pair in zip(told, marked, strict=True) for event in pair]
    made = breaths_of([*both, HoldCompleted(31.0, hold)], exercise, [], [hold])
    assert made is not None
    assert (made["source"], made["ended_by"]) == ("camera", ["clock"])


# -- what is movement, what is a rhythm, what is one breath -------------------------------------------------------


def test_patches_that_shift_together_are_movement_and_blocks_that_change_for_themselves_are_not() -> None:
    rng = np.random.default_rng(6)
    lines, columns = np.mgrid[0:80, 0:50].astype(np.float64)
    x, y = columns.ravel() / 60 - 0.4, lines.ravel() / 60 - 0.7
    slopes = rng.normal(0, 5, (x.size, 2)).astype(np.float32)
    fabric, weight = Fabric(slopes, x, y), np.ones(x.size, np.float32)
    shared = np.column_stack([np.ones(x.size), *slopes.T]).astype(np.float32)
    widening = (slopes[:, 0] * x).astype(np.float32)
    blocks = rng.normal(0, 2, (10, 7)).repeat(8, axis=0).repeat(8, axis=1)[:80, :50].ravel().astype(np.float32)
    for change, is_movement in ((widening, True), (blocks, False)):
        shifted, smooth = fabric.share_shifted(change, weight), fabric.share_smooth(change, weight, shared)
        assert (shifted > 0.6) == is_movement
        assert (smooth > 0.42) == is_movement


def test_jumps_are_left_out_of_what_comes_in_step() -> None:
    times = np.arange(0.0, 20.0, 0.1)
    trace = np.sin(2 * math.pi * times / 5.0)
    record, steady = Record(len(times)), Record(len(times))
    for i, value in enumerate(trace):
        steady.add(np.array([2.0 * value, 0.0], np.float32), is_jump=False)
        record.add(np.array([2.0 * value + 9.0 * (i >= 63), 0.0], np.float32), is_jump=i == 63)
    assert record.in_step(trace) == pytest.approx(steady.in_step(trace), abs=0.1)
    assert steady.in_step(trace)[0] == pytest.approx(2.0, abs=0.01)


def test_a_rhythm_is_a_peak_and_not_the_foot_of_a_drift() -> None:
    times = np.arange(0.0, 12.0, 0.1)
    assert rhythm_of(0.002 * np.sin(2 * math.pi * times / 4.0), 0.1)[0] > 0.5
    assert rhythm_of(0.002 * np.sin(2 * math.pi * times / 11.0), 0.1)[0] == 0.0


def test_a_turn_that_was_not_seen_makes_no_long_breath() -> None:
    """Of the fourth breath only a flat line is seen."""
    found = counted(lambda t: 0.98 if 10.0 < t < 14.0 else math.cos(2 * math.pi * t / 4.0 + math.pi), 34.0)
    assert all(b.end_s - b.start_s < 6.0 for b in found)
    assert 5 <= len(found) <= 7


def test_a_drift_does_not_hide_smaller_breaths() -> None:
    found = counted(lambda t: 0.5 * math.sin(2 * math.pi * t / 4.0) + 0.12 * t, 40.0)
    assert abs(len(found) - 10) <= 1
