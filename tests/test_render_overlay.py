"""The overlay: what is drawn, where, and what is not."""

from __future__ import annotations

import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest

from formcheck.render import theme
from formcheck.render.count import draw_count, ring_diameter
from formcheck.render.form import draw_form
from formcheck.render.gauge import draw_gauge, for_people, gauge_wh
from formcheck.render.layout import Placer, body_points, covered
from formcheck.render.limbs import draw_limbs
from formcheck.render.messages import Fader
from formcheck.render.overlay import Overlay
from formcheck.render.words import words_of
from formcheck.skeleton import INDEX, N_LANDMARKS
from formcheck.types import Gauge, HoldClock, Pose, Side, Snapshot

SIZE = (640, 480)
SIZES = theme.Sizes.of_frame(SIZE)
ENGLISH = words_of("en")
GAUGE = Gauge("Trunk lift", "deg", 24.0, (-20.0, 60.0), ((15.0, 40.0),))

# A person standing upright, in shares of its own height; the body's left is image right.
_BODY = {"nose": (0.0, 0.06), "ear": (0.03, 0.06), "shoulder": (0.09, 0.2), "elbow": (0.12, 0.36)}
_BODY |= {"wrist": (0.13, 0.5), "hip": (0.06, 0.5), "knee": (0.06, 0.74), "ankle": (0.06, 0.94)}


def standing(size_wh: tuple[int, int] = SIZE, centre: float = 0.5, height: float = 0.8, time_s: float = 0.0) -> Pose:
    """A pose whose head is at 15 % of the frame's height."""
    xy = np.empty((N_LANDMARKS, 2))
    for name, index in INDEX.items():
        side = 1 if "left" in name else -1 if "right" in name else 0
        part = next((p for p in _BODY if p in name), "")
        if not part:
            near = "wrist" if any(p in name for p in ("pinky", "index", "thumb")) and "foot" not in name else "ankle"
            part = near if "eye" not in name and "mouth" not in name else "nose"
        x, y = _BODY[part]
        xy[index] = centre + side * x * height * size_wh[1] / size_wh[0], 0.12 + y * height
    landmarks = np.zeros((N_LANDMARKS, 3), np.float32)
    landmarks[:, :2] = xy
    seen = np.ones(N_LANDMARKS, np.float32)
    return Pose(time_s, landmarks, seen, np.zeros((N_LANDMARKS, 3), np.float32), size_wh)


def shot(**changes: object) -> Snapshot:
    """A moment in which everything is judged, changed as given."""
    usual = Snapshot(0.0, "Back extension", phase="lift", count=4, count_target=(8, 10), gauge=GAUGE)
    return replace(usual, **changes)  # type: ignore[arg-type]


def blank(size_wh: tuple[int, int] = SIZE, value: int = 90) -> np.ndarray:
    return np.full((size_wh[1], size_wh[0], 3), value, np.uint8)


def limbs(**changes: object) -> np.ndarray:
    image = blank()
    draw_limbs(image, standing(), shot(**changes), SIZES)
    return image


def n_of(image: np.ndarray, colour: str) -> int:
    """How many pixels have very nearly this colour."""
    return int((np.abs(image.astype(int) - theme.bgr(colour)).max(axis=2) < 12).sum())


STATES = {
    "judging": shot(progress=0.4, judged_segments=("trunk", "head")),
    "hold": shot(hold=HoldClock(7.4, 15.0, True), side="left", phase="hold"),
    "fault": shot(
        cue="Keep your hips still", cue_level="correction", fault_segments=("hips", "neck"), note="too small"
    ),
    "safety": shot(cue="Stop: the ball is rolling away", cue_level="safety"),
    "not judged": shot(not_judged="view from the side, front view needed", cue="Turn the ball", cue_level="setup"),
    "praise": shot(cue="Besser so: ganz ruhig, schön über die Länge geöffnet ✓", cue_level="praise", flash=0.6),
    "unknown value": shot(gauge=replace(GAUGE, value=float("nan"))),
    "no gauge": shot(gauge=None, title="Ein sehr langer Übungsname, der nirgends hineinpasst, auch nicht klein"),
    "form": shot(
        ghost_px=standing().xy_px + 12.0,
        form_score=72.4,
        form_parts=(("head", 100.0), ("left arm", 20.0), ("right leg", 0.0)),
        form_note="left lower leg 35 degrees further forward than the reference",
    ),
    "no movement": Snapshot(0.0, "", not_judged="No person was found in this recording."),
}


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("size_wh", [(640, 480), (1280, 720), (404, 720), (160, 120), (101, 77)])
def test_every_state_draws_at_every_frame_size(name: str, size_wh: tuple[int, int]) -> None:
    image = blank(size_wh)
    drawn = Overlay(size_wh).draw(image, standing(size_wh), STATES[name])
    assert drawn is image
    assert not np.array_equal(image, blank(size_wh))


