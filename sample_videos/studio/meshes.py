"""What the renderers draw of the person: skin, shirt, leggings (from MakeHuman's 'helper-tights' layer).

The topology is fixed per body; only the coordinates change per frame:
    meshes = PersonMeshes(body, look)
    coords = meshes.coordinates(vertices)               # {'body' | 'shirt' | 'leggings': (n, 3)}
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from .body import N_SKIN
from .paint import hair_depth

SHIRT_OFFSET_M = 0.010  # cloth above the tights layer; doubles towards the hem
SLEEVE_OFFSET_M = 0.008
LEGGINGS_OFFSET_M = 0.003
HAIR_OFFSET_M = 0.014
HIDDEN_MARGIN_M = 0.03  # skin further than this inside the cloth is not drawn, so it cannot poke through
SMOOTHING_STEPS = {"shirt": 6, "leggings": 1}
OVERLAP_M = 0.075  # how far the leggings reach up under the shirt


@dataclass(frozen=True)
class MeshPart:
    vertex_ids: np.ndarray  # (n,) rows of the body's vertices
    faces: np.ndarray  # (F, 4) quads, rows of vertex_ids
    corner_uv: np.ndarray = None  # (4F, 2) texture coordinates per face corner, v up


def make_part(faces, corner_uv=None):
    """Renumber (F, 4) faces so that they use 0..n-1."""
    ids, local = np.unique(faces, return_inverse=True)
    return MeshPart(ids, local.reshape(np.shape(faces)), corner_uv)


def vertex_normals(vertices, faces):
    """(n, 3) unit normals, area-weighted over the quads around each vertex."""
    a, b, c, d = (vertices[faces[:, corner]] for corner in range(4))
    face_normals = np.cross(c - a, d - b)
    normals = np.zeros_like(vertices)
    for corner in range(4):
        np.add.at(normals, faces[:, corner], face_normals)
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)


def neighbour_average(part):
    """Sparse (n, n) matrix that averages each vertex's neighbours, and the ids of the border vertices."""
    n, f = len(part.vertex_ids), part.faces
    starts, ends = f.ravel(), np.roll(f, -1, axis=1).ravel()
    directed = sp.coo_matrix((np.ones(len(starts)), (starts, ends)), shape=(n, n)).tocsr()
    edge_use = directed + directed.T  # 1 = border edge, 2 = inner edge
    adjacency = (edge_use > 0).astype(float)
    degree = np.asarray(adjacency.sum(1)).ravel()
    return sp.diags(1 / np.maximum(degree, 1)) @ adjacency, np.unique(np.nonzero(edge_use == 1)[0])


def cloth_rgb(points, look):
    """(n, 3) uint8 colours of a shirt with stripes or uneven shade; None for a plain one. points: reference pose."""
    if not look.stripes_m and not look.folds:
        return None
    shade = np.ones(len(points))
    if look.stripes_m:
        shade += 0.45 * np.tanh(4 * np.sin(np.pi * points[:, 2] / look.stripes_m))
    rng = np.random.default_rng(5)
    for wave, at in zip(rng.normal(0, 28.0, (6, 3)), rng.uniform(0, 2 * np.pi, 6), strict=True):
        shade += 0.12 * look.folds * np.sin(points @ wave + at)
    return np.clip(np.multiply.outer(shade, look.shirt), 0, 255).astype(np.uint8)


class ClothRegions:
    """Which reference-pose vertices each garment covers; a margin (m) shrinks the region."""

    def __init__(self, body, look):
        self.sleeve_end = look.sleeve_end
        self.z = body.ref_vertices[:, 2]
        self.on_arm, self.along_upper_arm = self._arm_coordinate(body)
        self.neck_weight = body.weight_of([body.bone[b] for b in ("neck01", "neck02", "neck03", "head")])
        self.hem_z = -look.hem_m * body.height_m / 1.7
        self.ankle_z = body.sole_z + look.leg_end_m * body.height_m / 1.7

    @staticmethod
    def _arm_coordinate(body):
        """Mask of the arm vertices, and their position along the upper arm (0 shoulder, 1 elbow)."""
        on_arm = np.zeros(len(body.ref_vertices), bool)
        along = np.zeros(len(body.ref_vertices))
        for side in "LR":
            shoulder, elbow = body.ref_joint(f"upperarm01.{side}"), body.ref_joint(f"lowerarm01.{side}")
            axis = elbow - shoulder
            bones = body.bones_starting_with(("upperarm", "lowerarm", "wrist", "finger", "metacarpal"), side)
            mine = body.weight_of(bones) > 0.5
            along = np.where(mine, (body.ref_vertices - shoulder) @ axis / (axis @ axis), along)
            on_arm |= mine
        return on_arm, along

    def shirt(self, margin=0.0):
        torso = (self.z > self.hem_z + margin) & (self.neck_weight < 0.42 - 4 * margin)
        return np.where(self.on_arm, self.along_upper_arm < self.sleeve_end - 3 * margin, torso)

    def leggings(self, margin=0.0):
        return ~self.on_arm & (self.z < self.hem_z + OVERLAP_M) & (self.z > self.ankle_z + margin)


