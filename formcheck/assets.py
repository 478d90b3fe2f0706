"""Files that formcheck ships with, found in a checkout and in an installed wheel alike."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from formcheck.errors import AssetError
from formcheck.userdata import data_dir

PACKAGE_DIR: Final = Path(__file__).resolve().parent
FAST_MODEL: Final = "pose_landmarker_full_fast.task"
MASK_MODEL: Final = "pose_landmarker_full.task"  # the same landmarks, and the silhouette at twice the time
MODEL_SHA256: Final = {
    FAST_MODEL: "7c57d91ba3cfff1268a62f097d07a3fcf9923b5aa47a9a873b78aa4255e32205",
    MASK_MODEL: "e1278e414ed18514695e1430c89e70a71fe43b558781ce263bd0167e0f33b01f",
}
SAMPLE: Final = "seated_cat_cow.mp4"


def find_asset(folder: Literal["models", "sample_videos"], name: str) -> Path:
    """Where a shipped file is.

    Raises:
        AssetError: it is in neither place; names both and says what to do.
    """
    places = [PACKAGE_DIR / "_assets" / folder / name, PACKAGE_DIR.parent / folder / name]
    for place in places:
        if place.is_file():
            return place
    looked = " or ".join(str(place) for place in places)
    raise AssetError(f"{name} is missing (looked for {looked}); install formcheck again")


def find_references(exercise_id: str) -> dict[str, Path]:
    """The reference keypoint profiles of a movement by view (files ID.VIEW.npz); empty when it has none.

    Those that come with formcheck go before those the user taught.
    """
    found: dict[str, Path] = {}
    shipped = (PACKAGE_DIR.parent / "models" / "references", PACKAGE_DIR / "_assets" / "models" / "references")
    for folder in (own_references(), *shipped):
        found |= {path.name.split(".")[1]: path for path in sorted(folder.glob(f"{exercise_id}.*.npz"))}
    return found


def own_references() -> Path:
    """The folder of the references that the user taught."""
    return data_dir() / "references"


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's content; read again only when the file has changed."""
    now = path.stat()
    return _sha256(path, now.st_size, now.st_mtime_ns, now.st_ino)


@lru_cache(maxsize=8)
def _sha256(path: Path, *state: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_model(name: str = FAST_MODEL) -> Path:
    """A shipped pose model whose content is the published one.

    Raises:
        AssetError: it is missing or its content was altered; says what to do.
    """
    path = find_asset("models", name)
    if sha256(path) != MODEL_SHA256[name]:
        raise AssetError(f"{path}: the pose model was altered or damaged; install formcheck again")
    return path


def find_sample() -> Path:
    """The sample recording that `formcheck demo` analyses; AssetError when it is missing."""
    return find_asset("sample_videos", SAMPLE)


def own_version() -> str:
    """Version of the code that is running (installed metadata may belong to another copy)."""
    return str(sys.modules["formcheck"].__version__)
