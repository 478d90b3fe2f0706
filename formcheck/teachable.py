"""The readings that a movement can be taught by, and which of them tell the same thing.

What is not named here says where somebody is, not what moves: the ball, depth, the camera's height.
"""

from __future__ import annotations

from typing import Final

# Readings that tell the same thing: the clearest of them is enough.
FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "trunk": ("trunk_lean", "trunk_elevation", "trunk_from_up", "shoulder_ahead", "ear_height"),
    "head": ("neck_extension", "ear_shoulder_hip", "head_pitch", "nose_drop", "neck_height", "ear_ahead"),
    "hips": ("hip_angle", "hip_angle_3d", "hips_off_line"),
    "knees": ("knee_angle", "knee_angle_3d", "hips_to_heels"),
    "heights": ("hip_height", "toe_height", "knee_below_hip", "knee_height"),
    "path": ("hips_over_feet", "hip_forward"),
    "arms": ("arm_overhead", "arm_angle_3d", "arms_wide", "arm_raised_left", "arm_raised_right", "wrist_height",
             "wrist_back", "wrist_above_hip", "hand_off_thigh", "elbow_ahead", "hand_lifted"),
    "elbows": ("elbow_angle", "elbow_angle_3d"),
    "hands": ("hand_head", "wrist_gap", "hands_over_feet", "hips_over_hands", "hands_over_shoulders"),
    "heels": ("heel_lift",),
    "feet": ("ankle_gap", "knee_gap"),
}  # fmt: skip
# The same for readings that are 0 where both sides are alike, and change their sign with the side.
SIDED_FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "lean": ("trunk_lateral", "lateral_flexion", "chest_sideways", "hip_sideways"),
    "turn": ("chest_turn", "head_turn", "shoulder_line"),
    "pelvis": ("pelvis_roll", "hips_sideways"),
    "swing": ("knee_swing", "knees_sideways", "legs_sideways"),
    "legs": ("knee_above_other", "foot_above_other", "hip_bent_more"),
    "steps": ("foot_ahead_of_other", "knee_bent_more"),
    "arms": ("hand_above_other", "arm_raised_more", "hand_ahead_of_other"),
    "elbows": ("elbow_bent_more",),
}  # fmt: skip
_FAMILY_OF: Final = {
    name: family for table in (FAMILIES, SIDED_FAMILIES) for family, names in table.items() for name in names
}
SIDED: Final = frozenset(name for names in SIDED_FAMILIES.values() for name in names)
ONE_SIDED: Final = frozenset(name for names in FAMILIES.values() for name in names)
ARMS: Final = frozenset(
    name
    for table in (FAMILIES, SIDED_FAMILIES)
    for family in ("arms", "elbows", "hands")
    for name in table.get(family, ())
)
# Their rest depends on where the camera is: only their change says something.
UNANCHORED: Final = frozenset({"knees_sideways", "legs_sideways", "hips_sideways", "shoulder_line", "chest_sideways"})


def family_of(name: str) -> str:
    """The family of a reading that can be taught by."""
    return _FAMILY_OF[name]
