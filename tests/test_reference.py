"""Reference keypoint profiles: learned, kept in files, and laid over people frame by frame."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from figure import course, film, seated

from formcheck.assets import find_references
from formcheck.engine import Engine
from formcheck.errors import ReferenceFileError
from formcheck.events import Event, FormScored, RepetitionCompleted, from_record, to_record
from formcheck.judging import load_references
from formcheck.learning import N_PHASES, Extent, Performance, learn_profile
from formcheck.matching import Match, Matcher
from formcheck.measures.body import BodyTracker
from formcheck.poselog import PoseLog
from formcheck.reference import LIMBS, ReferenceProfile
from formcheck.registry import exercise_ids, find_exercise
from formcheck.render import theme
from formcheck.render.ghost import draw_ghost
from formcheck.skeleton import INDEX, MIRROR
from formcheck.types import Pose, Snapshot

ROOT = Path(__file__).resolve().parent.parent
POSES = ROOT / "tests" / "poses"
FILES = sorted((ROOT / "models" / "references").glob("*.npz"))
OFF_DEG = 30.0

Change = Callable[[Pose], Pose]


def truth_of(name: str) -> dict:
    return json.loads((ROOT / "sample_videos" / f"{name}.truth.json").read_text(encoding="utf-8"))


def clean_repetitions(name: str) -> list[dict]:
    return [r for r in truth_of(name)["repetitions"] if r["counted"] and not r["faults"]]


def poses_of(name: str, change: Change | None = None) -> Iterator[Pose]:
    return map(change or (lambda pose: pose), PoseLog.load(POSES / f"{name}.npz"))


def matches_of(name: str, poses: Iterable[Pose]) -> list[tuple[float, Match]]:
    """(time, match) of every frame that could be matched."""
    exercise = find_exercise(name)
    matchers = {view: Matcher(p, exercise.judged_segments) for view, p in load_references(exercise).items()}
    bodies = BodyTracker(exercise.view_by)
    found = []
    for pose in poses:
        body = bodies.update(pose) if pose.is_person else None
        if body is not None and body.view in matchers:
            found.append((pose.time_s, matchers[body.view].step(body)))
    return [(time_s, match) for time_s, match in found if match is not None]


def events_of(name: str, poses: Iterable[Pose]) -> list[Event]:
    exercise = find_exercise(name)
    engine = Engine(exercise, reference=load_references(exercise))
    return [event for pose in poses for event in engine.step(pose)] + engine.finish()


def limb_turned(side: str, joints: tuple[str, ...], about: str, degrees: float, between: tuple[float, float]) -> Change:
    """Turns a limb in the picture plane, + as the clock goes, from one time to another."""
    rows = [INDEX[f"{side}_{joint}"] for joint in joints]
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))

    def change(pose: Pose) -> Pose:
        if not between[0] <= pose.time_s < between[1]:
            return pose
        landmarks, world = pose.landmarks.copy(), pose.world_m.copy()
        scale = np.array(pose.size_wh, np.float64)
        centre = pose.xy_px[INDEX[f"{side}_{about}"]]
        away = pose.xy_px[rows] - centre
        landmarks[rows, :2] = (centre + away @ np.array([[c, s], [-s, c]])) / scale
        hub = world[INDEX[f"{side}_{about}"], :2]
        world[rows, :2] = hub + (world[rows, :2] - hub) @ np.array([[c, s], [-s, c]])
        return replace(pose, landmarks=landmarks, world_m=world)

    return change


ARM = ("elbow", "wrist", "pinky", "index", "thumb")


def mirrored(pose: Pose) -> Pose:
    landmarks, world = pose.landmarks[[*MIRROR]].copy(), pose.world_m[[*MIRROR]].copy()
    landmarks[:, 0] = 1.0 - landmarks[:, 0]
    world[:, 0] *= -1.0
    return replace(pose, landmarks=landmarks, world_m=world, visibility=pose.visibility[[*MIRROR]])


# -- the shipped references --------------------------------------------------------------------------------------------


def test_there_are_references_and_each_is_of_a_movement_seen_from_where_it_is_judged() -> None:
    assert len(FILES) >= 15
    for path in FILES:
        profile = ReferenceProfile.load(path)
        exercise = find_exercise(profile.exercise)
        assert path.name == f"{profile.exercise}.{profile.view}.npz"
        assert profile.view in exercise.views
        assert len(set(profile.meta["people"])) >= 3
        # A posture is one sample, or one for each way in which it may be kept.
        assert profile.n_phases in ((1, 2) if exercise.criterion.kind == "stay" else (N_PHASES,))
        assert find_references(exercise.id)[profile.view] == path


def test_references_travel_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "models/references" in wheel["only-include"]


def test_trunk_is_the_unit_and_the_hips_are_the_origin() -> None:
    for path in FILES:
        profile = ReferenceProfile.load(path)
        hips = profile.xy[:, [23, 24]].mean(axis=1)
        trunk = np.linalg.norm(profile.xy[:, [11, 12]].mean(axis=1) - hips, axis=1)
        assert np.abs(hips).max() < 0.02
        assert 0.8 < trunk.max() < 1.2
        if profile.view == "side":  # looks to the right; lying, the head is there
            ahead = profile.xy[:, 0, 0] - profile.xy[:, [7, 8], 0].mean(axis=1)
            head = profile.xy[:, [7, 8], 0].mean(axis=1)
            assert np.median(ahead) > 0.0 or np.median(head) > 0.5


JUDGED = sorted({path.name.split(".")[0] for path in FILES if (POSES / f"{path.name.split('.')[0]}.npz").exists()})


def executions(name: str) -> list[dict]:
    """Clean repetitions, or turns, or holds where nothing is repeated."""
    truth = truth_of(name)
    turns = [turn for turn in truth.get("circles", ()) if turn["counted"]]
    return clean_repetitions(name) or turns or [hold for hold in truth["holds"] if hold["counted"]]


@pytest.mark.parametrize("name", JUDGED)
def test_good_executions_score_high(name: str) -> None:
    matches = matches_of(name, poses_of(name))
    assert executions(name)
    for done in executions(name):
        scores = [m.score for t, m in matches if done["start_s"] + 0.5 <= t < done["end_s"] - 0.2]
        assert np.mean(scores) >= 85.0


@pytest.mark.parametrize("name", JUDGED)
def test_the_phase_runs_forward_through_a_repetition(name: str) -> None:
    profile = next(iter(load_references(find_exercise(name)).values()))
    if profile.n_phases < N_PHASES or profile.side == "cw":
        pytest.skip("a posture has no phases; in a picture from the front a circle is little more than a sway")
    holds = truth_of(name)["holds"]
    matches = matches_of(name, poses_of(name))
    assert clean_repetitions(name)
    if profile.side == "either":  # a round shows both sides, and rocking hardly changes a direction
        ends = {r["side"]: [m.phase for t, m in matches if t < r["end_s"] - 0.2][-1] for r in clean_repetitions(name)}
        assert abs((ends["right"] - ends["left"] + 0.5) % 1.0 - 0.5) > 0.35
        return
    for repetition in clean_repetitions(name):
        inside = [(t, m.phase) for t, m in matches if repetition["start_s"] + 0.2 <= t < repetition["end_s"] - 0.2]
        steps = np.diff([phase for _, phase in inside])
        steps = (steps + 0.5) % 1.0 - 0.5 if profile.is_cyclic else steps
        # Keeping still at the peak it may waver, and at rest, where the beginning is the end.
        is_held = np.array([any(h["start_s"] - 0.3 <= t < h["end_s"] + 0.3 for h in holds) for t, _ in inside[1:]])
        assert steps[(steps < 0.0) & ~is_held].sum() > -0.25
        assert 0.6 < steps.sum() < 1.2


# -- a limb that is off ------------------------------------------------------------------------------------------------


def test_a_lowered_arm_is_named_with_its_side_angle_and_direction_and_only_then() -> None:
    # The man of the clip lies with his head to picture-left: his left arm reaches back to the right, and lower is
    # as the clock goes.
    hold = truth_of("back_extension")["holds"][0]
    between = (hold["start_s"] + 0.5, hold["end_s"])
    change = limb_turned("left", ARM, "shoulder", OFF_DEG, between)
    usual = dict(matches_of("back_extension", poses_of("back_extension")))
    changed = dict(matches_of("back_extension", poses_of("back_extension", change)))
    steady = [t for t in changed if between[0] + 1.2 <= t < between[1] - 0.1]
    assert steady
    for t in steady:
        worst = changed[t].deviations[0]
        assert (worst.limb, worst.who, worst.way) == ("left_arm", "left arm", "lower")
        assert worst.degrees == pytest.approx(OFF_DEG, abs=5.0)
        assert worst.words == f"left arm {worst.degrees:.0f} degrees lower than the reference"
        assert changed[t].score < usual[t].score - 5.0
        assert changed[t].parts["left_arm"] < 60.0
        assert changed[t].parts["trunk"] == pytest.approx(usual[t].parts["trunk"], abs=1.0)
    for t in (t for t in changed if t < between[0] or t > between[1] + 3.0):
        assert changed[t].score == pytest.approx(usual[t].score, abs=2.0)


@pytest.mark.parametrize("degrees", [15.0, 25.0, 38.0])
def test_the_further_an_arm_is_off_the_lower_the_score(degrees: float) -> None:
    repetition = clean_repetitions("seated_cat_cow")[2]
    between = (repetition["start_s"], repetition["end_s"])

    def mean_score(angle: float) -> float:
        change = limb_turned("left", ARM, "shoulder", -angle, between)  # forward: the woman looks to picture-left
        found = matches_of("seated_cat_cow", poses_of("seated_cat_cow", change))
        inside = [(t, m) for t, m in found if between[0] + 1.5 <= t < between[1]]
        if angle >= 25.0:
            assert {m.deviations[0].who for _, m in inside} <= {"left arm", "left forearm"}
        return float(np.mean([m.score for _, m in inside]))

    assert mean_score(degrees) < mean_score(degrees - 10.0)


def test_a_repetition_with_an_arm_off_scores_less_and_the_event_says_why() -> None:
    repetition = clean_repetitions("seated_cat_cow")[2]
    change = limb_turned("left", ARM, "shoulder", -OFF_DEG, (repetition["start_s"], repetition["end_s"]))
    events = events_of("seated_cat_cow", poses_of("seated_cat_cow", change))
    scored = [e for e in events if isinstance(e, FormScored)]
    counted = [e.repetition for e in events if isinstance(e, RepetitionCompleted)]
    assert len(counted) == truth_of("seated_cat_cow")["counted"]["repetitions"]
    assert [(e.index, e.score) for e in scored] == [(r.index, r.score) for r in counted]
    off = next(e for e in scored if e.start_s == pytest.approx(repetition["start_s"], abs=0.5))
    others = [e for e in scored if e is not off]
    assert all(off.score <= other.score - 8 for other in others)
    assert off.parts["left_arm"] is not None
    assert off.parts["left_arm"] < 60
    assert re.fullmatch(r"left (fore)?arm \d+ degrees further forward than the reference", off.deviations[0])
    assert all(other.deviations == () for other in others if other.index != off.index + 1)
    assert from_record(json.loads(json.dumps(to_record(off)))) == off


def test_a_mirrored_person_has_the_same_score_and_the_other_sides_names() -> None:
    n = 0
    for name in JUDGED:
        usual = dict(matches_of(name, poses_of(name)))
        flipped = dict(matches_of(name, poses_of(name, mirrored)))
        assert usual.keys() == flipped.keys()
        for t, match in usual.items():
            other = flipped[t]
            assert other.score == pytest.approx(match.score, abs=0.5, nan_ok=True)
            assert other.phase == pytest.approx(match.phase, abs=1e-3)
            for limb in LIMBS:
                swapped = limb.replace("left", "?").replace("right", "left").replace("?", "right")
                assert other.parts[swapped] == pytest.approx(match.parts[limb], abs=0.5, nan_ok=True)
            n += 1
    assert n > 100


def test_limbs_that_cannot_be_seen_do_not_lower_the_score() -> None:
    def hide(pose: Pose) -> Pose:
        visibility = pose.visibility.copy()
        visibility[[INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in (*ARM, "ankle")]] = 0.0
        return replace(pose, visibility=visibility)

    usual = dict(matches_of("back_extension", poses_of("back_extension")))
    hidden = dict(matches_of("back_extension", poses_of("back_extension", hide)))
    assert hidden
    for t, match in hidden.items():
        assert np.isnan(match.parts["left_arm"])
        assert np.isnan(match.parts["right_arm"])
        if usual[t].score > 99.0:
            assert match.score > 95.0


def test_longer_legs_and_arms_are_no_deviation() -> None:
    """Directions are compared, not places: every limb 1.3 times as long from its root on."""

    def stretch(pose: Pose) -> Pose:
        xy = pose.xy_px
        longer = xy.copy()
        for side in ("left", "right"):
            for root, rows in (("shoulder", ARM), ("hip", ("knee", "ankle", "heel", "foot_index"))):
                at = xy[INDEX[f"{side}_{root}"]]
                for joint in rows:
                    longer[INDEX[f"{side}_{joint}"]] = at + 1.3 * (xy[INDEX[f"{side}_{joint}"]] - at)
        landmarks = pose.landmarks.copy()
        landmarks[:, :2] = longer / np.array(pose.size_wh)
        return replace(pose, landmarks=landmarks)

    usual = dict(matches_of("seated_cat_cow", poses_of("seated_cat_cow")))
    longer = dict(matches_of("seated_cat_cow", poses_of("seated_cat_cow", stretch)))
    assert [m.score for m in longer.values()] == pytest.approx([usual[t].score for t in longer], abs=3.0)
    last = max(longer)
    person = next(pose for pose in poses_of("seated_cat_cow", stretch) if pose.time_s == last)
    knee, hip = INDEX["left_knee"], INDEX["left_hip"]
    own = np.linalg.norm(person.xy_px[knee] - person.xy_px[hip])
    assert np.linalg.norm(longer[last].ghost_px[knee] - longer[last].ghost_px[hip]) == pytest.approx(own, rel=0.12)


# -- the figure --------------------------------------------------------------------------------------------------------


def test_the_figure_lies_on_a_person_in_good_form_and_stays_where_a_wrong_arm_should_be() -> None:
    hold = truth_of("back_extension")["holds"][0]
    between = (hold["start_s"], hold["end_s"])
    change = limb_turned("left", ARM, "shoulder", OFF_DEG, between)
    t = hold["end_s"] - 0.3
    log = {pose.time_s: pose for pose in poses_of("back_extension")}
    at = min(log, key=lambda time_s: abs(time_s - t))
    usual = dict(matches_of("back_extension", poses_of("back_extension")))[at].ghost_px
    changed = dict(matches_of("back_extension", poses_of("back_extension", change)))[at].ghost_px
    xy = log[at].xy_px
    torso = np.linalg.norm(xy[[11, 12]].mean(axis=0) - xy[[23, 24]].mean(axis=0))
    near = [INDEX[f"left_{joint}"] for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")]
    assert np.linalg.norm(usual[near] - xy[near], axis=1).max() < 0.25 * torso
    elbow = INDEX["left_elbow"]
    assert np.linalg.norm(changed[elbow] - usual[elbow]) < 0.1 * torso


def test_unknown_points_of_the_figure_are_left_out_of_the_drawing() -> None:
    size_wh = (640, 480)
    image = np.full((480, 640, 3), 90, np.uint8)
    sizes = theme.Sizes.of_frame(size_wh)
    nowhere = np.full((33, 2), np.nan)
    draw_ghost(image, nowhere, sizes)
    assert (image == 90).all()
    profile = ReferenceProfile.load(FILES[0])
    ghost = profile.xy[0] * 100.0 + (320.0, 240.0)
    ghost[INDEX["left_wrist"]] = np.nan
    draw_ghost(image, ghost, sizes)
    assert (image != 90).any()
    draw_ghost(image, ghost + 5000.0, sizes)  # outside of the picture


def test_nothing_is_shown_of_the_form_before_it_is_judged() -> None:
    exercise = find_exercise("back_extension")
    engine = Engine(exercise, reference=load_references(exercise))
    shown: list[Snapshot] = []
    for pose in poses_of("back_extension"):
        engine.step(pose)
        shown.append(engine.snapshot())
    waiting = [s for s in shown if s.not_judged is not None]
    assert waiting
    assert all(s.ghost_px is None and s.form_score is None and s.form_parts == () for s in waiting)
    judged = [s for s in shown if s.form_score is not None]
    assert judged
    assert all(s.ghost_px is not None and len(s.form_parts) >= 2 for s in judged)  # never one bare number


# -- learning ----------------------------------------------------------------------------------------------------------


def test_a_movement_learned_from_one_recording_knows_it_again() -> None:
    """What `learn` is for: the person's own good repetitions as the reference."""
    extents = [Extent(r["start_s"], r["peak_s"], r["end_s"]) for r in clean_repetitions("seated_cat_cow")[:3]]
    log = PoseLog.load(POSES / "seated_cat_cow.npz")
    profile = learn_profile([Performance(log, extents)], exercise="own", view="side")
    assert (profile.n_phases, profile.side, profile.meta["n_repetitions"]) == (N_PHASES, None, 3)
    assert profile.seconds == pytest.approx(np.median([e.end_s - e.start_s for e in extents]), abs=0.2)
    matcher, bodies = Matcher(profile), BodyTracker()
    scores = [m.score for pose in log if (m := matcher.step(bodies.update(pose))) and pose.time_s > 3.0]
    assert np.mean(scores) > 95.0


