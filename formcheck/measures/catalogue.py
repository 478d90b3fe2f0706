"""The measures by name. A measure is one pure function of a Body with its unit and the views it is valid in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from formcheck.geometry import NAN
from formcheck.measures import ball, both_sides, floor, frontal, prone_path, sagittal, seat_path, supine_sway
from formcheck.measures.body import Body


@dataclass(frozen=True, slots=True)
class Measure:
    """A number per frame.

    Attributes:
        label: what people read.
        unit: "deg", or "T" for torso lengths, or "" for a ratio.
        views: view classes it may be read in; empty means any.
        function: Body -> value, NaN when a landmark it needs is hidden.
    """

    name: str
    label: str
    unit: str
    views: tuple[str, ...]
    function: Callable[[Body], float]

    def read(self, body: Body) -> float:
        """The value in this frame; NaN in a view from which it cannot be judged, and where a length is nothing."""
        if self.views and body.view not in self.views:
            return NAN
        try:
            return self.function(body)
        except ZeroDivisionError:  # landmarks on top of each other
            return NAN


_SIDE = ("side",)
BACK_CURVE = "back_curve"  # needs the person's silhouette: a second network, that looks eight times a second
_FRONT = ("front", "back")
_FROM_HEAD = ("oblique", "back", "head_end")
_FROM_FRONT = ("front", "oblique")
_FLAT = ("side", "front", "back")

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("stillness", "Trunk movement", "T/s", (), sagittal.stillness),
        Measure("hips_stillness", "Hip movement", "T/s", (), sagittal.hips_stillness),
        Measure("trunk_from_up", "Trunk from upright", "deg", (), sagittal.trunk_from_up),
        Measure("trunk_lean", "Trunk lean forward", "deg", _SIDE, sagittal.trunk_lean),
        Measure("trunk_elevation", "Trunk above the horizontal", "deg", _SIDE, sagittal.trunk_elevation),
        Measure("trunk_length", "Trunk length", "T", (), sagittal.trunk_length),
        Measure("trunk_over_seat", "Trunk over the seat's height", "", (), sagittal.trunk_over_seat),
        Measure("shoulder_ahead", "Shoulder ahead of the hip", "T", _SIDE, sagittal.shoulder_ahead),
        Measure("ear_shoulder_hip", "Ear-shoulder-hip angle", "deg", _SIDE, sagittal.ear_shoulder_hip),
        Measure("nose_drop", "Nose below the shoulder", "T", (), sagittal.nose_drop),
        Measure("head_pitch", "Head pitch", "deg", _SIDE, sagittal.head_pitch),
        Measure("neck_extension", "Head above the line of the back", "deg", _SIDE, sagittal.neck_extension),
        Measure(BACK_CURVE, "Curve of the back", "deg", _SIDE, sagittal.back_curve),
        Measure("hip_angle", "Hip angle", "deg", _SIDE, sagittal.hip_angle),
        Measure("knee_angle", "Knee angle", "deg", _SIDE, sagittal.knee_angle),
        Measure("hip_angle_3d", "Hip angle (in space)", "deg", (), sagittal.hip_angle_3d),
        Measure("knee_angle_3d", "Knee angle (in space)", "deg", (), sagittal.knee_angle_3d),
        Measure("hip_height", "Hip above the ankle", "T", (), sagittal.hip_height),
        Measure("knee_below_hip", "Knee below the hip", "T", (), sagittal.knee_below_hip),
        Measure("knee_height", "Knee above the ankle", "T", (), sagittal.knee_height),
        Measure("ventral_down", "Belly towards the floor", "T", _SIDE, sagittal.ventral_down),
        Measure("wrist_back", "Hand towards the feet", "T", _SIDE, sagittal.wrist_back),
        Measure("wrist_height", "Hand above the shoulder", "T", _SIDE, sagittal.wrist_height),
        Measure("wrist_above_hip", "Hand above the hip", "T", _SIDE, sagittal.wrist_above_hip),
        Measure("toe_height", "Toes above the hip's level", "T", _SIDE, sagittal.toe_height),
        Measure("hips_over_feet", "Hips ahead of the feet", "", _SIDE, prone_path.hips_over_feet),
        Measure("hands_over_feet", "Hands ahead of the feet", "", _SIDE, prone_path.hands_over_feet),
        Measure("hands_over_shoulders", "Hands ahead of the shoulders", "T", _SIDE, prone_path.hands_over_shoulders),
        Measure("hips_over_hands", "Hips ahead of the hands", "", _SIDE, prone_path.hips_over_hands),
        Measure("hand_over_toes", "Hand above the toes", "T", _SIDE, prone_path.hand_over_toes),
        Measure("thigh_lean", "Thigh from upright", "deg", _SIDE, prone_path.thigh_lean),
        Measure("hips_off_floor", "Hips above hands and toes", "T", _SIDE, prone_path.hips_off_floor),
        Measure("hips_by_shoulders", "Hips' height by the shoulders'", "", _SIDE, prone_path.hips_by_shoulders),
        Measure("trunk_off_floor", "Trunk against hands and toes", "deg", _SIDE, prone_path.trunk_off_floor),
        Measure("hips_off_line", "Hips above the line of the body", "", _SIDE, prone_path.hips_off_line),
        Measure("hips_to_heels", "Hips from the heels", "T", _SIDE, prone_path.hips_to_heels),
        Measure("wrist_behind_back", "Hand behind the back", "T", _SIDE, prone_path.wrist_behind_back),
        Measure("wrist_gap", "Distance of the hands", "T", _SIDE, prone_path.wrist_gap),
        Measure("arm_overhead", "Arm from the trunk", "deg", _SIDE, prone_path.arm_overhead),
        Measure("elbow_angle", "Elbow angle", "deg", _SIDE, prone_path.elbow_angle),
        Measure("hand_head", "Hand from the head", "T", (), sagittal.hand_head),
        Measure("elbow_ahead", "Elbow ahead of the ear", "T", _SIDE, sagittal.elbow_ahead),
        Measure("lateral_flexion", "Side bend", "deg", _FRONT, frontal.lateral_flexion),
        Measure("trunk_lateral", "Trunk lean to the side", "deg", _FRONT, frontal.trunk_lateral),
        Measure("chest_turn", "Chest turn", "deg", _FRONT, frontal.chest_turn),
        Measure(
            "shoulder_narrowing",
            "Turn seen in the shoulders' width",
            "deg",
            _FRONT,
            frontal.shoulder_narrowing,
        ),
        Measure(
            "narrowing_beyond_legs",
            "Turn seen beyond that of the legs",
            "deg",
            _FRONT,
            frontal.narrowing_beyond_legs,
        ),
        Measure("legs_turn", "Legs' turn", "deg", _FRONT, frontal.legs_turn),
        Measure("pelvis_turn", "Pelvis turn", "deg", _FRONT, frontal.pelvis_turn),
        Measure("head_turn", "Nose beside the chest", "T", _FRONT, frontal.head_turn),
        Measure("pelvis_roll", "Pelvis tilt", "deg", _FRONT, frontal.pelvis_roll),
        Measure("knee_swing", "Knees beside the feet", "T", _FRONT, frontal.knee_swing),
        Measure("knee_gap", "Knee distance", "T", _FRONT, frontal.knee_gap),
        Measure("upper_arm_elevation", "Raised arm from the trunk", "deg", _FRONT, frontal.upper_arm_elevation),
        Measure("upper_elbow", "Raised arm's elbow", "deg", _FRONT, frontal.upper_elbow),
        Measure("lower_arm_elevation", "Lower arm from the trunk", "deg", _FRONT, frontal.lower_arm_elevation),
        Measure("lower_elbow", "Lower arm's elbow", "deg", _FRONT, frontal.lower_elbow),
        Measure("head_off_lower_shoulder", "Ear from the lower shoulder", "T", _FRONT, frontal.head_off_lower_shoulder),
        Measure("arm_raised_left", "Left arm from the trunk", "deg", _FRONT, frontal.arm_raised_left),
        Measure("arm_raised_right", "Right arm from the trunk", "deg", _FRONT, frontal.arm_raised_right),
        Measure("elbow_wide", "Elbow distance", "", _FRONT, frontal.elbow_wide),
        Measure("hip_forward", "Hips ahead of the feet", "T", _SIDE, seat_path.hip_forward),
        Measure("hip_sideways", "Hips beside the feet", "T", _FRONT, seat_path.hip_sideways),
        Measure("hip_across", "Hips across the picture", "T", (), seat_path.hip_across),
        Measure("hip_place", "Hips' place in the picture", "T", (), seat_path.hip_place),
        Measure("hip_near", "Hips towards the camera", "T", (), seat_path.hip_near),
        Measure("hip_sway_to_camera", "Hips towards the camera", "T", _SIDE, seat_path.hip_sway_to_camera),
        Measure("sole_slope", "Toes below the heels", "T", _FROM_FRONT, seat_path.sole_slope),
        Measure("chest_sideways", "Chest beside the feet", "T", _FRONT, seat_path.chest_sideways),
        Measure("ankle_gap", "Distance of the feet", "T", _FROM_FRONT, seat_path.ankle_gap),
        Measure("ankle_spacing", "Feet apart, over the hips' width", "", _FRONT, seat_path.ankle_spacing),
        Measure("foot_place", "Foot's place in the picture", "T", _SIDE, seat_path.foot_place),
        Measure("heel_lift", "Heel above the toes", "T", _SIDE, seat_path.heel_lift),
        Measure("ear_ahead", "Ear ahead of the shoulder", "T", _SIDE, seat_path.ear_ahead),
        Measure("ear_height", "Ear above the hip", "T", (), seat_path.ear_height),
        Measure("neck_height", "Ear above the shoulder", "T", (), seat_path.neck_height),
        Measure("hand_off_thigh", "Hand from the thigh", "T", (), seat_path.hand_off_thigh),
        Measure("ball_seen", "Ball seen", "", (), ball.ball_seen),
        Measure("ball_width", "Width of the ball", "T", (), ball.ball_width),
        Measure("ball_place", "Place of the ball along the body", "", _SIDE, ball.ball_place),
        Measure("ball_gap", "Ball from the body", "T", _SIDE, ball.ball_gap),
        Measure("ball_to_hand", "Ball from the hands", "T", (), ball.ball_to_hand),
        Measure("ball_ahead", "Ball ahead of the feet", "T", _SIDE, ball.ball_ahead),
        Measure("ball_sideways", "Ball beside the feet", "T", _FRONT, ball.ball_sideways),
        Measure("hand_lifted", "Hand above the trunk, lying", "T", _SIDE, floor.hand_lifted),
        Measure("knees_sideways", "Knees beside the hips, lying", "T", _FROM_HEAD, supine_sway.knees_sideways),
        Measure("left_knee_sideways", "Left knee beside the hips", "T", _FROM_HEAD, supine_sway.left_knee_sideways),
        Measure("right_knee_sideways", "Right knee beside the hips", "T", _FROM_HEAD, supine_sway.right_knee_sideways),
        Measure("legs_sideways", "Feet beside the hips, lying", "T", _FROM_HEAD, supine_sway.legs_sideways),
        Measure(
            "legs_by_shoulders",
            "Feet beside the hips, in shoulder widths",
            "",
            _FROM_HEAD,
            supine_sway.legs_by_shoulders,
        ),
        Measure("hips_sideways", "Hips beside the body's line", "", _FROM_HEAD, supine_sway.hips_sideways),
        Measure("shoulder_line", "Shoulder line against the trunk", "deg", _FROM_HEAD, supine_sway.shoulder_line),
        Measure("belly_seen", "Front of the trunk seen", "", (), supine_sway.belly_seen),
        Measure("head_end_nearer", "Head towards the camera", "T", (), supine_sway.head_end_nearer),
        Measure("nose_beyond", "Nose away from the chest, lying", "T", _FROM_HEAD, supine_sway.nose_beyond),
        Measure("knee_spread", "Knees apart, in hip widths", "", _FROM_HEAD, supine_sway.knee_spread),
        Measure("hand_on_knee", "Hand from the knee", "T", _FROM_HEAD, supine_sway.hand_on_knee),
        Measure("arms_wide", "Arms away from the trunk", "deg", (), supine_sway.arms_wide),
        Measure("shoulder_above_other", "Right shoulder above the left", "T", (), both_sides.shoulder_above_other),
        Measure("knee_above_other", "Right knee above the left", "T", (), both_sides.knee_above_other),
        Measure("foot_above_other", "Right foot above the left", "T", (), both_sides.foot_above_other),
        Measure("hand_above_other", "Right hand above the left", "T", (), both_sides.hand_above_other),
        Measure("foot_ahead_of_other", "Right foot ahead of the left", "T", _SIDE, both_sides.foot_ahead_of_other),
        Measure("hand_ahead_of_other", "Right hand ahead of the left", "T", _SIDE, both_sides.hand_ahead_of_other),
        Measure("hip_bent_more", "Right hip more bent than the left", "deg", _FLAT, both_sides.hip_bent_more),
        Measure("knee_bent_more", "Right knee more bent than the left", "deg", _FLAT, both_sides.knee_bent_more),
        Measure("elbow_bent_more", "Right elbow more bent than the left", "deg", _FLAT, both_sides.elbow_bent_more),
        Measure("arm_raised_more", "Right arm further from the trunk", "deg", _FLAT, both_sides.arm_raised_more),
        Measure("elbow_angle_3d", "Elbow angle (in space)", "deg", (), both_sides.elbow_angle_3d),
        Measure("arm_angle_3d", "Arm from the trunk (in space)", "deg", (), both_sides.arm_angle_3d),
    )
}
