"""A camera that is moved: it is told by the room, and the person's movements are counted as if it had stood."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from agreement import compare_faults, counts, hold_errors_s, true_counts
from figure import film, seated
from moving_camera import Way, about_middle, filmed, held_by_hand, knocked, panned

from formcheck import sharing
from formcheck.camera_move import STANDING, CameraMove
from formcheck.engine import Engine
from formcheck.events import Event
from formcheck.judging import load_references, notes_on_camera
from formcheck.measures.gate import HIDDEN
from formcheck.measures.senses import Senses
from formcheck.measures.steadied import steadied
from formcheck.messages import page_catalogue
from formcheck.poselog import PoseLog
from formcheck.registry import find_exercise
from formcheck.seeing import Onlooker, Wishes
from formcheck.types import Frame, Pose
from formcheck.vision.camera_motion import EVERY_S, CameraWatch

HERE = Path(__file__).parent
SIZE_WH = (640, 480)
KEPT = ("childs_pose", "grounding_seat", "relaxation", "savasana", "supine_full_stretch", "tight_spot_pause")
MOVED = ("hip_circles", "roll_fore_aft", "prone_walkout", "seated_twist", "side_stretch_roll", "ball_back_stretch")


def truth_of(name: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((HERE.parent / "sample_videos" / f"{name}.truth.json").read_text())
    return truth


def poses_of(name: str) -> PoseLog:
    return PoseLog.load(HERE / "poses" / f"{name}.npz")


def run(name: str, poses: Iterable[Pose]) -> list[Event]:
    engine = Engine(find_exercise(truth_of(name)["exercise"]))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def counted(name: str, events: list[Event]) -> dict[str, int]:
    return {kind: counts(events)[kind] for kind in true_counts(truth_of(name))}


# -- counting -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "way", [held_by_hand(SIZE_WH), panned(SIZE_WH), knocked(SIZE_WH, 9.0)], ids=["hand", "pan", "knock"]
)
@pytest.mark.parametrize("name", [*KEPT, *MOVED])
def test_what_a_moved_camera_sees_is_counted_as_if_it_stood(name: str, way: Way) -> None:
    events = run(name, filmed(poses_of(name), way, is_told=True))
    assert counted(name, events) == true_counts(truth_of(name))
    assert compare_faults(truth_of(name), events).false == ()
    assert all(error_s < 0.5 for error_s in hold_errors_s(truth_of(name), events))


@pytest.mark.parametrize("name", [*KEPT, "hip_circles"])
def test_without_a_look_at_the_room_the_camera_is_taken_for_the_person(name: str) -> None:
    """The movement of the other tests is one that matters."""
    events = run(name, filmed(poses_of(name), held_by_hand(SIZE_WH), is_told=False))
    assert counted(name, events) != true_counts(truth_of(name))


def test_who_is_no_longer_in_the_picture_is_not_judged_wherever_the_camera_looks() -> None:
    pose = next(film(lambda _: seated(), 0.1, 0.0))
    away = next(filmed([pose], lambda _: about_middle(SIZE_WH, 0.9, 0.0), is_told=True))
    _, body = Senses().take(away)
    assert body is not None
    assert (body.limb_state == HIDDEN).all()
    np.testing.assert_allclose(steadied(away).xy_px, pose.xy_px, atol=0.05)


def test_the_figure_of_the_reference_is_drawn_where_the_person_is_in_this_picture() -> None:
    name, way = "side_stretch", panned(SIZE_WH)
    exercise = find_exercise(name)
    engines = [Engine(exercise, reference=load_references(exercise)) for _ in range(2)]
    n_shown = 0
    for pose, moved in zip(poses_of(name), filmed(poses_of(name), way, is_told=True), strict=True):
        for engine, seen in zip(engines, (pose, moved), strict=True):
            engine.step(seen)
        ghost, moved_ghost = (engine.snapshot().ghost_px for engine in engines)
        if ghost is not None and moved_ghost is not None:
            n_shown += 1
            np.testing.assert_allclose(moved_ghost, way(pose.time_s).places(ghost), atol=2.0)
    assert n_shown > 100


# -- told by the room ---------------------------------------------------------------------------------------------


def room(seed: int = 1) -> np.ndarray:
    """A wall with pictures and a floor with boards, larger than what the camera sees of it."""
    rng = np.random.default_rng(seed)
    image = np.full((SIZE_WH[1] + 400, SIZE_WH[0] + 400, 3), (190, 200, 205), np.uint8)
    for _ in range(90):
        x, y = rng.integers(0, image.shape[1]), rng.integers(0, image.shape[0])
        w, h = rng.integers(12, 60, 2)
        cv2.rectangle(image, (x, y), (x + w, y + h), rng.integers(30, 230, 3).tolist(), -1)
    return cv2.GaussianBlur(image, (5, 5), 0)


def seen(image: np.ndarray, move: CameraMove, pose: Pose, seed: int) -> np.ndarray:
    """What a camera sees of a room, with its noise, and of somebody in it as thick dark bones."""
    matrix = np.array([[move.a, -move.b, move.x_px], [move.b, move.a, move.y_px]]) @ np.array(
        [[1, 0, -200], [0, 1, -200], [0, 0, 1]]
    )
    picture = cv2.warpAffine(image, matrix, SIZE_WH, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)
    for a, b in ((11, 23), (12, 24), (23, 25), (24, 26), (25, 27), (26, 28)):
        ends = [tuple(np.rint(pose.xy_px[i]).astype(int).tolist()) for i in (a, b)]
        cv2.line(picture, *ends, (60, 50, 70), 26)
    noise = np.random.default_rng(seed).normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def watched(way: Way, image: np.ndarray, seconds: float = 5.0) -> list[tuple[Pose, CameraMove]]:
    """Each pose as it was seen, and the move that was told from its picture."""
    watch = CameraWatch()
    poses = filmed(film(lambda _: seated(), seconds, 90.0), way, is_told=False)
    return [(pose, watch.look(seen(image, way(pose.time_s), pose, i), pose, None)) for i, pose in enumerate(poses)]


def off_px(way: Way, found: list[tuple[Pose, CameraMove]]) -> np.ndarray:
    """By how much the moves put the person elsewhere than where they were in the first picture, pixels."""
    return np.array([np.abs(way(p.time_s).inverse().places(p.xy_px) - move.places(p.xy_px)).max() for p, move in found])


@pytest.mark.parametrize("way", [held_by_hand(SIZE_WH), panned(SIZE_WH)], ids=["hand", "pan"])
def test_the_room_tells_how_the_camera_moves(way: Way) -> None:
    found = watched(lambda t: way(t).after(way(0.0).inverse()), room())
    errors_px = off_px(lambda t: way(t).after(way(0.0).inverse()), found)
    assert np.quantile(errors_px, 0.95) < 1.0
    assert errors_px.max() < 6.0  # until the first move is noticed


def test_a_camera_that_stands_gives_no_move_at_all() -> None:
    assert {move for _, move in watched(lambda _: STANDING, room())} == {STANDING}


def test_a_knock_is_noticed_at_the_next_look() -> None:
    way = knocked(SIZE_WH, 3.0)
    found = watched(way, room())
    errors_px = {pose.time_s: px for (pose, _), px in zip(found, off_px(way, found), strict=True)}
    assert max(px for t, px in errors_px.items() if t < 3.0) == 0.0
    assert max(px for t, px in errors_px.items() if t > 3.0 + EVERY_S + 0.1) < 1.0


def test_a_bare_wall_tells_nothing() -> None:
    wall = np.full((SIZE_WH[1] + 400, SIZE_WH[0] + 400, 3), 200, np.uint8)
    assert {move for _, move in watched(panned(SIZE_WH), wall)} == {STANDING}


def test_a_thing_that_moves_through_the_room_is_no_camera() -> None:
    watch, image = CameraWatch(), room()
    thing = room(2)[:260, :200]
    for i, pose in enumerate(film(lambda _: seated(), 6.0, 90.0)):
        picture = seen(image, STANDING, pose, i)
        x = 20 + 4 * i
        wide = min(200, SIZE_WH[0] - x)
        if wide > 0:
            picture[200:460, x : x + wide] = thing[:, :wide]
        assert watch.look(picture, pose, None) == STANDING


def test_one_moving_thing_before_a_bare_wall_is_no_camera() -> None:
    watch = CameraWatch()
    for i, pose in enumerate(film(lambda _: seated(), 4.0, 90.0)):
        picture = np.full((SIZE_WH[1], SIZE_WH[0], 3), 200, np.uint8)
        picture[40:240, 20 + 3 * i : 220 + 3 * i] = room(2)[:200, :200]
        assert watch.look(picture, pose, None) == STANDING


def test_a_light_that_is_dimmed_is_no_camera() -> None:
    watch, image = CameraWatch(), room()
    for i, pose in enumerate(film(lambda _: seated(), 6.0, 90.0)):
        picture = seen(image, STANDING, pose, i) * (1.0 - 0.6 * i / 120)
        assert watch.look(picture.astype(np.uint8), pose, None) == STANDING


def test_no_breath_is_read_while_the_camera_moves() -> None:
    image, way = room(), held_by_hand(SIZE_WH)
    told = {}
    for name, its in (("stands", lambda _: STANDING), ("moves", way)):
        with Onlooker(Wishes(breath=True)) as onlooker:
            poses = filmed(film(lambda _: seated(), 6.0, 90.0), its, is_told=False)
            logged = [
                onlooker.look(Frame(i, pose.time_s, seen(image, its(pose.time_s), pose, i)), pose)
                for i, pose in enumerate(poses)
            ]
        told[name] = sum(pose.breath == pose.breath for pose in logged)
    assert told["stands"] > 0
    assert told["moves"] == 0


# -- kept, joined, told -------------------------------------------------------------------------------------------


def test_a_move_and_its_inverse_are_none() -> None:
    move, places = about_middle(SIZE_WH, 0.1, -0.2, 1.3, 8.0), np.array([[0.0, 0.0], [640.0, 480.0], [100.0, 50.0]])
    np.testing.assert_allclose(move.inverse().places(move.places(places)), places, atol=1e-3)
    np.testing.assert_allclose(move.after(move.inverse()).places(places), places, atol=1e-3)
    assert STANDING.inverse() == STANDING


def test_one_move_after_another() -> None:
    one, other = about_middle(SIZE_WH, 0.1, 0.0, 1.2, 3.0), about_middle(SIZE_WH, 0.0, 0.1, 0.9, -5.0)
    places = np.array([[10.0, 20.0], [600.0, 400.0]])
    np.testing.assert_allclose(one.after(other).places(places), one.places(other.places(places)), atol=1e-3)


def test_the_camera_comes_back_bit_for_bit_and_may_be_unknown(tmp_path: Path) -> None:
    log, pose = PoseLog(), next(film(lambda _: seated(), 0.1, 90.0))
    move = about_middle(SIZE_WH, 0.1, 0.0, 1.2, 3.0)
    for i, camera in enumerate((None, STANDING, move)):
        log.append(replace(pose, time_s=i / 10, camera=camera))
    log.save(tmp_path / "poses.npz")
    assert [kept.camera for kept in PoseLog.load(tmp_path / "poses.npz")] == [None, STANDING, move]


@pytest.mark.parametrize("row", [(0.0, 0.0, 1.0, 1.0), (1e4, 0.0, 0.0, 0.0), (np.inf, 0.0, 0.0, 0.0)])
def test_a_move_that_cannot_be_is_not_known(tmp_path: Path, row: tuple[float, ...]) -> None:
    log = PoseLog()
    log.append(next(film(lambda _: seated(), 0.1, 90.0)))
    log.save(tmp_path / "poses.npz")
    with np.load(tmp_path / "poses.npz") as file:
        arrays = dict(file)
    arrays["camera"] = np.array([row], np.float32)
    np.savez(tmp_path / "poses.npz", **arrays)
    assert PoseLog.load(tmp_path / "poses.npz")[0].camera is None


def test_parts_of_a_recording_are_joined_with_the_cameras_move_since_its_beginning() -> None:
    way = panned(SIZE_WH)
    whole = list(filmed(film(lambda _: seated(), 6.0, 90.0), way, is_told=True))
    before, after = PoseLog(), PoseLog()
    for pose in whole[:80]:
        before.append(pose)
    for pose in whole[60:]:  # its own first picture was another one
        assert pose.camera is not None
        after.append(replace(pose, camera=way(3.0).after(pose.camera)))
    joined = sharing._joined(before, after, 60)
    assert joined is not None
    for pose, own in zip(joined, whole, strict=True):
        np.testing.assert_allclose(steadied(pose).xy_px, steadied(own).xy_px, atol=0.05)


def test_a_report_says_that_the_camera_was_moved() -> None:
    stood, moved = PoseLog(), PoseLog()
    for pose in film(lambda _: seated(), 1.0, 90.0):
        stood.append(replace(pose, camera=STANDING))
        moved.append(replace(pose, camera=panned(SIZE_WH)(pose.time_s).inverse()))
    assert notes_on_camera(stood) == []
    (note,) = notes_on_camera(moved)
    assert note.startswith("The camera was moved")
    assert page_catalogue("de").say(note).startswith("Die Kamera wurde bewegt")
