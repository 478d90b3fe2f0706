"""A session as a FIT activity: one set for each block, with its repetitions and its duration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from formcheck.errors import ExportError
from formcheck.whole_files import whole_file

if TYPE_CHECKING:
    from fit_tool.data_message import DataMessage

MOST_REPETITIONS: Final = 65534  # two bytes, of which the largest value stands for "not known"
LONGEST_TITLE: Final = 40  # bytes; watches show about twenty characters


def write_fit(path: Path, report: Mapping[str, Any], started: datetime) -> None:
    """Write the blocks of a report as a FIT activity of type "flexibility training".

    A set counts repetitions, else holds, else circles; a set whose count is not known has none. Movements have no
    number of their own in the FIT profile: they are of unknown category, and named in the file.

    Args:
        path: where the file shall stand.
        report: content of report.json.
        started: when the session began, with its offset.

    Raises:
        ExportError: the package fit-tool is missing, or the file cannot be written.
    """
    try:
        from fit_tool.fit_file_builder import FitFileBuilder
    except ImportError as error:
        raise ExportError("FIT files need the package fit-tool: pip install 'formcheck[fit]'") from error
    builder = FitFileBuilder(auto_define=True, strict=True, min_string_size=LONGEST_TITLE + 1)
    builder.add_all(list(_messages(report, started)))
    with whole_file(path) as part:
        part.write_bytes(builder.build_bytes())


def repetitions_of(block: Mapping[str, Any]) -> int | None:
    """What a block counted, in one number: repetitions, else holds, else circles of both ways; None: not known."""
    counted = block.get("counted") or {}
    for keys in (("repetitions",), ("holds",), ("circles_cw", "circles_ccw")):
        known = [counted[key] for key in keys if counted.get(key) is not None]
        if known:
            return min(int(sum(known)), MOST_REPETITIONS)
    return None


def _messages(report: Mapping[str, Any], started: datetime) -> Iterator[DataMessage]:
    """The messages of an activity file, in the order that the FIT SDK asks for."""
    from fit_tool.profile.profile_type import EventType

    start_ms, blocks = round(started.timestamp() * 1000), report.get("blocks") or []
    end_ms = start_ms + round(1000 * float(report["source"]["duration_s"]))
    titles = list(dict.fromkeys(str(block.get("title") or block["exercise"]) for block in blocks))
    yield _file_id(start_ms)
    yield _timer(start_ms, EventType.START)
    yield from (_title(number, title) for number, title in enumerate(titles))
    for index, block in enumerate(blocks):
        yield _set(index, block, titles.index(str(block.get("title") or block["exercise"])), start_ms)
    yield from (_record(time_ms) for time_ms in (start_ms, end_ms))  # an activity without any is not valid
    yield _timer(end_ms, EventType.STOP_ALL)
    yield from _totals(start_ms, end_ms)


def _file_id(start_ms: int) -> DataMessage:
    from fit_tool.profile.messages.file_id_message import FileIdMessage
    from fit_tool.profile.profile_type import FileType, Manufacturer

    message = FileIdMessage()
    message.type = FileType.ACTIVITY
    message.manufacturer = Manufacturer.DEVELOPMENT.value
    message.product = 0
    message.serial_number = 1
    message.time_created = start_ms
    return message


def _timer(time_ms: int, kind: Any) -> DataMessage:
    from fit_tool.profile.messages.event_message import EventMessage
    from fit_tool.profile.profile_type import Event

    message = EventMessage()
    message.timestamp = time_ms
    message.event = Event.TIMER
    message.event_type = kind
    return message


def _record(time_ms: int) -> DataMessage:
    from fit_tool.profile.messages.record_message import RecordMessage

    message = RecordMessage()
    message.timestamp = time_ms
    return message


def _title(number: int, title: str) -> DataMessage:
    from fit_tool.profile.messages.exercise_title_message import ExerciseTitleMessage
    from fit_tool.profile.profile_type import ExerciseCategory

    message = ExerciseTitleMessage()
    message.message_index = number
    message.exercise_category = ExerciseCategory.UNKNOWN
    message.exercise_name = number
    message.workout_step_name = title.encode()[:LONGEST_TITLE].decode(errors="ignore")
    return message


def _set(index: int, block: Mapping[str, Any], title: int, start_ms: int) -> DataMessage:
    from fit_tool.profile.messages.set_message import SetMessage
    from fit_tool.profile.profile_type import ExerciseCategory, SetType

    message = SetMessage()
    message.message_index = index
    message.set_type = SetType.ACTIVE
    message.start_time = start_ms + round(1000 * float(block["start_s"]))
    message.timestamp = start_ms + round(1000 * float(block["end_s"]))
    message.duration = float(block["end_s"]) - float(block["start_s"])
    message.category = [ExerciseCategory.UNKNOWN.value]
    message.category_subtype = [title]
    repetitions = repetitions_of(block)
    if repetitions is not None:
        message.repetitions = repetitions
    return message


def _totals(start_ms: int, end_ms: int) -> Sequence[DataMessage]:
    from fit_tool.profile.messages.activity_message import ActivityMessage
    from fit_tool.profile.messages.lap_message import LapMessage
    from fit_tool.profile.messages.session_message import SessionMessage
    from fit_tool.profile.profile_type import Activity, Event, EventType, Sport, SubSport

    seconds = (end_ms - start_ms) / 1000
    lap, session = LapMessage(), SessionMessage()
    for message in (lap, session):
        message.message_index = 0
        message.timestamp = end_ms
        message.start_time = start_ms
        message.total_elapsed_time = seconds
        message.total_timer_time = seconds
        message.sport = Sport.TRAINING
        message.sub_sport = SubSport.FLEXIBILITY_TRAINING
    session.first_lap_index = 0
    session.num_laps = 1
    activity = ActivityMessage()
    activity.timestamp = end_ms
    activity.total_timer_time = seconds
    activity.num_sessions = 1
    activity.type = Activity.MANUAL
    activity.event = Event.ACTIVITY
    activity.event_type = EventType.STOP
    return [lap, session, activity]
