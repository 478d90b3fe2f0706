"""What was measured in every frame: one column per measure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Series:
    """Readings of a session.

    Attributes:
        time_s: (T,) seconds from the start of the source.
        values: measure name -> (T,) float32 in its unit; NaN where it is not known.
        units: measure name -> unit ("deg", "T" for torso lengths, "%").
        labels: measure name -> what people read.
    """

    time_s: npt.NDArray[np.float64]
    values: dict[str, npt.NDArray[np.float32]]
    units: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
