"""Text and theme: any language, nothing cut off, readable on what lies behind it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import formcheck.export
from formcheck.render import theme
from formcheck.render.canvas import Sheet, panel, paste
from formcheck.render.count import panel_width
from formcheck.render.text import BOLD, DIGIT_HEIGHT, fit, text_mask, text_width

SIGNS = "ÄÖÜäöüßéŁЖ°–…·½≥→"
STYLE_SHEET = Path(formcheck.export.__file__).parent / "templates" / "report.css"

words = st.lists(st.text("abcdefghijkläöüß", min_size=1, max_size=24), min_size=1, max_size=12).map(" ".join)


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_beyond_ascii_have_a_glyph_of_their_own(sign: str) -> None:
    drawn, missing = text_mask(sign, 40), text_mask("?", 40)
    assert drawn.max() > 200
    assert drawn.shape != missing.shape or not np.array_equal(drawn, missing)


@pytest.mark.parametrize("weight", [500, BOLD])
def test_zero_has_no_stroke_that_makes_it_another_letter(weight: int) -> None:
    mask = text_mask("0", 100, weight)
    rows = np.flatnonzero(mask.max(axis=1) > 127)
    middle = (rows[0] + rows[-1]) // 2
    inside = mask[middle - 5 : middle + 5, mask.shape[1] // 2 - 5 : mask.shape[1] // 2 + 5]
    assert inside.max() == 0
    assert (mask[middle] > 127).sum() > 10, "its sides are still there"


def test_digits_are_as_high_as_the_layout_assumes() -> None:
    rows = np.flatnonzero(text_mask("5", 200, BOLD).max(axis=1) > 127)
    assert len(rows) == pytest.approx(DIGIT_HEIGHT * 200, abs=4)


@given(words, st.integers(60, 500), st.integers(10, 40))
def test_fitted_text_is_never_cut_and_never_too_wide(text: str, room: int, size: int) -> None:
    lines, fitted = fit(text, room, size, 8, 2)
    letters = re.sub(r"[- ]", "", "".join(lines))
    assert letters == text.replace(" ", "")
    assert 8 <= fitted <= max(size, 8)
    assert all(text_width(line, fitted) <= room for line in lines)


def test_line_breaks_and_control_characters_become_blanks() -> None:
    assert fit("a\nb\t\x07c", 500, 20, 10, 2)[0] == ("a b c",)


def test_two_lines_are_about_equally_long() -> None:
    lines, size = fit("Lift your chest a little more", 240, 29, 20, 2, BOLD)
    widths = [text_width(line, size, BOLD) for line in lines]
    assert len(lines) == 2
    assert min(widths) > 0.6 * max(widths)


@pytest.mark.parametrize("size_wh", [(640, 480), (854, 480), (1920, 1080)])
def test_sizes_follow_the_frame_height(size_wh: tuple[int, int]) -> None:
    sizes, height = theme.Sizes.of_frame(size_wh), size_wh[1]
    assert sizes.count_digits == pytest.approx(0.12 * height, abs=1)
    assert sizes.cue_text == pytest.approx(0.06 * height, abs=1)
    assert sizes.grid == pytest.approx(8 * height / 480, abs=1)
    texts = (sizes.body_text, sizes.small_text, sizes.min_text)
    assert min(texts) >= 0.025 * height - 0.5


def test_upright_frames_leave_the_middle_free_for_the_person() -> None:
    sizes = theme.Sizes.of_frame((608, 1080))
    assert sizes.margin + panel_width(sizes) < 608 * 0.45


def test_report_and_overlay_share_one_palette() -> None:
    in_sheet = dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{6});", STYLE_SHEET.read_text(encoding="utf-8")))
    assert theme.PALETTE
    assert {name: in_sheet.get(name) for name in theme.PALETTE} == theme.PALETTE


def test_white_text_on_a_panel_over_white_video_has_enough_contrast() -> None:
    image = np.full((100, 200, 3), 255, np.uint8)
    paste(image, panel(200, 100, theme.Sizes.of_frame((640, 480))).sprite(), (0, 0))
    blue, green, red = (int(value) for value in image[50, 100])
    assert (1.0 + 0.05) / (_luminance(red, green, blue) + 0.05) >= 4.5


def _luminance(*rgb: int) -> float:
    """Relative luminance, WCAG 2.2."""
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("at", [(-5, -5), (30, 30), (-100, 0), (0, 100)])
def test_a_sprite_over_the_edge_is_cut_and_changes_nothing_else(at: tuple[int, int]) -> None:
    sheet = Sheet(20, 10)
    sheet.stamp(np.full((10, 20), 255, np.uint8), theme.PAPER)
    image = np.zeros((40, 40, 3), np.uint8)
    paste(image, sheet.sprite(), at)
    expected = np.zeros((40, 40), bool)
    x, y = at
    expected[max(0, y) : max(0, y + 10), max(0, x) : max(0, x + 20)] = True
    assert np.array_equal(image[:, :, 0] == 255, expected)


@pytest.mark.parametrize(("opacity", "expected"), [(0.0, 100), (0.5, 177), (1.0, 255)])
def test_opacity_blends_between_background_and_sprite(opacity: float, expected: int) -> None:
    sheet = Sheet(4, 4)
    sheet.stamp(np.full((4, 4), 255, np.uint8), theme.PAPER)
    image = np.full((4, 4, 3), 100, np.uint8)
    paste(image, sheet.sprite(), (0, 0), opacity)
    assert image.mean() == pytest.approx(expected, abs=2)
