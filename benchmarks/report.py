"""How long a report takes and how large it is, and how long the page of a long history takes.

    python benchmarks/report.py

The session is made of the stored poses of `tests/poses`, one after the other, until it is 18 minutes long; the history
of 300 sessions of it, two days apart. Fails when a page takes longer or is larger than it may be.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # of this folder, whatever is installed

from recordings import POSES, joined, log_of, stored  # noqa: E402

from formcheck.history import History  # noqa: E402
from formcheck.session import analyze  # noqa: E402

SESSION_S = 18 * 60.0
REPORT_S, REPORT_BYTES = 2.0, 400_000
N_SESSIONS, HISTORY_S = 300, 1.0
RUNS = 5


def session(folder: Path) -> Path:
    """The results of 18 minutes."""
    parts, length_s = [], 0.0
    names = sorted(path.stem for path in POSES.glob("*.npz"))
    for name in [n for n in names if not n.startswith(("idle", "mixed", "walk_in"))]:
        part = stored(name)
        length_s += part[-1].time_s - part[0].time_s + 5.0
        parts.append(part)
        if length_s >= SESSION_S:
            break
    poses, _ = joined(*parts, between="nobody", seconds=5.0)
    log = log_of(poses)
    log.meta |= {"recorded_at": datetime(2024, 5, 6, 18, 0, tzinfo=UTC).isoformat(), "source": "eighteen.mp4"}
    log.save(folder / "eighteen.npz")
    return analyze(folder / "eighteen.npz", out_dir=folder / "out", routine="back_release_18").folder


def filed(folder: Path, report: dict[str, Any]) -> None:
    """300 sessions in a history."""
    with History(folder) as history:
        for day in range(N_SESSIONS):
            when = datetime(2023, 1, 1, 18, 0, tzinfo=UTC) + timedelta(days=2 * day)
            history.file({**report, "source": {**report["source"], "recorded_at": when.isoformat()}}, "evening", when)


def fastest_s(*arguments: str) -> tuple[float, float]:
    """The shortest wall time of a formcheck command, from starting the program to its end, and its processor time."""
    command = [sys.executable, "-m", "formcheck", *arguments]
    times = []
    for _ in range(RUNS):
        began, used = time.perf_counter(), _processor_s()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        times.append((time.perf_counter() - began, _processor_s() - used))
    return min(times)


def _processor_s() -> float:
    """Seconds of processor time of all commands that were run so far."""
    times = os.times()
    return times.children_user + times.children_system


def main() -> int:
    """Prints what was measured; 1 when something is over its bound."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        results = session(folder)
        report = json.loads((results / "report.json").read_text(encoding="utf-8"))
        filed(folder / "data", report)
        page, trends = folder / "page.html", folder / "trends.html"
        report_s, report_cpu_s = fastest_s("report", str(results), "--out", str(page))
        history_s, history_cpu_s = fastest_s("history", "--data-dir", str(folder / "data"), "--trends", str(trends))
        rows = [
            ("report, s", report_s, REPORT_S),
            ("report, bytes", float(page.stat().st_size), float(REPORT_BYTES)),
            (f"history page of {N_SESSIONS} sessions, s", history_s, HISTORY_S),
            ("history page, bytes", float(trends.stat().st_size), float(REPORT_BYTES)),
        ]
        minutes, n_blocks = report["source"]["duration_s"] / 60, len(report["blocks"])
    print(f"session: {minutes:.1f} minutes, {report['source']['frames']} frames, {n_blocks} movements")
    print(f"processor time: report {report_cpu_s:.2f} s, history page {history_cpu_s:.2f} s")
    for name, measured, bound in rows:
        print(f"{name:40} {measured:12.2f}  (at most {bound:g}){'' if measured <= bound else '  OVER'}")
    return int(any(measured > bound for _, measured, bound in rows))


if __name__ == "__main__":
    sys.exit(main())
