"""`formcheck demo`: the whole job on the sample recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from formcheck.assets import find_sample
from formcheck.cli.failures import DONE, READ_IN_PART, run_plainly
from formcheck.cli.progress import progress_bar
from formcheck.cli.reporting import check_language
from formcheck.export.words import Words, words_of
from formcheck.session import analyze


def run_demo(out: Path, language: str, *, debug: bool) -> int:
    """Analyses the sample recording into `out` and shows what was counted; returns the exit status."""

    def job() -> int:
        check_language(language)
        words, sample = words_of(language), find_sample()
        with progress_bar(sample.name, language) as progress:
            result = analyze(sample, out_dir=out, progress=progress, language=language)
        console = Console(highlight=False)
        for block in result.report["blocks"]:
            console.print(table_of(block, words))
        for line in (
            words.say("Open {file} for the report,", file=result.folder / "report.html"),
            words.say("and {file} for the recording with what was seen.", file=result.folder / "annotated.mp4"),
            words.say("Your own recording: {command}", command="formcheck analyze VIDEO"),
        ):
            console.print(line, soft_wrap=True, markup=False)
        return READ_IN_PART if result.problem else DONE

    return run_plainly(job, debug=debug, language=language)


def table_of(block: dict[str, Any], words: Words) -> Table:
    """What was counted in a block, one row a repetition or hold, and below it what was measured."""
    say, drive = words.say, block.get("drive") or {}
    table = Table(title=f"{say(block['title'])} ({say(block['chosen_by'])})", title_justify="left")
    for heading in ("", "from", "to", "range of motion", "needed", "counted"):
        justify: Literal["left", "right"] = "left" if heading in ("", "counted") else "right"
        table.add_column(say(heading) if heading else "", justify=justify)
    for item in block["repetitions"]:
        extents = [words.plain(item[key], item["unit"]) for key in ("range", "needed")]
        table.add_row(_name("repetition", item, words), *_times(item, words), *extents, _counted(item, words))
    for item in block["holds"]:
        seconds = [words.plain(item[key], "s") for key in ("credited_s", "target_s")]
        table.add_row(_name("hold", item, words), *_times(item, words), *seconds, _counted(item, words))
    if block["repetitions"] and drive.get("label"):
        table.caption = say("Range of motion: {measure}", measure=say(drive["label"]))
        if drive.get("unit") == "%":
            table.caption += f"; {say('% is of a full movement')}"
        table.caption_justify = "left"
    return table


def _name(kind: str, item: dict[str, Any], words: Words) -> str:
    told = (words.say(kind), str(item.get("index") or ""), words.side(item.get("side")))
    return " ".join(word for word in told if word)


def _times(item: dict[str, Any], words: Words) -> tuple[str, str]:
    return words.plain(item["start_s"], "s"), words.plain(item["end_s"], "s")


def _counted(item: dict[str, Any], words: Words) -> str:
    return words.say("yes") if item["counted"] else f"{words.say('no')}: {words.say(item.get('reason') or 'too short')}"
