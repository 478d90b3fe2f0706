"""Dark pictures as the pose network wants them: it has learned from bright ones, and loses people in the dark.

A picture is as bright as all but its brightest twentieth, which a lamp or a window may be. A dark one is multiplied, so
that its noise grows as well; one that is bright enough stays as it is, to the byte.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

# Levels of 255. In pictures of people in lit rooms a twentieth is brighter than 130 [measured].
BRIGHT: Final = 110.0
DARK: Final = 90.0  # what is as dark as this, or darker, ...
LIFTED: Final = 180.0  # ... becomes as bright as this; in between, less is done the brighter it is
MOST: Final = 12.0  # times; in what is darker still there is nothing but noise
BRIGHTEST: Final = 0.05  # share of the picture that does not count
N_LOOKED: Final = 30  # rows and columns of the short side: enough to tell how bright a picture is


def gain(image: Picture) -> float:
    """How many times brighter the network should see a picture; 1 = it is bright enough.

    >>> [round(gain(np.full((480, 640, 3), level, np.uint8)), 2) for level in (200, 100, 60, 20, 0)]
    [1.0, 1.45, 3.0, 9.0, 12.0]
    """
    step = max(1, min(image.shape[:2]) // N_LOOKED)
    green = image[::step, ::step, 1].ravel()  # most of what is bright
    place = int((1.0 - BRIGHTEST) * (green.size - 1))
    level = float(np.partition(green, place)[place])
    if level >= BRIGHT:
        return 1.0
    return min(MOST, float(np.interp(level, (DARK, BRIGHT), (LIFTED, BRIGHT))) / max(level, 1.0))


def brighten(image: Picture, times: float, cv2: Any) -> None:
    """Multiplies a picture where it is; what becomes too bright is white."""
    table = np.clip(np.arange(256) * times, 0, 255).astype(np.uint8)
    cv2.LUT(image, table, dst=image)