class PersonMeshes:
    """The drawn parts of one body: `parts` (topology) and `coordinates()` (per frame)."""

    def __init__(self, body, look):
        self.body = body
        self.loose_m = look.loose_m
        regions = ClothRegions(body, look)
        tights = np.array([v for v, _ in body.obj_groups["helper-tights"] if len(v) == 4])
        self.parts = {
            "body": self._visible_skin(regions),
            "shirt": make_part(tights[regions.shirt()[tights].all(1)]),
            "leggings": make_part(tights[regions.leggings()[tights].all(1)]),
        }
        self.shirt_rgb = cloth_rgb(body.ref_vertices[self.parts["shirt"].vertex_ids], look)
        self._smoothers = {name: neighbour_average(self.parts[name]) for name in SMOOTHING_STEPS}
        self._offsets = {"shirt": self._shirt_offsets(), "leggings": LEGGINGS_OFFSET_M}
        self._hair_offsets = self._hair_thickness()

    def _visible_skin(self, regions):
        body = self.body
        hidden = regions.shirt(HIDDEN_MARGIN_M) | regions.leggings(HIDDEN_MARGIN_M)
        hidden[N_SKIN:] = False
        keep = ~hidden[body.faces].all(1)
        return make_part(body.faces[keep], body.uv[body.face_uv_ids[keep]].reshape(-1, 2))

    def _shirt_offsets(self):
        """(n, 1) distance from the tights: close at the sleeves, flaring over the last 25 cm to the hem."""
        ids = self.parts["shirt"].vertex_ids
        z = self.body.ref_vertices[ids, 2]
        sleeve = np.isin(self.body.main_bone[ids], self.body.bones_starting_with(("upperarm", "lowerarm")))
        flare = 1 + np.clip(1 - (z - z.min()) / 0.25, 0, 1)
        return (np.where(sleeve, SLEEVE_OFFSET_M, SHIRT_OFFSET_M * flare) + self.loose_m)[:, None]

    def _hair_thickness(self):
        """(V, 1) how far the scalp is pushed out; zero elsewhere."""
        body, thickness = self.body, np.zeros((len(self.body.ref_vertices), 1))
        depth = hair_depth(body, body.ref_vertices[:N_SKIN])
        on_head = body.weights[:N_SKIN, body.bone["head"]] > 0.5
        thickness[:N_SKIN, 0] = np.where(on_head, np.clip((depth + 0.002) / 0.02, 0, 1), 0) * HAIR_OFFSET_M
        return thickness

    def coordinates(self, vertices):
        """(V, 3) posed vertices -> {part: (n, 3)} with hair volume and clothes pushed out, metres."""
        with_hair = vertices + vertex_normals(vertices, self.body.faces) * self._hair_offsets
        coords = {"body": with_hair[self.parts["body"].vertex_ids]}
        for name, offset in self._offsets.items():
            part = self.parts[name]
            cloth = self._smooth(name, vertices[part.vertex_ids])
            coords[name] = cloth + vertex_normals(cloth, part.faces) * offset
        return coords

    def _smooth(self, name, cloth):
        """Laplacian smoothing with the borders held."""
        average, border = self._smoothers[name]
        for _ in range(SMOOTHING_STEPS[name]):
            target = average @ cloth
            target[border] = cloth[border]
            cloth = 0.5 * cloth + 0.5 * target
        return cloth
