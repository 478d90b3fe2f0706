"""What this computer lacks to run formcheck, and what to do about each thing."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

from formcheck.assets import MODEL_SHA256, find_model, find_sample
from formcheck.errors import AssetError
from formcheck.export.pdf import find_browser

OLDEST_PYTHON: Final = (3, 11)
SUPPORTED: Final = {("Linux", "x86_64"), ("Darwin", "arm64"), ("Windows", "AMD64")}  # mediapipe's wheels
MEDIAPIPE_FROM, TELEMETRY_FROM, NEEDS_GLES_FROM = (0, 10, 30), (0, 10, 34), (0, 10, 32)
CV2_OWNERS: Final = (
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)
DEBIAN_PACKAGE: Final = {
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
}
GLES: Final = {"libEGL.so.1", "libGLESv2.so.2"}
PROBE_TIMEOUT_S: Final = 120  # a cold import of mediapipe from a slow disk takes tens of seconds
PROBE: Final = (
    "from formcheck.assets import find_model; from formcheck.estimators.mediapipe_pose import MediaPipePose; "
    "MediaPipePose(find_model()).close()"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `is_ok`, what was found, and otherwise what to do (`remedy`)."""

    is_ok: bool
    what: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Everything looked at on this computer, in the order in which to mend it."""
    installed = installed_versions()
    return [
        check_python(sys.version_info[:3]),
        check_platform(platform.system(), platform.machine()),
        check_mediapipe(installed.get("mediapipe")),
        check_cv2_owners(installed),
        *check_libraries(needed_libraries(platform.system(), installed.get("mediapipe"))),
        *(check_model(name) for name in MODEL_SHA256),
        check_sample(),
        check_h264(),
        check_pdf(find_browser()),
        check_pose_network(),
    ]


def installed_versions() -> dict[str, str]:
    """Version of each installed distribution by its name in lower case with hyphens."""
    found = {}
    for distribution in distributions():
        if name := distribution.metadata["Name"]:
            found[name.lower().replace("_", "-")] = distribution.version
    return found


def check_python(found: tuple[int, ...]) -> Finding:
    """Whether this Python is new enough."""
    what = f"Python {'.'.join(map(str, found))}"
    if found[:2] >= OLDEST_PYTHON:
        return Finding(True, what)
    return Finding(False, f"{what} is too old", "install Python 3.11 or newer")


def check_platform(system: str, machine: str) -> Finding:
    """Whether MediaPipe exists for this kind of computer."""
    if (system, machine) in SUPPORTED:
        return Finding(True, f"{system} on {machine}")
    return Finding(
        False,
        f"MediaPipe 0.10.30-0.10.33 does not exist for {system} on {machine}",
        "use Linux on x86_64, macOS on Apple silicon, or Windows on x86_64 (Intel or AMD)",
    )


def check_mediapipe(found: str | None) -> Finding:
    """Whether the installed MediaPipe is one that formcheck runs with and that contacts nobody."""
    remedy = 'pip install "mediapipe>=0.10.30,<0.10.32"'
    if found is None:
        return Finding(False, "mediapipe is not installed", remedy)
    if version_of(found) >= TELEMETRY_FROM:
        return Finding(False, f"mediapipe {found} contacts a metrics host (0.10.34 and newer do)", remedy)
    if version_of(found) < MEDIAPIPE_FROM:
        return Finding(False, f"mediapipe {found} is too old", remedy)
    return Finding(True, f"mediapipe {found}")


def check_cv2_owners(installed: Mapping[str, str]) -> Finding:
    """Whether exactly one package owns the folder cv2, and it is OpenCV 5."""
    owners = [name for name in CV2_OWNERS if name in installed]
    if not owners:
        return Finding(False, "OpenCV is not installed", 'pip install "opencv-python>=5,<6"')
    named = " and ".join(f"{name} {installed[name]}" for name in owners)
    if len(owners) > 1:
        others = " ".join(name for name in owners if name != "opencv-python")
        mend = 'pip install --force-reinstall --no-deps "opencv-python>=5,<6"'
        return Finding(False, f"{named} own the same folder cv2", f"pip uninstall -y {others} && {mend}")
    if version_of(installed[owners[0]])[:1] != (5,):
        return Finding(False, f"{named} is not OpenCV 5", 'pip install "opencv-python>=5,<6"')
    return Finding(True, named)


def needed_libraries(system: str, mediapipe: str | None) -> list[str]:
    """System libraries that the wheels expect on this system (only Linux leaves any to the user)."""
    if system != "Linux":
        return []
    needs_gles = mediapipe is None or version_of(mediapipe) >= NEEDS_GLES_FROM
    return [name for name in DEBIAN_PACKAGE if needs_gles or name not in GLES]


def check_libraries(names: Iterable[str], load: Callable[[str], object] = ctypes.CDLL) -> list[Finding]:
    """Whether each system library can be loaded; `load` raises OSError for one that cannot."""
    findings = []
    for name in names:
        try:
            load(name)
            findings.append(Finding(True, name))
        except OSError:
            package = DEBIAN_PACKAGE[name]
            remedy = f"Debian, Ubuntu: apt-get install {package}; elsewhere the package that brings {name}"
            findings.append(Finding(False, f"the system library {name} is missing", remedy))
    return findings


def check_model(name: str) -> Finding:
    """Whether a shipped pose model is there and unaltered."""
    try:
        find_model(name)
    except AssetError as error:
        return Finding(False, *_split(error))
    return Finding(True, f"pose model {name}")


def check_sample() -> Finding:
    """Whether the sample recording of `formcheck demo` is there."""
    try:
        return Finding(True, f"sample recording {find_sample().name}")
    except AssetError as error:
        return Finding(False, *_split(error))


def check_h264() -> Finding:
    """Whether annotated videos can be written as H.264, the one coding that every browser plays."""
    remedy = 'pip install --force-reinstall "av>=18,<20"'
    try:
        import av

        av.Codec("libx264", "w")
    except ImportError as error:
        return Finding(False, f"PyAV cannot be loaded ({error})", remedy)
    except av.error.FFmpegError:  # an FFmpeg built without it
        return Finding(False, f"PyAV {av.__version__} has no H.264 encoder (libx264)", remedy)
    return Finding(True, f"H.264 encoder of PyAV {av.__version__}")


def check_pdf(browser: Path | None) -> Finding:
    """What prints a report as PDF; nothing that does is no fault, since every browser prints the page."""
    if browser is None:
        return Finding(True, "no Chromium, Chrome or Edge: for a PDF, print report.html from your own browser")
    return Finding(True, f"PDF by {browser}")


def check_pose_network() -> Finding:
    """Whether the pose network really starts, tried in a process of its own: a missing part may abort it."""
    remedy = "mend what is named above first; then install formcheck again"
    try:
        child = subprocess.run(
            [sys.executable, "-c", PROBE],
            capture_output=True,
            encoding="utf-8",
            errors="replace",  # libraries speak in whatever coding the system has
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(False, f"the pose network did not start within {PROBE_TIMEOUT_S} s", remedy)
    if child.returncode == 0:
        return Finding(True, "the pose network starts")
    last = child.stderr.strip().splitlines()[-1:] or [f"exit status {child.returncode}"]
    return Finding(False, f"the pose network does not start: {last[0]}", remedy)


def version_of(text: str) -> tuple[int, ...]:
    """The leading numbers of a version: (0, 10, 31) for "0.10.31.post1"."""
    numbers: list[int] = []
    for part in text.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _split(error: AssetError) -> tuple[str, str]:
    """What is wrong and what to do, from a message of the form "what; remedy"."""
    what, _, remedy = str(error).rpartition("; ")
    return what, remedy
