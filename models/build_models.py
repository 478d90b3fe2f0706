"""Rebuilds the two pose bundles from the mediapipe 0.10.21 wheel and checks them byte for byte.

    pip download mediapipe==0.10.21 --no-deps --only-binary :all: --python-version 3.11 \
        --platform manylinux_2_28_x86_64 --dest DIR
    python models/build_models.py DIR/mediapipe-0.10.21-*.whl            # compare with models/*.task
    python models/build_models.py DIR/mediapipe-0.10.21-*.whl --write    # and replace them

`pose_landmarker_full.task` is the wheel's two networks with the metadata that the Tasks API asks for;
`pose_landmarker_full_fast.task` is the same without the segmentation head. `models/README.md` says why.
Needs formcheck's own environment (mediapipe's flatbuffer schemas). Exit code 1 when a bundle differs.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import flatbuffers
from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata_fb
from mediapipe.tasks.metadata import schema_py_generated as tflite_fb

HERE = Path(__file__).resolve().parent
DETECTOR_IN_WHEEL = "mediapipe/modules/pose_detection/pose_detection.tflite"
LANDMARKS_IN_WHEEL = "mediapipe/modules/pose_landmark/pose_landmark_full.tflite"
WHEEL_SHA256 = {  # of the two networks inside the wheel, so that a wrong wheel is named as such
    DETECTOR_IN_WHEEL: "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    LANDMARKS_IN_WHEEL: "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
}
BUNDLES = {  # name -> (sha256, time stamp of its zip entries: part of the bytes, no other meaning)
    "pose_landmarker_full.task": (
        "e1278e414ed18514695e1430c89e70a71fe43b558781ce263bd0167e0f33b01f",
        (2026, 11, 20, 22, 42, 42),
    ),
    "pose_landmarker_full_fast.task": (
        "7c57d91ba3cfff1268a62f097d07a3fcf9923b5aa47a9a873b78aa4255e32205",
        (2026, 11, 20, 23, 26, 22),
    ),
}
# Outputs of the landmark network: landmarks, presence, mask, heat maps, world landmarks.
PRESENCE_OUTPUT, MASK_OUTPUT = 1, 2


def read_model(data: bytes) -> Any:
    """The network as an editable object tree."""
    return tflite_fb.ModelT.InitFromObj(tflite_fb.Model.GetRootAs(data, 0))


def pack_model(model: Any) -> bytes:
    """The network as a .tflite file."""
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def input_metadata(output_names: list[bytes]) -> bytes:
    """What the Tasks API must know: an RGB input, each value divided by 255."""
    scaling = metadata_fb.NormalizationOptionsT()
    scaling.mean, scaling.std = [0.0], [255.0]
    unit = metadata_fb.ProcessUnitT()
    unit.optionsType = metadata_fb.ProcessUnitOptions.NormalizationOptions
    unit.options = scaling

    content = metadata_fb.ContentT()
    content.contentPropertiesType = metadata_fb.ContentProperties.ImageProperties
    content.contentProperties = metadata_fb.ImagePropertiesT()
    content.contentProperties.colorSpace = metadata_fb.ColorSpaceType.RGB
    image = metadata_fb.TensorMetadataT()
    image.name, image.content, image.processUnits = "image", content, [unit]

    graph = metadata_fb.SubGraphMetadataT()
    graph.inputTensorMetadata = [image]
    graph.outputTensorMetadata = [metadata_fb.TensorMetadataT() for _ in output_names]
    for tensor, name in zip(graph.outputTensorMetadata, output_names, strict=True):
        tensor.name = name.decode()
    root = metadata_fb.ModelMetadataT()
    root.name, root.subgraphMetadata = "pose", [graph]

    builder = flatbuffers.Builder(1024)
    builder.Finish(root.Pack(builder), b"M001")
    return bytes(builder.Output())


def with_metadata(network: bytes) -> bytes:
    """The landmark network with its input described, without which the Tasks API refuses it."""
    model = read_model(network)
    graph = model.subgraphs[0]
    buffer = tflite_fb.BufferT()
    buffer.data = input_metadata([graph.tensors[i].name for i in graph.outputs])
    model.buffers.append(buffer)
    entry = tflite_fb.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers) - 1
    model.metadata = [m for m in model.metadata or [] if m.name != b"TFLITE_METADATA"] + [entry]
    return pack_model(model)


def without_mask(network: bytes) -> bytes:
    """The landmark network with only the operators that the outputs other than the mask need.

    The mask's slot points at the presence output, so that the unmodified Tasks graph still finds five.
    """
    model = read_model(network)
    graph = model.subgraphs[0]
    wanted = {int(tensor) for slot, tensor in enumerate(graph.outputs) if slot != MASK_OUTPUT}
    kept = []
    for operator in reversed(graph.operators):
        if wanted & {int(tensor) for tensor in operator.outputs}:
            wanted |= {int(tensor) for tensor in operator.inputs if tensor >= 0}
            kept.append(operator)
    graph.operators = kept[::-1]
    outputs = [int(tensor) for tensor in graph.outputs]
    outputs[MASK_OUTPUT] = outputs[PRESENCE_OUTPUT]
    graph.outputs = outputs
    in_use = {graph.tensors[tensor].buffer for tensor in wanted}
    for tensor in graph.tensors:
        if tensor.buffer not in in_use:
            model.buffers[tensor.buffer].data = None
    model.signatureDefs = []
    return pack_model(model)


def bundle(detector: bytes, landmarks: bytes, stamp: tuple[int, int, int, int, int, int]) -> bytes:
    """Both networks in an uncompressed zip under the names that the Tasks API looks for."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in (("pose_detector.tflite", detector), ("pose_landmarks_detector.tflite", landmarks)):
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system, entry.external_attr = 3, 0o600 << 16  # as on Unix, on every system
            archive.writestr(entry, data)
    return out.getvalue()