def test_repetitions_to_both_sides_are_learned_as_one_side() -> None:
    extents = [Extent(r["start_s"], r["peak_s"], r["end_s"], r["side"]) for r in clean_repetitions("side_stretch")]
    assert {e.side for e in extents} == {"left", "right"}
    log = PoseLog.load(POSES / "side_stretch.npz")
    profile = learn_profile([Performance(log, extents)], exercise="side_stretch", view="front")
    assert profile.side == "right"
    lean = profile.xy[:, [11, 12], 0].mean(axis=1)
    assert lean.min() < -0.15  # seen from the front the person's right is picture-left
    assert lean.max() < 0.1


def leaning_to_both_sides(azimuth_deg: float, right_deg: float = 25.0) -> list[Pose]:
    keys = [(1.0, 0.0), (2.5, right_deg), (4.5, right_deg), (6.0, 0.0), (7.5, -25.0), (9.5, -25.0), (11.0, 0.0)]
    lean = course(keys)
    return list(film(lambda t: seated(right_deg=lean(t)), 12.0, azimuth_deg))


LEANS = [Extent(1.0, 3.5, 6.0, "right"), Extent(6.0, 8.5, 11.0, "left")]


@pytest.mark.parametrize("azimuth_deg", [45.0, -45.0])
def test_both_sides_are_one_round_where_the_other_side_is_no_mirror_image(azimuth_deg: float) -> None:
    profile = learn_profile([Performance(leaning_to_both_sides(45.0), LEANS)], exercise="own", view="oblique")
    assert (profile.side, profile.meta["n_repetitions"]) == (None, 1)
    matcher, bodies = Matcher(profile), BodyTracker()
    found = [(p.time_s, matcher.step(bodies.update(p))) for p in leaning_to_both_sides(azimuth_deg)]
    at = {t: m.phase for t, m in found if m is not None}
    assert min(m.score for _, m in found if m is not None) > 95.0
    right, left = (at[min(at, key=lambda time_s: abs(time_s - t))] for t in (3.5, 8.5))
    assert abs((right - left + 0.5) % 1.0 - 0.5) > 0.35  # the two sides lie half a round apart


