"""Imports point down, and starting is cheap."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
from importlinter import cli

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
HEAVY = ("numpy", "cv2", "av", "mediapipe", "pydantic", "jinja2", "formcheck.exercise", "formcheck.session")


def modules_loaded_by(code: str) -> set[str]:
    """Names of all modules in a fresh interpreter after it ran some code."""
    report = "import sys; print('\\n' + '\\n'.join(sys.modules))"
    child = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(child.stdout.splitlines())


def test_every_contract_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(CONTRACTS) >= 4
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(no_cache=True) == cli.EXIT_STATUS_SUCCESS


def test_every_module_has_its_layer() -> None:
    listed = {name.strip() for row in CONTRACTS[0]["layers"] for part in row.split("|") for name in part.split(":")}
    found = {f"formcheck.{path.stem}" for path in (ROOT / "formcheck").glob("*.py") if not path.stem.startswith("__")}
    found |= {f"formcheck.{path.parent.name}" for path in (ROOT / "formcheck").glob("*/__init__.py")}
    assert found
    assert listed == found


def test_every_core_module_is_kept_from_clocks_and_pictures() -> None:
    layers = CONTRACTS[0]["layers"]
    core = {name.strip() for row in layers[3:] for part in row.split("|") for name in part.split(":")}
    assert set(CONTRACTS[1]["source_modules"]) == core


def test_no_module_imports_from_the_package_root() -> None:
    graph = grimp.build_graph("formcheck", cache_dir=None)
    assert graph.find_modules_that_directly_import("formcheck.types")
    assert graph.find_modules_that_directly_import("formcheck") == set()


@pytest.mark.parametrize(
    "code",
    [
        "import formcheck",
        "import formcheck.cli",
        "import formcheck.cli as c, contextlib, io\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): c.app(['--help'])",
        "import formcheck.cli as c, contextlib\nwith contextlib.suppress(SystemExit): c.app(['--version'])",
    ],
)
def test_starting_and_help_load_nothing_heavy(code: str) -> None:
    loaded = modules_loaded_by(code)
    assert "formcheck" in loaded
    assert sorted(loaded.intersection(HEAVY)) == []


def test_analysing_a_pose_log_needs_no_pose_network() -> None:
    assert "mediapipe" not in modules_loaded_by("import formcheck.session, formcheck.poselog")