def read_wheel(wheel: Path) -> tuple[bytes, bytes]:
    """Detector and landmark network of the wheel; SystemExit when they are not the ones of 0.10.21."""
    with zipfile.ZipFile(wheel) as archive:
        parts = {name: archive.read(name) for name in WHEEL_SHA256}
    for name, data in parts.items():
        if hashlib.sha256(data).hexdigest() != WHEEL_SHA256[name]:
            raise SystemExit(f"{wheel}: {name} is not the one of mediapipe 0.10.21; download that wheel")
    return parts[DETECTOR_IN_WHEEL], parts[LANDMARKS_IN_WHEEL]


def build(wheel: Path) -> dict[str, bytes]:
    """Bundle name -> its bytes."""
    detector, landmarks = read_wheel(wheel)
    full = with_metadata(landmarks)
    networks = {"pose_landmarker_full.task": full, "pose_landmarker_full_fast.task": without_mask(full)}
    return {name: bundle(detector, networks[name], stamp) for name, (_, stamp) in BUNDLES.items()}


def main() -> int:
    """Builds, compares, reports; 1 when a bundle differs from the published one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="mediapipe-0.10.21-...whl")
    parser.add_argument("--write", action="store_true", help="write the bundles beside this script")
    args = parser.parse_args()
    ok = True
    for name, data in build(args.wheel).items():
        expected = BUNDLES[name][0]
        same = hashlib.sha256(data).hexdigest() == expected
        kept = HERE / name
        in_place = kept.is_file() and hashlib.sha256(kept.read_bytes()).hexdigest() == expected
        ok &= same and (in_place or args.write)
        rebuilt, here = "identical" if same else "DIFFERENT", "intact" if in_place else "MISSING or ALTERED"
        print(f"{name}: rebuilt {rebuilt}, file here {here}")
        if args.write and same:
            kept.write_bytes(data)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