def test_an_angle_on_paper_is_the_angle_told() -> None:
    """Leaning 50 degrees where the reference leans 25, with every landmark known."""
    profile = learn_profile([Performance(leaning_to_both_sides(0.0), LEANS)], exercise="own", view="front")
    assert (profile.side, profile.meta["n_repetitions"]) == ("right", 2)
    matcher, bodies = Matcher(profile, ("trunk",)), BodyTracker()
    matches = {p.time_s: matcher.step(bodies.update(p)) for p in leaning_to_both_sides(0.0, 50.0)}
    deepest = matches[4.4]
    assert deepest is not None
    trunk = next(d for d in deepest.deviations if d.limb == "trunk")
    assert trunk.degrees == pytest.approx(25.0, abs=4.0)
    assert (trunk.who, trunk.way) in {("trunk", "further to the right"), ("shoulders", "lower on the right")}
    assert (matches[9.4] or deepest).deviations == ()


def test_a_posture_that_may_be_kept_in_two_ways_is_good_form_in_either() -> None:
    for name in ("relaxation", "relaxation_faults"):  # sitting, and lying on the back
        exercise = find_exercise("relaxation")
        matcher, bodies = Matcher(load_references(exercise)["side"], exercise.judged_segments), BodyTracker()
        hold = next(h for h in truth_of(name)["holds"] if h["counted"])
        inside = [p for p in poses_of(name) if p.time_s < hold["start_s"] + 8.0]
        scores = [m.score for p in inside if (m := matcher.step(bodies.update(p))) and p.time_s > hold["start_s"] + 1.0]
        assert np.mean(scores) >= 85.0