def test_a_frame_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="640, 480"):
        Overlay(SIZE).draw(blank((320, 240)), standing(), shot())


def test_the_same_moments_give_the_same_pictures() -> None:
    first, second = Overlay(SIZE), Overlay(SIZE)
    for i in range(5):
        moment, pose = shot(time_s=i / 10, count=i), standing(time_s=i / 10)
        assert np.array_equal(first.draw(blank(), pose, moment), second.draw(blank(), pose, moment))


def test_hidden_limbs_and_absent_people_are_not_drawn() -> None:
    assert np.array_equal(limbs(limb_state=np.zeros(N_LANDMARKS, np.uint8)), blank())
    image = blank()
    draw_limbs(image, Pose.nobody(0.0, SIZE), shot(), SIZES)
    assert np.array_equal(image, blank())


def test_one_hidden_arm_leaves_its_place_untouched() -> None:
    state = np.full(N_LANDMARKS, 2, np.uint8)
    state[[INDEX["left_elbow"], INDEX["left_wrist"], INDEX["left_index"]]] = 0
    x, y = standing().xy_px[INDEX["left_elbow"]].astype(int)
    around = np.s_[y - 5 : y + 5, x - 2 : x + 20]
    assert np.array_equal(limbs(limb_state=state)[around], blank()[around])
    assert not np.array_equal(limbs()[around], blank()[around])


def test_the_form_panel_has_a_bar_for_every_limb_that_was_seen_and_the_worst_deviation() -> None:
    def drawn(**changes: object) -> np.ndarray:
        image = blank()
        draw_form(image, shot(**changes), (20, 20), 160, SIZES, ENGLISH)
        return image

    whole = (("head", 100.0), ("trunk", 100.0), ("left arm", 100.0))
    good = drawn(form_score=100.0, form_parts=whole)
    assert n_of(good, theme.ATTENTION) == 0
    assert n_of(drawn(form_score=80.0, form_parts=(*whole[:2], ("left arm", 40.0))), theme.ATTENTION) > 20
    assert n_of(good, theme.PAPER) > n_of(drawn(form_score=100.0, form_parts=whole[:1]), theme.PAPER)
    noted = drawn(form_score=100.0, form_parts=whole, form_note="left arm 25 degrees lower than the reference")
    assert (noted != good).any()
    assert (drawn(form_score=None) == blank()).all()


def test_uncertain_limbs_are_dashed() -> None:
    along = _along("left_hip", "left_knee")
    solid, dashed = limbs(), limbs(limb_state=np.ones(N_LANDMARKS, np.uint8))
    on_line = [tuple(image[y, x]) == (90, 90, 90) for image in (solid, dashed) for x, y in along]
    n = len(along)
    assert sum(on_line[:n]) == 0
    assert 0.15 * n <= sum(on_line[n:]) <= 0.8 * n


def test_left_and_right_limbs_differ_in_their_outline() -> None:
    image = limbs()
    widths = {}
    for side in ("left", "right"):
        x, y = np.mean([standing().xy_px[INDEX[f"{side}_{joint}"]] for joint in ("hip", "knee")], axis=0).astype(int)
        widths[side] = int((image[y, x - 12 : x + 13, 0] != 90).sum())
    assert widths["right"] >= widths["left"] + 3


def test_a_fault_is_orange_broken_and_badged_and_judged_is_blue() -> None:
    judged = limbs(judged_segments=("trunk",))
    fault = limbs(judged_segments=("trunk",), fault_segments=("trunk",))
    assert n_of(judged, theme.GOOD) > 200
    assert n_of(judged, theme.ATTENTION) == 0
    assert n_of(fault, theme.ATTENTION) > 200
    assert n_of(fault, theme.GOOD) == 0
    along = _along("left_shoulder", "left_hip")
    orange = [np.abs(fault[y, x].astype(int) - theme.bgr(theme.ATTENTION)).max() < 40 for x, y in along]
    assert np.count_nonzero(np.diff(orange)) >= 4, "orange comes and goes along the segment"
    only_badge = limbs(fault_segments=("trunk",), judged_segments=())
    away = np.abs(standing().xy_px[INDEX["left_shoulder"], 0] - np.where(only_badge == theme.bgr(theme.ATTENTION))[1])
    assert away.max() > 20, "the badge stands beside the segment"


