"""The next step: one at a time, only after clean sessions, back after pain or a long break, always with its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from formcheck.errors import ExerciseFileError
from formcheck.history import STOP, FiledBlock, FiledSession, Movement
from formcheck.messages import page_catalogue
from formcheck.progression import FILE, Suggestion, progressions, stage_in_words, suggest
from formcheck.registry import exercise_ids

START = datetime(2024, 5, 6, 18, 0, tzinfo=UTC)
HOLD = "ball_back_stretch"


def held(
    day: int, seconds: float, n: int = 3, *, clean: bool = True, hurt: frozenset[str | None] = frozenset()
) -> FiledSession:
    movements = tuple(Movement("hold", None, True, clean, held_s=seconds) for _ in range(n))
    block = FiledBlock(HOLD, "Ball back stretch", "deg", movements, {}, None, None, None)
    when = START + timedelta(days=day)
    return FiledSession(day, when, "x", 60.0, True, None, None, None, (block,), hurt)


def after(*sessions: FiledSession, days: int = 1, **more: object) -> Suggestion:
    today = max(s.recorded_at for s in sessions).date() + timedelta(days=days)
    found = suggest(HOLD, sessions, today, **more)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_stretch_is_held_longer_by_five_seconds_then_more_often() -> None:
    stages = [stage_in_words(stage) for stage in progressions().exercises[HOLD].stages]
    assert stages == [
        "3 times, 15 s each",
        "3 times, 20 s each",
        "3 times, 25 s each",
        "3 times, 30 s each",
        "4 times, 30 s each",
        "5 times, 30 s each",
    ]


def test_lifts_become_more_then_longer() -> None:
    stages = [stage_in_words(stage) for stage in progressions().exercises["back_extension"].stages]
    assert stages[0] == "8 times, 3 s each"
    assert stages[2] == "10 times, 3 s each"
    assert stages[-1] == "10 times, 5 s each"


def test_every_rule_belongs_to_a_movement_and_changes_one_thing_at_a_time() -> None:
    rules = progressions().exercises
    assert len(rules) >= 8
    assert set(rules) <= set(exercise_ids())
    for rule in rules.values():
        for before, later in zip(rule.stages, rule.stages[1:], strict=False):
            assert sum(before[what] != later[what] for what in before) == 1


def test_two_clean_sessions_lead_one_step_up() -> None:
    assert after(held(0, 16)).words == "3 times, 15 s each"
    found = after(held(0, 16), held(2, 16))
    assert (found.words, found.change) == ("3 times, 20 s each", "up")
    assert found.reason == "The sessions of 6 May and 8 May were clean, and nothing hurt."


def test_who_holds_for_long_at_once_still_takes_one_step_at_a_time() -> None:
    assert after(held(0, 60), held(2, 60)).index == 1
    assert after(held(0, 60), held(2, 60), held(4, 60)).index == 1
    assert after(*(held(day, 60) for day in range(0, 8, 2))).index == 2


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (held(2, 12), "0 of 3 were held for 15 s"),
        (held(2, 16, n=2), "2 of 3 were counted"),
        (held(2, 16, clean=False), "0 of 3 were clean"),
    ],
)
def test_session_that_lacks_something_leads_nowhere_and_says_why(second: FiledSession, why: str) -> None:
    found = after(held(0, 16), second)
    assert (found.index, found.change) == (0, "stay")
    assert why in found.reason
    assert after(held(0, 16), second, held(4, 16)).index == 0, "clean sessions must follow one another"


def test_two_sessions_of_a_day_are_one() -> None:
    assert after(held(0, 16), held(0, 16)).index == 0


def test_pain_leads_a_step_back_and_says_to_stop() -> None:
    climbed = [held(day, 30) for day in (0, 2, 4, 6)]
    assert after(*climbed).index == 2
    found = after(*climbed, held(8, 30, hurt=frozenset({HOLD})))
    assert (found.index, found.change) == (1, "hurt")
    assert found.words == "Leave it out for now"
    assert STOP in found.reason
    assert "14 May" in found.reason
    anywhere = after(*climbed, held(8, 30, hurt=frozenset({None})))
    assert anywhere.index == 1, "a session that hurt as a whole"
    other = after(*climbed, held(8, 30, hurt=frozenset({"seated_twist"})))
    assert other.index == 2, "another movement that hurt"
    outside = after(*climbed, days=3, pain=[(HOLD, date(2024, 5, 13))])
    assert (outside.index, outside.change) == (1, "hurt")
    assert after(*climbed, held(8, 30, hurt=frozenset({HOLD})), held(10, 30)).words == "3 times, 20 s each"


def test_long_break_leads_a_step_back() -> None:
    climbed = [held(day, 30) for day in (0, 2)]
    assert after(*climbed, days=20).index == 1
    found = after(*climbed, days=40)
    assert (found.index, found.change) == (0, "back")
    assert "40 days without it" in found.reason
    back_again = after(*climbed, held(42, 30), days=1)
    assert (back_again.index, back_again.change) == (0, "stay")


def test_refused_step_is_not_taken_and_comes_again_after_two_more_clean_sessions() -> None:
    climbed = [held(day, 30) for day in (0, 2)]
    no = [(HOLD, date(2024, 5, 9))]
    assert after(*climbed, days=2, refused=no).index == 0
    assert after(*climbed, held(4, 30), refused=no).index == 0
    assert after(*climbed, held(4, 30), held(6, 30), refused=no).index == 1


def test_what_comes_after_the_last_step_is_told_only_there() -> None:
    last = after(*(held(day, 40, n=5) for day in range(0, 24, 2)))
    assert last.index == last.n_stages - 1
    assert last.then is not None
    assert "larger ball" in last.then
    assert after(*(held(day, 40, n=5) for day in range(0, 6, 2))).then is None


def test_breaths_that_were_seen_count_and_seconds_stand_for_those_that_were_not() -> None:
    def opened(day: int, seconds: float, breaths: int | None) -> FiledSession:
        hold = Movement("hold", None, True, True, held_s=seconds)
        block = FiledBlock("chest_opener", "Chest opener", "deg", (hold,), {}, None, breaths, None)
        when = START + timedelta(days=day)
        return FiledSession(day, when, "x", 60.0, True, None, None, None, (block,), frozenset())

    def index(seconds: float, breaths: int | None) -> int:
        found = suggest("chest_opener", [opened(d, seconds, breaths) for d in (0, 2)], date(2024, 5, 9))
        assert found is not None
        return found.index

    assert index(10.0, 3) == 1
    assert index(10.0, 2) == 0
    assert index(10.0, None) == 0
    assert index(18.0, None) == 1


def test_movement_without_a_rule_has_no_next_step() -> None:
    assert suggest("savasana", [], date(2024, 5, 6)) is None


def test_rule_that_leads_downhill_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    wrong = FILE.read_text(encoding="utf-8").replace("to = 10 ", "to = 5 ", 1)
    (tmp_path / "rules.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(ExerciseFileError, match="from less to more"):
        progressions(tmp_path / "rules.toml")


def test_every_word_of_the_rules_has_a_german_one() -> None:
    german = page_catalogue("de")
    rules = progressions()
    assert len(rules.exercises) >= 12
    assert [rule.then for rule in rules.exercises.values() if german.say(rule.then) == rule.then] == []
    stages = {stage_in_words(stage) for rule in rules.exercises.values() for stage in rule.stages if stage}
    assert stages
    for words in stages:
        assert not {"times", "each", "breaths"} & set(german.say(words).replace(",", "").split()), words
