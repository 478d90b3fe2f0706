"""`formcheck agree`: reports against a person's own labels."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from formcheck.agreement import DEFINITIONS, Pair, agreement, compare, read_labels
from formcheck.cli.failures import DONE, run_plainly
from formcheck.errors import UsageError
from formcheck.stored import open_stored

_UNITS = {"hold error": " s"}
_DECIMALS = {"hold error": 1}


def agree(results: list[Path], labels: Path, *, debug: bool) -> int:
    """Prints every label beside what was found, then the numbers with their definitions; returns the exit status."""

    def job() -> int:
        told = read_labels(labels)
        reports = {stored.name: stored.report for stored in map(open_stored, results)}
        pairs, absent = compare(told, reports)
        if not pairs:
            raise UsageError(f"{labels}: none of its recordings ({', '.join(absent)}) is among the results given")
        console = Console(highlight=False)
        console.print(_pairs_table(pairs))
        for name in absent:
            typer.echo(f"no result for {name}; left out")
        for name, value in agreement(pairs).items():
            shown = "not labelled" if value is None else f"{value:.{_DECIMALS.get(name, 2)}f}{_UNITS.get(name, '')}"
            typer.echo(f"{name:11} {shown:12} {DEFINITIONS[name]}")
        return DONE

    return run_plainly(job, debug=debug)


def _pairs_table(pairs: list[Pair]) -> Table:
    right = [Column(name, justify="right") for name in ("true", "counted", "true s", "held s")]
    table = Table("recording", "movement", *right, "missed", "not seen by the person")
    for label, found in ((pair.label, pair.found) for pair in pairs):
        missed = sorted((label.faults or frozenset()) - found.faults)
        extra = sorted(found.faults - label.faults) if label.faults is not None else []
        counts = ("" if label.counted is None else str(label.counted), str(found.counted))
        held = ("", "") if label.held_s is None else (f"{label.held_s:.1f}", f"{found.held_s:.1f}")
        told = (label.recording, label.exercise, *counts, *held, ", ".join(missed), ", ".join(extra))
        table.add_row(*map(escape, told))  # brackets in a name are no markup
    return table
