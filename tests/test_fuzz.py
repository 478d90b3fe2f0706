"""Odd files, messages and calls: a sentence or a result, never a traceback, a hang, or half a file.

A few examples of each target, always the same; `python benchmarks/fuzz.py 5000` runs as many as one likes.
"""

from __future__ import annotations

import fuzz
import pytest

# Fewer where an example costs a tenth of a second.
N_EXAMPLES = {
    "exercise files": 60,
    "routine files": 60,
    "pose logs, bytes": 40,
    "pose logs, numbers": 30,
    "event logs": 30,
    "event logs, bytes": 20,
    "reports": 30,
    "tables of readings": 30,
    "messages": 40,
    "command lines": 40,
    "interrupted runs": 60,
    "references": 40,
}


def test_every_target_is_run() -> None:
    assert set(N_EXAMPLES) == set(fuzz.TARGETS)


@pytest.mark.parametrize("target", N_EXAMPLES)
def test_whatever_comes_is_answered(target: str) -> None:
    fuzz.run(target, N_EXAMPLES[target])


def test_the_targets_notice_an_answer_that_is_none() -> None:
    with pytest.raises(AssertionError):
        fuzz.answered(lambda: (_ for _ in ()).throw(fuzz.FormcheckError("two\nlines")))
    with pytest.raises(ZeroDivisionError):
        fuzz.answered(lambda: 1 / 0)
