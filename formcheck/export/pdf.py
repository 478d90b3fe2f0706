"""A page as PDF, printed by a browser that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from formcheck.errors import ExportError
from formcheck.whole_files import whole_file

LONGEST_S: Final = 120.0
NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
_MAC: Final = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS: Final = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
# Prints one local page and talks to nobody.
_OPTIONS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)


def find_browser() -> Path | None:
    """The first browser found that can print to PDF: Chromium, Chrome or Edge; None when there is none."""
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    places = [Path(place) for place in _MAC] if sys.platform == "darwin" else []
    for root in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        places += [Path(os.environ[root], name) for name in _WINDOWS if root in os.environ]
    return next((place for place in places if place.is_file()), None)


def write_pdf(path: Path, page: str) -> None:
    """Print a self-contained page to PDF.

    Args:
        path: where the file shall stand.
        page: HTML.

    Raises:
        ExportError: no browser is installed, it failed, or the file cannot be written.
    """
    browser = find_browser()
    if browser is None:
        raise ExportError(
            "A PDF is printed by Chromium, Chrome or Edge, and none was found on this computer; "
            "install one, or make the page (--format html), open it in any browser and print it from there."
        )
    # The browser's helpers may still write into its profile when it has gone: that is no reason to have no PDF.
    tidy = tempfile.TemporaryDirectory(prefix="formcheck-", ignore_cleanup_errors=True)
    with whole_file(path) as part, tidy as scratch:
        html, printed = Path(scratch, "report.html"), Path(scratch, "report.pdf")
        html.write_text(page, encoding="utf-8")
        _print(browser, html, printed)
        shutil.copyfile(printed, part)


def _print(browser: Path, html: Path, printed: Path) -> None:
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [str(browser), *_OPTIONS, f"--user-data-dir={html.parent / 'profile'}", f"--print-to-pdf={printed}"]
    command += ["--no-sandbox"] if is_root else []  # its sandbox does not start for root
    try:
        done = subprocess.run([*command, html.as_uri()], capture_output=True, timeout=LONGEST_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ExportError(f"{browser}: the browser did not print the page ({error})") from error
    if not printed.is_file() or not printed.stat().st_size:
        said = done.stderr.decode(errors="replace")  # in whatever coding the system has
        last = (said.strip().splitlines() or ["it gave no reason"])[-1]
        raise ExportError(f"{browser}: the browser did not print the page ({last})")
