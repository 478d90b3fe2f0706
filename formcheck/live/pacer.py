"""The breath to go along with: which block has one, and how long its halves are."""

from __future__ import annotations

from typing import Final

from formcheck.exercise import Pacer
from formcheck.live.plan import Block

REST: Final = Pacer(in_s=4.0, out_s=6.0)  # [choice] exercise specification A4: the usual pace of a slow breath


def pacer_of(block: Block) -> Pacer | None:
    """The pace of a movement that follows the breath, or of a rest; None where breathing is left free."""
    return REST if block.exercise is None else block.exercise.pacer
