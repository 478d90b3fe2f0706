"""MediaPipe is loaded without matplotlib."""

from __future__ import annotations

import subprocess
import sys

START = """
import sys
from formcheck.assets import find_model
from formcheck.estimators.mediapipe_pose import MediaPipePose
MediaPipePose(find_model()).close()
"""


def _said(script: str) -> str:
    """What a new interpreter prints."""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_starting_the_network_does_not_load_matplotlib() -> None:
    said = _said(START + "print(sorted(name for name in sys.modules if name.partition('.')[0] == 'matplotlib'))")
    assert said == "[]"


def test_nothing_stays_in_the_way_of_other_imports() -> None:
    assert _said("import sys; before = list(sys.meta_path)" + START + "print(sys.meta_path == before)") == "True"


def test_whoever_wants_the_drawing_modules_has_them() -> None:
    drawing = "from mediapipe.tasks.python.vision import drawing_styles, drawing_utils\n"
    used = "print(callable(drawing_utils.draw_landmarks), len(drawing_styles.get_default_pose_landmarks_style()))"
    assert _said(START + drawing + used) == "True 33"