def test_nothing_is_blamed_or_stressed_while_nothing_is_judged() -> None:
    image = limbs(judged_segments=("trunk",), fault_segments=("hips",), not_judged="feet not in view")
    assert n_of(image, theme.ATTENTION) == n_of(image, theme.GOOD) == 0
    assert n_of(image, theme.MUTED) > 200


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e6, -1e6])
def test_landmarks_thrown_off_the_frame_do_no_harm(value: float) -> None:
    pose = standing()
    pose.landmarks[INDEX["left_wrist"], :2] = value
    state = np.ones(N_LANDMARKS, np.uint8)
    assert Overlay(SIZE).draw(blank(), pose, shot(limb_state=state, fault_segments=("left_arm",))).any()


def _along(a: str, b: str) -> list[tuple[int, int]]:
    """Pixels on the bone between two landmarks, joints left out."""
    start, end = (standing().xy_px[INDEX[name]] for name in (a, b))
    return [tuple(np.rint(start + s * (end - start)).astype(int)) for s in np.linspace(0.15, 0.85, 60)]


def _ring(snapshot: Snapshot) -> float:
    """Share of the ring that is filled, read off the picture."""
    image = blank(value=0)
    draw_count(image, snapshot, (0, 0), SIZES, ENGLISH)
    radius, centre = ring_diameter(SIZES) / 2, SIZES.pad + ring_diameter(SIZES) / 2
    turns = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    at = centre + (radius - SIZES.px(0.011)) * np.stack([np.cos(turns), np.sin(turns)])
    return float(np.mean(image[at[1].astype(int), at[0].astype(int), 0] > 200))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_the_ring_fills_with_the_repetition_or_the_credited_seconds(share: float) -> None:
    assert _ring(shot(progress=share)) == pytest.approx(share, abs=0.06)
    hold = HoldClock(15 * share, 15.0, True)
    assert _ring(shot(progress=0.7, hold=hold)) == pytest.approx(share, abs=0.06)
    over = HoldClock(30.0, 15.0, True)
    assert _ring(shot(hold=over)) == pytest.approx(1.0, abs=0.02)


def test_a_hold_that_has_ended_gives_the_ring_back_to_the_count() -> None:
    assert _ring(shot(progress=0.0, hold=HoldClock(14.0, 15.0, False))) == 0.0


@pytest.mark.parametrize(
    ("phase", "side", "shown"),
    [
        ("lift", None, "Lift"),
        ("Hold", "left", "Hold · left"),
        ("Turn left", "left", "Turn left"),
        (None, "right", "Right"),
    ],
)
def test_phase_and_side_are_named_once(phase: str | None, side: Side | None, shown: str) -> None:
    images = [blank(), blank()]
    draw_count(images[0], shot(phase=phase, side=side), (0, 0), SIZES, ENGLISH)
    draw_count(images[1], shot(phase=shown), (0, 0), SIZES, ENGLISH)
    assert np.array_equal(*images)


def test_counting_flashes_the_ring() -> None:
    images = [blank(), blank()]
    for image, flash in zip(images, (0.0, 1.0), strict=True):
        draw_count(image, shot(flash=flash), (0, 0), SIZES, ENGLISH)
    assert n_of(images[1], theme.GOOD) > n_of(images[0], theme.GOOD) + 1000


def _gauge(value: float) -> np.ndarray:
    image = blank()
    draw_gauge(image, replace(GAUGE, value=value), (0, 0), SIZES, ENGLISH)
    return image


def test_the_gauge_rises_with_the_value_and_stays_on_its_axis() -> None:
    heights = [int(np.argmax(_gauge(v)[:, gauge_wh(SIZES)[0] - 30, 0] > 240)) for v in (-19, 0, 20, 59)]
    assert heights == sorted(heights, reverse=True)
    bar = slice(0, int(gauge_wh(SIZES)[1] * 0.8))
    assert np.array_equal(_gauge(60)[bar], _gauge(400)[bar])


