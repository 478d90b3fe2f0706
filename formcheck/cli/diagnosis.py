"""`formcheck doctor`: the findings as lines."""

from __future__ import annotations

import typer

from formcheck.doctor import examine


def print_diagnosis() -> int:
    """Prints one line a finding and what to do about each bad one; 0 when all is well, else 1."""
    findings = examine()
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.is_ok else 'BAD '} {finding.what}")
        if not finding.is_ok:
            typer.echo(f"     -> {finding.remedy}")
    n_bad = sum(not finding.is_ok for finding in findings)
    typer.echo("All is well." if not n_bad else f"{n_bad} to mend, from the top.")
    return 1 if n_bad else 0
