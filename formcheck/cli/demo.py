"""`formcheck demo`: the whole job on the sample recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from formcheck.assets import find_sample
from formcheck.cli.failures import DONE, READ_IN_PART, run_plainly
from formcheck.cli.progress import progress_bar
from formcheck.session import analyze


def run_demo(out: Path, *, debug: bool) -> int:
    """Analyses the sample recording into `out` and shows what was counted; returns the exit status."""

    def job() -> int:
        sample = find_sample()
        with progress_bar(sample.name) as progress:
            result = analyze(sample, out_dir=out, progress=progress)
        console = Console()
        for block in result.report["blocks"]:
            console.print(_table(block))
        console.print(f"Open {result.folder / 'report.html'} for the report,", soft_wrap=True)
        console.print(f"and  {result.folder / 'annotated.mp4'} for the recording with what was seen.", soft_wrap=True)
        console.print("Your own recording: formcheck analyze VIDEO", soft_wrap=True)
        return READ_IN_PART if result.problem else DONE

    return run_plainly(job, debug=debug)


def _table(block: dict[str, Any]) -> Table:
    """What was counted in a block, one row a repetition or hold."""
    table = Table(title=f"{block['title']} ({block['chosen_by']})", title_justify="left")
    for heading in ("", "from", "to", "range", "counted"):
        table.add_column(heading, justify="left" if heading in ("", "counted") else "right")
    for item in block["repetitions"]:
        extent = f"{item['range']:.0f} {item['unit']}"
        table.add_row(_name("repetition", item), *_times(item), extent, _counted(item))
    for item in block["holds"]:
        table.add_row(_name("hold", item), *_times(item), f"{item['credited_s']:.1f} s", _counted(item))
    return table


def _name(kind: str, item: dict[str, Any]) -> str:
    words = (kind, str(item.get("index") or ""), item.get("side") or "")
    return " ".join(word for word in words if word)


def _times(item: dict[str, Any]) -> tuple[str, str]:
    return f"{item['start_s']:.1f} s", f"{item['end_s']:.1f} s"


def _counted(item: dict[str, Any]) -> str:
    return "yes" if item["counted"] else f"no: {item.get('reason') or 'too short'}"
