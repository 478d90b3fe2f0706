"""The driving measure as an instrument: axis, shaded target bands, a bar up to the value, and the number."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np

from formcheck.render import theme
from formcheck.render.canvas import Image, Sheet, Sprite, panel, paste, rounded_mask
from formcheck.render.icons import tick_mask
from formcheck.render.text import BOLD, fit, line_px, text_mask, text_width
from formcheck.render.words import OverlayWords
from formcheck.types import Gauge

Axis = tuple[float, float]
Bands = tuple[tuple[float, float], ...]


def for_people(gauge: Gauge) -> Gauge:
    """The gauge as it is shown: trunk lengths (T, and T/s) in percent of one, as nobody knows that unit by its sign."""
    if gauge.unit not in ("T", "T/s"):
        return gauge
    low, high = gauge.axis
    bands = tuple((100 * low, 100 * high) for low, high in gauge.bands)
    return replace(gauge, unit="%", value=100 * gauge.value, axis=(100 * low, 100 * high), bands=bands)


def gauge_wh(sizes: theme.Sizes) -> tuple[int, int]:
    """Width and height of the gauge's panel in pixels."""
    return sizes.px(0.18), sizes.px(0.50)


def draw_gauge(
    image: Image, gauge: Gauge, at: tuple[int, int], sizes: theme.Sizes, words: OverlayWords, opacity: float = 1.0
) -> None:
    """Draw the gauge in place, its top left corner at `at`; "?" stands for a value that is not known."""
    gauge = for_people(gauge)
    paste(image, _ground(words.say(gauge.label), gauge.axis, gauge.bands, sizes, words), at, opacity)
    if opacity < 1:
        return
    x, top, width, height = _track(sizes)
    if math.isfinite(gauge.value):
        _draw_value(image, gauge, (at[0] + x, at[1] + top, width, height), sizes)
    in_band = any(low <= gauge.value <= high for low, high in gauge.bands)
    paste(
        image,
        _number(words.number(_format(gauge.value, gauge.axis, gauge.unit)), in_band, sizes),
        (at[0], at[1] + _number_top(sizes)),
    )