def test_an_unknown_value_shows_no_marker_and_no_number() -> None:
    unknown, zero, lowest = _gauge(float("nan")), _gauge(0.0), _gauge(GAUGE.axis[0])
    changed = np.abs(unknown.astype(int) - zero).max(axis=2).max(axis=1) > 0
    track = slice(int(gauge_wh(SIZES)[1] * 0.2), int(gauge_wh(SIZES)[1] * 0.8))
    assert changed[track].any(), "no marker at zero"
    assert not np.array_equal(unknown[track], lowest[track]), "and none at the end of the axis"
    assert changed[int(gauge_wh(SIZES)[1] * 0.85) :].any(), "a question mark instead of a number"


def test_panels_give_way_to_a_person_in_their_corner() -> None:
    overlay = Overlay(SIZE)
    left_person = standing(centre=0.15)
    for i in range(30):
        image = overlay.draw(blank(), left_person, shot(time_s=i / 15))
    xy = left_person.xy_px[INDEX["nose"]].astype(int)
    head = image[xy[1] - 20 : xy[1] - 8, xy[0] - 8 : xy[0] + 8]
    assert (head == 90).all(), "the head is free"
    right_panel = image[SIZES.margin + 4, -SIZES.margin - 40]
    assert (right_panel < 80).all(), "the count stands in the other corner"


def test_covering_counts_head_and_trunk_more_than_limbs() -> None:
    body = body_points(standing())
    x, y = standing().xy_px[INDEX["nose"]].astype(int)
    head = [(x - 40, y - 40, 80, 60)]
    x, y = standing().xy_px[INDEX["left_ankle"]].astype(int)
    foot = [(x - 40, y - 40, 80, 60)]
    everything = [(0, 0, *SIZE)]
    shares = covered(*body, [head, foot, everything])
    assert shares[2] == pytest.approx(1.0)
    assert shares[0] > shares[1] > 0
    assert covered(*body_points(Pose.nobody(0.0, SIZE)), [everything])[0] == 0


def test_a_short_visit_under_a_panel_moves_nothing() -> None:
    placer = Placer(wish=(0.0, 0.02))
    placer.update(0.0, np.array([0.0, 0.0]))
    assert placer.update(0.04, np.array([0.3, 0.0])) == 0
    assert placer.update(0.08, np.array([0.0, 0.0])) == 0


def test_panels_leave_quickly_and_return_slowly() -> None:
    placer = Placer(wish=(0.0, 0.02), margin=0.01)
    placer.update(0.0, np.array([0.0, 0.0]))
    times = np.arange(0.05, 60, 0.05)
    chosen = [placer.update(t, np.array([0.4 if t < 3 else 0.0, 0.0])) for t in times]
    left = times[chosen.index(1)]
    returned = times[len(chosen) - 1 - chosen[::-1].index(1)]
    assert left < 0.5
    assert returned > 3 + theme.RETURN_AFTER_S
    assert np.count_nonzero(np.diff(chosen)) <= 2


def test_a_movement_that_passes_under_a_panel_again_and_again_moves_it_once() -> None:
    placer = Placer(wish=(0.0, 0.02))
    times = np.arange(0, 60, 0.05)
    chosen = [placer.update(t, np.array([0.3 if t % 6 < 2 else 0.0, 0.0])) for t in times]
    assert np.count_nonzero(np.diff(chosen)) <= 1


def test_a_person_who_swings_between_two_places_does_not_make_the_panels_swing() -> None:
    placer = Placer(wish=(0.0, 0.0))
    times = np.arange(0, 60, 0.05)
    chosen = [placer.update(t, np.array([0.3, 0.0] if t % 6 < 3 else [0.0, 0.2])) for t in times]
    assert np.count_nonzero(np.diff(chosen)) <= 2


def test_messages_fade_in_but_the_first_frame_is_complete() -> None:
    fader: Fader[str | None] = Fader()
    assert fader.update(0.0, "a") == [("a", 1.0)]
    strengths = [dict(fader.update(t, "b"))["b"] for t in (1.0, 1.1, 1.3)]
    assert strengths == sorted(strengths)
    assert 0 < strengths[0] < 1 == strengths[-1]


