"""Benchmarks are run by hand: what they use of the program and of each other must still be there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"
OTHERS_ENVIRONMENT = {"peer_loop"}  # runs with a mediapipe of before tasks
NAMES = sorted({path.stem for path in FOLDER.glob("*.py")} - OTHERS_ENVIRONMENT)


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_can_be_started(name: str) -> None:
    started = subprocess.run([sys.executable, "-c", f"import {name}"], cwd=FOLDER, capture_output=True, text=True)
    assert started.returncode == 0, started.stderr