def test_learning_from_the_wrong_view_says_so() -> None:
    log = PoseLog.load(POSES / "seated_twist.npz")
    with pytest.raises(ReferenceFileError, match=r"wanted the view side, seen was front"):
        learn_profile([Performance(log, [Extent(1.0, 2.0, 3.0)])], exercise="own", view="side")


# -- files -------------------------------------------------------------------------------------------------------------


def test_a_profile_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    profile = ReferenceProfile.load(FILES[0])
    profile.save(tmp_path / "own.side.npz")
    again = ReferenceProfile.load(tmp_path / "own.side.npz")
    for key in ("exercise", "view", "is_cyclic", "side", "seconds", "meta"):
        assert getattr(again, key) == getattr(profile, key)
    for key in ("xy", "xyz", "spread", "spread_deg", "weight"):
        np.testing.assert_array_equal(getattr(again, key), getattr(profile, key))
    assert [path.name for path in tmp_path.iterdir()] == ["own.side.npz"]


def _rewritten(path: Path, **changes: object) -> None:
    with np.load(FILES[0]) as file:
        arrays = {key: file[key] for key in file.files} | changes
    np.savez_compressed(path, **{key: value for key, value in arrays.items() if value is not None})


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: path.write_bytes(FILES[0].read_bytes()[:5000]), "damaged"),
        (lambda path: path.write_bytes(b""), "damaged"),
        (lambda path: path.write_text("not a profile"), "damaged"),
        (lambda path: path.write_bytes((POSES / "idle.npz").read_bytes()), "lacks head"),
        (lambda path: _rewritten(path, schema=np.int64(99)), "schema 99, expected 1"),
        (lambda path: _rewritten(path, xy=None), "lacks xy"),
        (lambda path: _rewritten(path, weight=np.zeros((3, 33))), "weight in the reference must be floats of shape"),
        (lambda path: _rewritten(path, spread=np.full((N_PHASES, 33), np.nan)), "not numbers"),
        (lambda path: _rewritten(path, head=np.array("{")), "which movement"),
        (lambda path: path.mkdir(), "cannot be read"),
    ],
)
def test_a_file_that_is_no_reference_gives_one_clear_sentence(
    tmp_path: Path, damage: Callable[[Path], object], says: str
) -> None:
    path = tmp_path / "own.side.npz"
    damage(path)
    with pytest.raises(ReferenceFileError) as caught:
        ReferenceProfile.load(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert says in text
    assert "\n" not in text


def test_bytes_changed_inside_a_file_are_noticed(tmp_path: Path) -> None:
    content = bytearray(FILES[0].read_bytes())
    content[len(content) // 2] ^= 0xFF
    path = tmp_path / "own.side.npz"
    path.write_bytes(content)
    with pytest.raises(ReferenceFileError, match="damaged"):
        ReferenceProfile.load(path)


def test_every_exercise_file_can_be_matched_or_has_no_reference_at_all() -> None:
    assert exercise_ids()
    for name in exercise_ids():
        exercise = find_exercise(name)
        for view, profile in load_references(exercise).items():
            assert profile.view == view
            assert Matcher(profile, exercise.judged_segments)