def test_a_note_stands_above_the_cue_and_moves_nothing_when_it_goes() -> None:
    cue = {"cue": "Lift your chest", "cue_level": "correction"}
    with_note = Overlay(SIZE).draw(blank(), standing(), shot(note="too small", **cue))
    without = Overlay(SIZE).draw(blank(), standing(), shot(**cue))
    changed = np.abs(with_note.astype(int) - without).max(axis=(1, 2)) > 0
    rows = np.flatnonzero(changed)
    assert 0.7 * SIZE[1] < rows[0] < rows[-1] < 0.9 * SIZE[1]


def test_the_cue_leaves_the_bottom_for_a_person_lying_there() -> None:
    pose = standing((1280, 720), height=0.3)
    pose.landmarks[:, 1] += 0.52
    overlay, cue = Overlay((1280, 720)), {"cue": "Lift your chest a little more", "cue_level": "correction"}
    for i in range(20):
        image = overlay.draw(blank((1280, 720)), pose, shot(time_s=i / 10, **cue))
    bottom, top = image[-60:-40, 400:880], image[30:60, 400:880]
    assert (top < 80).mean() > 0.3
    assert (bottom < 80).mean() < 0.3


# -- the language --------------------------------------------------------------------------------------------------


def written(language: str, size_wh: tuple[int, int], monkeypatch: pytest.MonkeyPatch, *snapshots: Snapshot) -> str:
    """All that is written into pictures of this size: what earlier tests left drawn is forgotten first."""
    for module in [module for name, module in sys.modules.items() if name.startswith("formcheck.render.")]:
        for kept in vars(module).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
    texts: list[str] = []
    put_text = cv2.putText

    def put(mask: np.ndarray, text: str, *more: object) -> object:
        texts.append(text)
        return put_text(mask, text, *more)  # type: ignore[call-overload]

    monkeypatch.setattr(cv2, "putText", put)
    for snapshot in snapshots:
        Overlay(size_wh, language).draw(blank(size_wh), standing(size_wh), snapshot)
    return " ".join(texts)


def test_trunk_lengths_are_shown_in_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = written("en", (640, 480), monkeypatch, shot(gauge=Gauge("Size", "T", 0.12, (0.0, 0.4), ((0.03, 0.3),))))
    assert "12 %" in drawn
    assert {"30", "40"} <= set(drawn.split())  # the band's and the axis' ends
    still = for_people(Gauge("Trunk movement", "T/s", 0.02, (0.0, 0.2), ((0.0, 0.06),)))
    assert (still.value, still.axis, still.bands, still.unit) == (2.0, (0.0, 20.0), ((0.0, 6.0),), "%")
    assert for_people(GAUGE) == GAUGE


def test_every_word_over_the_picture_follows_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = tuple((name, 80.0) for name in ("head", "trunk", "left arm", "right arm", "left leg", "right leg"))
    holding = shot(
        title="Side stretch",
        phase="Hold left",
        side="left",
        count=1,
        count_label="holds",
        hold=HoldClock(1.0, 2.5, True),
        gauge=Gauge("Hips forward", "T", 0.25, (0.0, 0.5), ((0.1, 0.4),)),
        cue="Reach the upper arm up and over",
        form_score=80.0,
        form_parts=parts,
        form_note="left arm 23 degrees lower than the reference",
    )
    share = Gauge("Hips forward", "", 0.25, (0.0, 0.5), ((0.1, 0.4),))
    refused = shot(note="not counted: lift: 8° of the 10° needed", phase="Return", side="right", gauge=share)
    unseen = shot(title="", not_judged="no movement is under way")
    said = written("de", (1238, 926), monkeypatch, holding, refused, unseen)
    for german in (
        *("Seitdehnung", "Links halten", "1 Haltung", "von 2,5 s", "Becken", "25 %", "Streck den oberen Arm"),
        *("Form 80", "Kopf", "Rumpf", "Arm L", "Bein R", "linker Arm 25° tiefer", "Rückenheben", "von 8–10"),
        *("Wiederholungen", "Zurück · rechts", "Nicht gezählt: Heben: 8° von nötigen 10°", "0,25"),
        "Nicht beurteilt: gerade keine Übung",
    ):
        assert german in said
    assert not {"of", "head", "trunk", "arm", "left", "right", "Hold", "counted", "judged"} & set(said.split())


def test_english_is_written_as_the_engine_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said = written("en", (1242, 930), monkeypatch, shot(note="too small", count_target=(5, 5), side="right"))
    for english in ("Back extension", "of 5", "repetitions", "Lift · right", "Not counted: too small"):
        assert english in said
