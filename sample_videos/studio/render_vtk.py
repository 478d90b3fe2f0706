"""The quick renderer: VTK's software rasteriser with shadow maps. Needs no display."""

import math

import numpy as np
import vtk
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy

from . import scene
from .meshes import vertex_normals

BACKGROUND_RGB = (0.80, 0.78, 0.74)
LIGHTS = (((-2.2, -3.0, 2.9), 0.75), ((2.5, -2.0, 2.3), 0.30))  # position before the turn, intensity
LIGHT_TARGET = (0, 0, 0.4)
SHADOW_MAP_PX = 1024


class VtkRenderer:
    """Implements scene.Renderer. Without shadows a frame takes a fifth of the time."""

    def __init__(self, size_wh, shadows=True):
        self.size_wh = size_wh
        self.has_shadows = shadows
        self.renderer = vtk.vtkRenderer()
        self.renderer.SetBackground(*BACKGROUND_RGB)
        self.window = vtk.vtkRenderWindow()
        self.window.SetOffScreenRendering(1)
        self.window.SetMultiSamples(0)
        self.window.SetSize(*size_wh)
        self.window.AddRenderer(self.renderer)

    def prepare(self, meshes, look, room, skin_png, camera):
        for box in room.boxes():
            actor = box_actor(box.center, box.size, box.rgb)
            actor.RotateZ(camera.azimuth_deg)
            self.renderer.AddActor(actor)
        self.renderer.AddActor(box_actor(scene.MAT_CENTER, scene.MAT_SIZE, room.mat_rgb))
        self.ball = unit_sphere_actor(room.ball_rgb)
        self.renderer.AddActor(self.ball)
        self.surfaces = {
            "body": Surface(meshes.parts["body"], texture_png=skin_png),
            "shirt": Surface(meshes.parts["shirt"], rgb=look.shirt, corner_rgb=meshes.shirt_rgb),
            "leggings": Surface(meshes.parts["leggings"], rgb=look.leggings),
        }
        for surface in self.surfaces.values():
            self.renderer.AddActor(surface.actor)
        self._add_lights(camera.azimuth_deg, room.light)
        self._place_camera(camera)
        if self.has_shadows:
            self.renderer.SetPass(shadowed_antialiased_pass())
        else:
            self.renderer.SetUseFXAA(True)

    def render(self, coords, ball_center, ball_radii):
        self.ball.SetPosition(*ball_center)
        self.ball.SetScale(*ball_radii)
        for name, surface in self.surfaces.items():
            surface.update(coords[name])
        self.renderer.ResetCameraClippingRange()
        self.window.Render()
        return self._pixels()

    def _add_lights(self, azimuth_deg, level):
        a = math.radians(azimuth_deg)
        for (x, y, z), intensity in LIGHTS:
            light = vtk.vtkLight()
            light.SetPositional(1)  # shadow maps need spot lights
            light.SetConeAngle(60)
            light.SetPosition(x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a), z)
            light.SetFocalPoint(*LIGHT_TARGET)
            light.SetIntensity(intensity * level)
            self.renderer.AddLight(light)

    def _place_camera(self, camera):
        width, height = self.size_wh
        half_height = math.tan(math.radians(camera.hfov_deg) / 2) * height / width
        vtk_camera = self.renderer.GetActiveCamera()
        vtk_camera.SetPosition(*camera.position())
        vtk_camera.SetFocalPoint(*camera.target)
        vtk_camera.SetViewUp(0, 0, 1)
        vtk_camera.SetViewAngle(math.degrees(2 * math.atan(half_height)))  # VTK's angle is vertical

    def _pixels(self):
        grab = vtk.vtkWindowToImageFilter()
        grab.SetInput(self.window)
        grab.ReadFrontBufferOff()
        grab.ShouldRerenderOff()  # it is drawn already
        grab.Update()
        rgb = vtk_to_numpy(grab.GetOutput().GetPointData().GetScalars())
        return rgb.reshape(self.size_wh[1], self.size_wh[0], -1)[::-1, :, :3].astype(float)


class Surface:
    """A quad mesh whose points change every frame. With UVs, points are split per face corner."""

    def __init__(self, part, rgb=None, texture_png=None, corner_rgb=None):
        self.part = part
        self.split = part.corner_uv is not None
        n_faces = len(part.faces)
        corners = np.arange(4 * n_faces).reshape(-1, 4) if self.split else part.faces
        self.data = vtk.vtkPolyData()
        self.data.SetPoints(vtk.vtkPoints())
        cells = vtk.vtkCellArray()
        table = np.column_stack([np.full(n_faces, 4), corners]).ravel().astype(np.int64)
        cells.SetCells(n_faces, numpy_to_vtkIdTypeArray(table, deep=True))
        self.data.SetPolys(cells)
        if self.split:
            self.data.GetPointData().SetTCoords(to_vtk(part.corner_uv))
        if corner_rgb is not None:
            self.data.GetPointData().SetScalars(numpy_to_vtk(corner_rgb, deep=True))
        self.actor = make_actor(self.data, rgb)
        if texture_png is not None:
            self.actor.SetTexture(load_texture(texture_png))

    def update(self, points):
        normals = vertex_normals(points, self.part.faces)
        if self.split:
            ids = self.part.faces.ravel()
            points, normals = points[ids], normals[ids]
        self.data.GetPoints().SetData(to_vtk(points))
        self.data.GetPointData().SetNormals(to_vtk(normals))
        self.data.Modified()


def to_vtk(array):
    return numpy_to_vtk(np.ascontiguousarray(array, np.float32), deep=True)


def make_actor(data, rgb=None):
    """Phong actor; rgb 0..255, or None where a texture gives the colour."""
    mapper = vtk.vtkPolyDataMapper()
    mapper.SetInputData(data)
    actor = vtk.vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    look.SetInterpolationToPhong()
    look.SetAmbient(0.28)
    look.SetDiffuse(0.72)
    look.SetSpecular(0.08)
    look.SetSpecularPower(12)
    if rgb is not None:
        look.SetColor(*[c / 255 for c in rgb])
    return actor


def box_actor(center, size, rgb):
    source = vtk.vtkCubeSource()
    source.SetCenter(*center)
    source.SetXLength(size[0])
    source.SetYLength(size[1])
    source.SetZLength(size[2])
    source.Update()
    return make_actor(source.GetOutput(), rgb)


def unit_sphere_actor(rgb):
    source = vtk.vtkSphereSource()
    source.SetRadius(1)
    source.SetThetaResolution(64)
    source.SetPhiResolution(48)
    source.Update()
    return make_actor(source.GetOutput(), rgb)


def load_texture(png_path):
    reader = vtk.vtkPNGReader()
    reader.SetFileName(str(png_path))
    texture = vtk.vtkTexture()
    texture.SetInputConnection(reader.GetOutputPort())
    texture.InterpolateOn()
    texture.MipmapOn()
    return texture


def shadowed_antialiased_pass():
    """Bake shadow maps, draw with them, and supersample the result."""
    shadows = vtk.vtkShadowMapPass()
    baker = shadows.GetShadowMapBakerPass()
    baker.SetResolution(SHADOW_MAP_PX)
    passes = vtk.vtkRenderPassCollection()
    passes.AddItem(baker)
    passes.AddItem(shadows)
    sequence = vtk.vtkSequencePass()
    sequence.SetPasses(passes)
    camera_pass = vtk.vtkCameraPass()
    camera_pass.SetDelegatePass(sequence)
    antialiased = vtk.vtkSSAAPass()
    antialiased.SetDelegatePass(camera_pass)
    return antialiased
