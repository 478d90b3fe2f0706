"""A short piece of `benchmarks/soak.py`: minutes of a live run in which something goes wrong all the time."""

from __future__ import annotations

from pathlib import Path

import pytest
from soak import FAULTS, Soak, memory_mb

from formcheck.live.session import State
from formcheck.types import Frame, Pose


def test_two_minutes_with_thirty_faults_lose_nothing_and_memory_stays_flat(tmp_path: Path) -> None:
    soak = Soak(tmp_path, "daily_7", seed=3)
    soak.go(30.0, 5)
    before_mb = memory_mb()
    soak.go(90.0, 25)
    grown_mb = memory_mb() - before_mb
    soak.end()
    assert soak.session.state is State.DONE
    assert soak.n_faults.total() == 30
    assert set(soak.n_faults) >= set(FAULTS) - {"another clock"}
    assert soak.n_counted >= 3
    assert grown_mb < 8.0


@pytest.mark.parametrize("kind", FAULTS)
def test_every_kind_of_fault_leaves_a_run_that_goes_on(kind: str, tmp_path: Path) -> None:
    soak = Soak(tmp_path, "daily_7", seed=3)
    soak.go(9.0, 0)
    assert soak.session.state is State.BLOCK
    FAULTS[kind](soak)
    soak.go(9.0, 0)
    assert soak.session.state is State.BLOCK


def test_the_soak_notices_a_count_that_goes_back(tmp_path: Path) -> None:
    soak = Soak(tmp_path, "daily_7", seed=3)
    soak._shown[0] = 7
    with pytest.raises(AssertionError, match="7 became 0"):
        soak.go(12.0, 0)


def test_the_soak_notices_an_error_that_is_not_answered(tmp_path: Path) -> None:
    soak = Soak(tmp_path, "daily_7", seed=3)

    def look(_: Frame) -> Pose:
        raise ZeroDivisionError

    soak.session._watch = look
    with pytest.raises(ZeroDivisionError):
        soak.show()
