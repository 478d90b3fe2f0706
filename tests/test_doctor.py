"""What the doctor says about each thing that can be wrong, and what to do about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from formcheck import assets, doctor
from formcheck.errors import AssetError


def test_this_computer_is_fit_to_run_formcheck() -> None:
    findings = doctor.examine()
    assert len(findings) >= 9
    assert [finding for finding in findings if not finding.is_ok] == []


@pytest.mark.parametrize("version", ["0.10.34", "0.10.35", "0.11.0", "1.2.2", "0.10.35.post1"])
def test_mediapipe_that_contacts_a_host_is_named(version: str) -> None:
    finding = doctor.check_mediapipe(version)
    assert not finding.is_ok
    assert version in finding.what
    assert "metrics host" in finding.what
    assert "<0.10.32" in finding.remedy


@pytest.mark.parametrize("version", ["0.10.30", "0.10.31", "0.10.33"])
def test_mediapipe_that_contacts_nobody_is_fine(version: str) -> None:
    assert doctor.check_mediapipe(version).is_ok


@pytest.mark.parametrize("version", [None, "0.10.21"])
def test_missing_or_old_mediapipe_says_how_to_get_it(version: str | None) -> None:
    finding = doctor.check_mediapipe(version)
    assert not finding.is_ok
    assert "pip install" in finding.remedy


def test_two_owners_of_cv2_are_both_named_with_the_repair() -> None:
    installed = {"opencv-python": "5.0.0", "opencv-contrib-python": "5.0.0", "opencv-python-headless": "4.9"}
    finding = doctor.check_cv2_owners(installed)
    assert not finding.is_ok
    for name in installed:
        assert name in finding.what
    assert "pip uninstall -y opencv-contrib-python opencv-python-headless" in finding.remedy
    assert "--force-reinstall --no-deps" in finding.remedy


@pytest.mark.parametrize("installed", [{}, {"opencv-python": "4.12.0.88"}])
def test_no_opencv_or_an_old_one_says_how_to_get_it(installed: dict[str, str]) -> None:
    finding = doctor.check_cv2_owners(installed)
    assert not finding.is_ok
    assert "opencv-python>=5" in finding.remedy


def test_no_browser_for_a_pdf_is_no_fault_and_says_what_to_do_instead() -> None:
    finding = doctor.check_pdf(None)
    assert finding.is_ok
    assert "print report.html" in finding.what
    assert "/opt/chrome" in doctor.check_pdf(Path("/opt/chrome")).what


def test_one_owner_of_cv2_is_fine() -> None:
    assert doctor.check_cv2_owners({"opencv-python": "5.0.0.93", "numpy": "2.4.6"}).is_ok


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libGL.so.1", "libgl1"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libgthread-2.0.so.0", "libglib2.0-0"),
        ("libEGL.so.1", "libegl1"),
        ("libGLESv2.so.2", "libgles2"),
    ],
)
def test_missing_library_is_named_with_the_package_that_brings_it(library: str, package: str) -> None:
    def load(name: str) -> None:
        if name == library:
            raise OSError(f"{name}: cannot open shared object file: No such file or directory")

    findings = doctor.check_libraries(doctor.needed_libraries("Linux", "0.10.33"), load)
    bad = [finding for finding in findings if not finding.is_ok]
    assert len(bad) == 1
    assert library in bad[0].what
    assert f"apt-get install {package};" in bad[0].remedy


def test_libraries_are_asked_for_only_where_they_are_needed() -> None:
    assert set(doctor.needed_libraries("Linux", "0.10.31")).isdisjoint(doctor.GLES)
    assert set(doctor.needed_libraries("Linux", "0.10.33")) >= doctor.GLES
    assert doctor.needed_libraries("Darwin", "0.10.33") == []
    assert doctor.needed_libraries("Windows", "0.10.33") == []


@pytest.mark.parametrize(("system", "machine"), [("Linux", "aarch64"), ("Darwin", "x86_64"), ("Windows", "ARM64")])
def test_computer_without_mediapipe_is_told_in_plain_words(system: str, machine: str) -> None:
    finding = doctor.check_platform(system, machine)
    assert not finding.is_ok
    assert f"does not exist for {system} on {machine}" in finding.what


def test_old_python_is_named() -> None:
    assert not doctor.check_python((3, 10, 14)).is_ok
    assert doctor.check_python((3, 11, 0)).is_ok


@pytest.fixture
def install_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder with both models in it, taken for the installed one."""
    models = tmp_path / "formcheck" / "_assets" / "models"
    models.mkdir(parents=True)
    for name in assets.MODEL_SHA256:
        shutil.copy(assets.find_model(name), models)
    monkeypatch.setattr(assets, "PACKAGE_DIR", tmp_path / "formcheck")
    return tmp_path


@pytest.mark.parametrize("name", assets.MODEL_SHA256)
def test_altered_model_is_named(install_dir: Path, name: str) -> None:
    assert doctor.check_model(name).is_ok
    with (install_dir / "formcheck" / "_assets" / "models" / name).open("r+b") as file:
        file.seek(5000)
        file.write(b"altered")
    finding = doctor.check_model(name)
    assert not finding.is_ok
    assert name in finding.what
    assert "altered" in finding.what
    assert finding.remedy == "install formcheck again"


def test_missing_model_is_named_with_where_it_was_looked_for(install_dir: Path) -> None:
    name = next(iter(assets.MODEL_SHA256))
    (install_dir / "formcheck" / "_assets" / "models" / name).unlink()
    finding = doctor.check_model(name)
    assert not finding.is_ok
    assert str(install_dir) in finding.what
    with pytest.raises(AssetError, match="missing"):
        assets.find_model(name)


def test_missing_sample_is_named(install_dir: Path) -> None:
    finding = doctor.check_sample()
    assert not finding.is_ok
    assert str(install_dir) in finding.what


def test_version_ends_at_the_first_part_that_is_no_number() -> None:
    assert doctor.version_of("0.10.35.post1") == (0, 10, 35)
    assert doctor.version_of("5.0.0rc1") == (5, 0)
