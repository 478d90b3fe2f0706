"""What formcheck is made of: bounded versions, licences that are listed, models that nobody altered."""

from __future__ import annotations

import importlib.util
import shutil
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from formcheck import assets
from formcheck.assets import FAST_MODEL, MODEL_SHA256, find_model, find_sample, sha256
from formcheck.cli import app
from formcheck.errors import AssetError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    path = ROOT / "tools" / "licences.py"
    spec = importlib.util.spec_from_file_location("licences", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def direct() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(text) for texts in (project["dependencies"], *extras) for text in texts]


def test_there_are_dependencies_to_look_at() -> None:
    assert {"mediapipe", "opencv-python", "av", "numpy"} <= {needed.name for needed in direct()}


@pytest.mark.parametrize("needed", direct(), ids=lambda needed: needed.name)
def test_every_dependency_has_a_lower_and_an_upper_bound(needed: Requirement) -> None:
    kinds = {bound.operator for bound in needed.specifier}
    assert kinds & {">=", "==", "~="}
    assert kinds & {"<", "<=", "==", "~="}
    assert needed.url is None


@pytest.mark.parametrize("needed", direct(), ids=lambda needed: needed.name)
def test_every_dependency_is_on_the_page_of_licences_as_it_is(needed: Requirement, licences: ModuleType) -> None:
    try:
        distribution(needed.name)
    except ModuleNotFoundError:
        pytest.skip(f"{needed.name} is not installed here")
    lines = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith(f"| {needed.name} | `")]
    (use,) = [use for use, some in licences.requirements().items() if needed.name in {one.name for one in some}]
    name, versions, licence, used_for = line.strip("| ").split(" | ")
    as_it_is = licences.row(needed, use).strip("| ").split(" | ")
    assert (name, versions, used_for) == (as_it_is[0], as_it_is[1], as_it_is[3])
    assert licence.split()[0] == as_it_is[2].split()[0] != "not"  # the rest changes with the files in a wheel


def test_every_shipped_model_is_the_published_one() -> None:
    assert len(MODEL_SHA256) >= 2
    for name, published in MODEL_SHA256.items():
        assert sha256(find_model(name)) == published


def test_a_model_that_was_altered_is_refused_when_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_assets" / "models").mkdir(parents=True)
    altered = tmp_path / "_assets" / "models" / FAST_MODEL
    shutil.copy(find_model(FAST_MODEL), altered)
    with altered.open("r+b") as file:
        file.seek(100_000)
        file.write(b"\0altered")
    sample = find_sample()
    monkeypatch.setattr(assets, "PACKAGE_DIR", tmp_path)
    with pytest.raises(AssetError, match="altered or damaged"):
        find_model(FAST_MODEL)
    done = CliRunner().invoke(app, ["analyze", str(sample), "--out", str(tmp_path / "out"), "--no-history"])
    assert done.exit_code == 2
    assert "altered or damaged" in done.stderr
    assert not (tmp_path / "out").exists()
