"""How well taught movements count: taught on the first repetitions of a recording, counted on the rest and elsewhere.

    python benchmarks/taught.py FOLDER LABELS.csv

FOLDER holds pose logs (.npz). LABELS has the columns path (of the video; its pose log is called the same with "__" for
"/"), window (frames, "0-232"), true_reps (the first number counts) and exercise. A movement is taught on the first
three repetitions that are found in its window. Recordings of a movement with the same name are another person's, all
others must give no count.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from formcheck.errors import FormcheckError
from formcheck.events import RepetitionCompleted
from formcheck.exercise import Exercise, load_exercise
from formcheck.judging import run_engine
from formcheck.learn import Learned, learn_movement
from formcheck.poselog import PoseLog
from formcheck.teaching import exercise_text

N_TAUGHT = 3
SLACK_S = 0.2  # after the last taught repetition


@dataclass(frozen=True)
class Labelled:
    """A recording cut to its window, and what a person counted in it."""

    name: str
    exercise: str
    n_true: int
    log: PoseLog


def main() -> int:
    """Prints a line a recording, then the numbers of all; exits 1 when none could be taught."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("labels", type=Path)
    arguments = parser.parse_args()
    recordings = read(arguments.folder, arguments.labels)
    exact = within = n = n_false = 0
    for one in recordings:
        try:
            taught, end_s = teach(one)
        except FormcheckError as error:
            print(f"{one.name:36} not taught: {error}")
            continue
        exercise = as_exercise(taught)
        peaks = counted(one.log, exercise)
        left, rest = one.n_true - taught.n_repetitions, sum(peak > end_s for peak in peaks)
        others = {o.name: len(counted(o.log, exercise)) for o in recordings if o is not one}
        wrong = {o.name: others[o.name] for o in recordings if others.get(o.name) and o.exercise != one.exercise}
        n, exact, within = n + 1, exact + (len(peaks) == one.n_true), within + (abs(len(peaks) - one.n_true) <= 1)
        n_false += bool(wrong)
        print(
            f"{one.name:36} whole {len(peaks):2} of {one.n_true:2}, rest {rest:2} of {left:2}, elsewhere {wrong or 0}"
        )
    if not n:
        return 1
    print(f"{n} taught: exact {exact / n:.2f}, within one {within / n:.2f}, {n_false} counted on another movement")
    return 0


def read(folder: Path, labels: Path) -> list[Labelled]:
    """Every labelled recording of which there are poses and a number."""
    found = []
    with labels.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["path"].removesuffix(".mp4").replace("/", "__")
            number = re.match(r"\d+", row["true_reps"])
            if number and (folder / f"{name}.npz").is_file():
                first, last = map(int, row["window"].split("-"))
                log = cut(PoseLog.load(folder / f"{name}.npz"), first, last)
                found.append(Labelled(name, row["exercise"], int(number[0]), log))
    return found


def cut(log: PoseLog, first: int, last: int) -> PoseLog:
    """The frames [first, last)."""
    part = PoseLog(dict(log.meta))
    for i in range(first, min(last, len(log))):
        part.append(log[i])
    return part


def teach(one: Labelled) -> tuple[Learned, float]:
    """What the first repetitions teach, and when they end."""
    whole = learn_movement([one.log], one.name)
    end_s = whole.extents[0][:N_TAUGHT][-1].end_s + SLACK_S
    n_frames = sum(float(time_s) < end_s for time_s in one.log.time_s)
    return learn_movement([cut(one.log, 0, n_frames)], one.name), end_s


def as_exercise(learned: Learned) -> Exercise:
    """The exercise that `formcheck learn` would write."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{learned.id}.toml")
        path.write_text(exercise_text(learned), encoding="utf-8")
        return load_exercise(path)


def counted(log: PoseLog, exercise: Exercise) -> list[float]:
    """When the counted repetitions had their peaks."""
    events, _ = run_engine(log, exercise)
    return [event.repetition.peak_s for event in events if isinstance(event, RepetitionCompleted)]


if __name__ == "__main__":
    sys.exit(main())
