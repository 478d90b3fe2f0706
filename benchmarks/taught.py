"""How well taught movements count: taught on the first repetitions of a recording, counted on the rest and elsewhere.

    python benchmarks/taught.py FOLDER LABELS.csv

FOLDER holds pose logs (.npz). LABELS has the columns path (of the video; its pose log is called the same with "__" for
"/"), window (frames, "0-232"), true_reps (the first number counts) and exercise. A movement is taught on the first
three repetitions that are found in its window, the recording cut behind them; labels take no part in that.

Told are: the count of the whole window, the count of what comes after the taught part (its truth is the label less the
repetitions taught, so one more where the window begins in mid-movement), the count of another person who does the same
movement, and every count on a recording of another one, of which there must be none. Movements of one kin look alike
from where they were filmed; they are told apart from the others, and neither right nor wrong.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
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
SAME = ("squat", "donkey")  # words of exercises that are the same movement whoever does it
KIN = ("bridge", "frog pump", "hip thrust")  # lifts of the hips from the back, knees bent


@dataclass(frozen=True)
class Labelled:
    """A recording cut to its window, and what a person counted in it."""

    name: str
    exercise: str
    n_true: int
    log: PoseLog

    def is_same(self, other: Labelled) -> bool:
        """Whether another recording shows the same movement."""
        return self.exercise == other.exercise or _share(SAME, self.exercise, other.exercise)

    def is_kin(self, other: Labelled) -> bool:
        """Whether the two look alike."""
        return all(any(word in one.exercise for word in KIN) for one in (self, other))


@dataclass(frozen=True)
class Result:
    """What a movement, taught on one recording, counted: (counted, true) each."""

    name: str
    whole: tuple[int, int]
    rest: tuple[int, int]
    same: dict[str, tuple[int, int]]
    kin: dict[str, tuple[int, int]]
    wrong: dict[str, int]


def main() -> int:
    """Prints a line a recording, then the numbers of all; exits 1 when none could be taught."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at a time")
    arguments = parser.parse_args()
    recordings = read(arguments.folder, arguments.labels)
    results = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for one, found in zip(recordings, pool.map(partial(tried, recordings), range(len(recordings))), strict=True):
            if isinstance(found, str):
                print(f"{one.name:34} not taught: {found}")
                continue
            results.append(found)
            print(_line(found))
    if not results:
        return 1
    _print_sum("whole windows", [r.whole for r in results])
    _print_sum("after the taught part", [r.rest for r in results])
    _print_sum("another person", [pair for r in results for pair in r.same.values()])
    print(
        f"counted on another movement: {sum(len(r.wrong) for r in results)} of {len(results)} x {len(recordings) - 1}"
    )
    return 0


def tried(recordings: Sequence[Labelled], i: int) -> Result | str:
    """Teaches on one of the recordings and counts on all; says why it cannot be taught."""
    one = recordings[i]
    try:
        taught, end_s = teach(one)
    except FormcheckError as error:
        return str(error)
    exercise = as_exercise(taught)
    peaks = counted(one.log, exercise)
    others = {other.name: (other, len(counted(other.log, exercise))) for other in recordings if other is not one}
    same = {name: (n, other.n_true) for name, (other, n) in others.items() if one.is_same(other)}
    kin = {name: (n, other.n_true) for name, (other, n) in others.items() if name not in same and one.is_kin(other)}
    return Result(
        name=one.name,
        whole=(len(peaks), one.n_true),
        rest=(sum(peak > end_s for peak in peaks), one.n_true - taught.n_repetitions),
        same=same,
        kin=kin,
        wrong={name: n for name, (_, n) in others.items() if n and name not in same and name not in kin},
    )


def _share(words: Iterable[str], *texts: str) -> bool:
    return any(all(word in text for text in texts) for word in words)


def _line(result: Result) -> str:
    told = [f"{result.name:34} whole {_of(result.whole)}, rest {_of(result.rest)}"]
    told += [f"{name} {_of(pair)}" for name, pair in result.same.items()]
    told += [f"kin {name} {_of(pair)}" for name, pair in result.kin.items()]
    told += [f"WRONG {name} {n}" for name, n in result.wrong.items()]
    return "; ".join(told)


def _of(pair: tuple[int, int]) -> str:
    return f"{pair[0]:2} of {pair[1]:2}"


def _print_sum(what: str, pairs: Sequence[tuple[int, int]]) -> None:
    if pairs:
        exact = sum(n == n_true for n, n_true in pairs) / len(pairs)
        within = sum(abs(n - n_true) <= 1 for n, n_true in pairs) / len(pairs)
        print(f"{what}: {len(pairs)}, exact {exact:.2f}, within one {within:.2f}")


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
