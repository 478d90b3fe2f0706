"""Numbers, times and ids as people read them on the page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any, TypeGuard

from markupsafe import Markup

UNKNOWN = "not known"


def is_known(value: Any) -> TypeGuard[float]:
    """Whether there is a number at all."""
    return isinstance(value, int | float) and math.isfinite(value)


def number(value: Any, unit: str = "", reason: str | None = None) -> Markup:
    """The number with its unit, or "not known" with the reason; never 0 for what is missing.

    >>> str(number(24.13, "deg"))
    '24°'
    >>> "not known" in number(None, "deg", "hidden")
    True
    """
    if not is_known(value):
        why = Markup(" ({})").format(reason) if reason else ""
        return Markup('<span class="unknown">{}{}</span>').format(UNKNOWN, why)
    decimals = {"deg": 0, "%": 0, "s": 1, "T": 2}.get(unit, 0 if float(value).is_integer() else 1)
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return Markup(text.replace("-", "−") + unit_sign(unit))


def unit_sign(unit: str) -> str:
    """What follows the number: a degree sign clings to it, other units keep a narrow distance."""
    return "°" if unit == "deg" else f"\N{NO-BREAK SPACE}{unit}" if unit else ""


def clock(time_s: Any) -> str:
    """A time from the start as m:ss.t.

    >>> clock(75.26)
    '1:15.3'
    """
    if not is_known(time_s):
        return UNKNOWN
    tenths = max(0, round(time_s * 10))
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


def span(low_high: Any) -> str:
    """A target range: "6–8", or "6" where both ends agree; empty where there is none.

    >>> span([6, 8]), span([5, 5]), span(None)
    ('6–8', '5', '')
    """
    if low_high is None:
        return ""
    if is_known(low_high):
        return f"{low_high:g}"
    low, high = low_high
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


def plural(n: int, word: str) -> str:
    """The number with its word, given in the singular: "1 repetition", "2 repetitions"."""
    return f"1 {word}" if n == 1 else f"{n} {word}s"


def readable(identifier: str) -> str:
    """An id as words: "hold_short" becomes "Hold short"."""
    words = identifier.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def file_name(path: str) -> str:
    """The last part of a path written on any system; the folders are the reader's own business."""
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


def listed(items: Iterable[str], most: int = 6) -> str:
    """The items with commas; those beyond `most` as a number."""
    items = list(items)
    rest = len(items) - most
    return ", ".join(items[:most]) + (f" and {rest} more" if rest > 0 else "")
