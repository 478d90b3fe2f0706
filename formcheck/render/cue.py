"""The one thing to say: a large line with its sign; and plainly what is not judged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from formcheck.render import theme
from formcheck.render.canvas import Sheet, Sprite, frame_mask, panel
from formcheck.render.icons import hollow_icon, level_icon, unknown_icon
from formcheck.render.text import BOLD, REGULAR, fit, line_px, text_mask, text_width
from formcheck.types import CueLevel


@dataclass(frozen=True, slots=True)
class _Lettering:
    """How a message is set: font size and the least it may shrink to in pixels, lines, weight."""

    size: int
    min_size: int
    max_lines: int
    weight: int


@lru_cache(maxsize=8)
def cue_panel(text: str, level: CueLevel, max_width_px: int, sizes: theme.Sizes) -> Sprite:
    """The cue in two lines, more only where it would shrink below 4.2 %; safety also gets a thick frame."""
    lettering = _Lettering(sizes.cue_text, sizes.px(0.042), 2, BOLD)
    sign = level_icon(level, round(1.15 * sizes.cue_text))
    sheet = _signed_panel(sign, text, lettering, max_width_px, sizes)
    if level == "safety":
        line = max(3, sizes.px(0.008))
        sheet.stamp(frame_mask(*sheet.size_wh, sizes.radius, line), theme.STOP)
    return sheet.sprite()


@lru_cache(maxsize=8)
def not_judged_panel(text: str, is_alone: bool, max_width_px: int, sizes: theme.Sizes) -> Sprite:
    """What is not judged and why; smaller when a cue stands below it."""
    lettering = _Lettering(sizes.px(0.046 if is_alone else 0.034), sizes.min_text, 2, REGULAR)
    sign = unknown_icon(round(1.1 * lettering.size))
    return _signed_panel(sign, text, lettering, max_width_px, sizes).sprite()


@lru_cache(maxsize=8)
def note_panel(text: str, max_width_px: int, sizes: theme.Sizes) -> Sprite:
    """Why the last movement was not counted, with the hollow mark that it has in the report."""
    lettering = _Lettering(sizes.px(0.034), sizes.min_text, 2, REGULAR)
    sign = hollow_icon(round(0.9 * lettering.size))
    return _signed_panel(sign, text, lettering, max_width_px, sizes).sprite()


def _signed_panel(
    sign: Sheet,
    text: str,
    lettering: _Lettering,
    max_width_px: int,
    sizes: theme.Sizes,
) -> Sheet:
    """A panel with a sign at the left and text beside it, as wide as its text."""
    left = sizes.pad + sign.size_wh[0] + max(sizes.grid // 2, round(0.4 * lettering.size))
    room, weight = max_width_px - left - sizes.pad, lettering.weight
    lines, size = fit(text, room, lettering.size, lettering.min_size, lettering.max_lines, weight)
    step, rise = line_px(size), sign.size_wh[1]
    body = max(step * len(lines), rise)
    text_px = max(text_width(line, size, weight) for line in lines)
    sheet = panel(left + text_px + sizes.pad, body + 2 * sizes.grid, sizes)
    sheet.stack(sign, (sizes.pad, sizes.grid + (body - rise) // 2))
    top = sizes.grid + (body - step * len(lines)) // 2
    for row, line in enumerate(lines):
        sheet.stamp(text_mask(line, size, weight), theme.PAPER, (left, top + row * step))
    return sheet