def _draw_value(image: Image, gauge: Gauge, track: tuple[int, int, int, int], sizes: theme.Sizes) -> None:
    """The narrow bar from rest (zero, or the axis end nearest to it) to the value, and the marker there."""
    x, top, width, height = track
    rest = top + _offset(min(max(0.0, gauge.axis[0]), gauge.axis[1]), gauge.axis, height)
    end = top + _offset(gauge.value, gauge.axis, height)
    inset = round(width * 0.32)
    cv2.rectangle(
        image,
        (x + inset, min(rest, end)),
        (x + width - 1 - inset, max(rest, end)),
        theme.bgr(theme.PAPER),
        -1,
    )
    marker = _marker(sizes)
    wide, high = marker.size_wh
    paste(image, marker, (x + (width - wide) // 2, end - high // 2))


def _track(sizes: theme.Sizes) -> tuple[int, int, int, int]:
    """x, y, width, height of the bar inside the panel."""
    panel_width, _ = gauge_wh(sizes)
    width = sizes.px(0.036)
    top = sizes.pad + 2 * line_px(sizes.small_text) + sizes.grid
    return (
        panel_width - sizes.pad - sizes.grid // 2 - width,
        top,
        width,
        _number_top(sizes) - sizes.grid - top,
    )


def _number_top(sizes: theme.Sizes) -> int:
    return gauge_wh(sizes)[1] - sizes.pad // 2 - line_px(_number_size(sizes))


def _number_size(sizes: theme.Sizes) -> int:
    return sizes.px(0.05)


def _offset(value: float, axis: Axis, height: int) -> int:
    """Pixels below the top of the track; values beyond the axis stay at its end."""
    low, high = axis
    share = (value - low) / (high - low) if high > low else 0.0
    return round((1 - min(1.0, max(0.0, share))) * (height - 1))


@lru_cache(maxsize=8)
def _ground(label: str, axis: Axis, bands: Bands, sizes: theme.Sizes, words: OverlayWords) -> Sprite:
    """Panel, label, track, bands and axis numbers, which stay for a whole block."""
    width, height = gauge_wh(sizes)
    sheet = panel(width, height, sizes)
    names, size = fit(label, width - 2 * sizes.grid, sizes.small_text, sizes.min_text, 2)
    step = line_px(size)
    room = _track(sizes)[1] - sizes.grid // 2
    first = max(0, (room - step * len(names)) // 2) + sizes.grid // 4
    for row, name in enumerate(names):
        sheet.write(name, size, width // 2, first + row * step)
    x, top, wide, high = _track(sizes)
    sheet.stamp(rounded_mask(wide, high, sizes.grid // 2), theme.PAPER, (x, top), theme.TRACK_OPACITY)
    for band in bands:
        _stamp_band(sheet, band, axis, sizes)
    _stamp_numbers(sheet, axis, bands, sizes, words)
    return sheet.sprite()


def _stamp_band(sheet: Sheet, band: tuple[float, float], axis: Axis, sizes: theme.Sizes) -> None:
    """The target: filled across the whole track and closed by a light line at each end."""
    x, top, width, height = _track(sizes)
    upper, lower = _offset(band[1], axis, height), _offset(band[0], axis, height)
    sheet.stamp(np.full((lower - upper + 1, width), 255, np.uint8), theme.GOOD, (x, top + upper))
    line = np.full((max(1, sizes.px(0.003)), width + sizes.grid // 2), 255, np.uint8)
    for y in (upper, lower - len(line) + 1):
        sheet.stamp(line, theme.PAPER, (x - sizes.grid // 2, top + y))


def _stamp_numbers(sheet: Sheet, axis: Axis, bands: Bands, sizes: theme.Sizes, words: OverlayWords) -> None:
    """Numbers at the ends of the bands, then of the axis where there is room."""
    x, top, _, height = _track(sizes)
    size, taken = sizes.min_text, list[int]()
    inside = [edge for band in bands for edge in band if math.isfinite(edge)]
    for value in (*inside, *axis, *((0.0,) if axis[0] < 0 < axis[1] else ())):
        y = _offset(value, axis, height)
        if any(abs(y - other) < 1.2 * size for other in taken):
            continue
        taken.append(y)
        mask = text_mask(words.number(_format(value, axis, "")), size)
        low, high = top - mask.shape[0] // 4, top + height - 3 * mask.shape[0] // 4
        row = min(max(low, top + y - mask.shape[0] // 2), high)
        sheet.stamp(mask, theme.PAPER, (x - sizes.grid - mask.shape[1], row))


@lru_cache(maxsize=4)
def _marker(sizes: theme.Sizes) -> Sprite:
    """A white pill with a dark rim, wider than the track."""
    rim = max(1, sizes.px(0.002))
    width, height = sizes.px(0.036) + sizes.grid + 2 * rim, max(4, sizes.px(0.012)) + 2 * rim
    sheet = Sheet(width, height)
    sheet.stamp(rounded_mask(width, height, height // 2), theme.INK)
    sheet.stamp(rounded_mask(width - 2 * rim, height - 2 * rim, height // 2), theme.PAPER, (rim, rim))
    return sheet.sprite()


@lru_cache(maxsize=128)
def _number(text: str, in_band: bool, sizes: theme.Sizes) -> Sprite:
    """The value in large figures, with a tick inside the target band."""
    width, _ = gauge_wh(sizes)
    size = _number_size(sizes)
    sign = 0.8 if in_band else 0.0  # of the font size
    while size > sizes.min_text and text_width(text, size, BOLD) + sign * size > width - 2 * sizes.grid:
        size -= 1
    number, tick = text_mask(text, size, BOLD), round(sign * size)
    sheet = Sheet(width, number.shape[0])
    left = (width - number.shape[1] - tick) // 2
    sheet.stamp(number, theme.PAPER, (left, 0))
    if in_band:
        sheet.stamp(tick_mask(tick), theme.PAPER, (left + number.shape[1], round(0.18 * size)))
    return sheet.sprite()


def _format(value: float, axis: Axis, unit: str) -> str:
    """The value with as many decimals as the axis deserves and its unit; "?" for NaN."""
    if not math.isfinite(value):
        return "?"
    span = abs(axis[1] - axis[0])
    decimals = 0 if span >= 20 else 1 if span >= 2 else 2
    number = f"{value:.{decimals}f}"
    if float(number) == 0:
        number = number.lstrip("-")
    return number.replace("-", "−") + ("°" if unit == "deg" else f" {unit}" if unit else "")
