"""The database of the history: opened with care, changed all at once, never lost."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from formcheck.errors import HistoryError, why_not_written
from formcheck.history.filed import FiledBlock, FiledSession, Movement, filed_block

STOP: Final = "Stop this movement. Ask a doctor or physiotherapist before you go on with it."
FILE: Final = "history.sqlite3"
_OWN_FILE: Final = re.compile(r"history(\.(damaged|newer|version-\d+)(-\d+)?)?\.sqlite3(-(journal|wal|shm))?")
LARGEST_NUMBER: Final = 2**63 - 1  # of SQLite
WAIT_S: Final = 10.0  # for another formcheck that is just filing

# Statements for each version; a database of version n has run the first n. Never change those that were released.
MIGRATIONS: Final = (
    (
        """CREATE TABLE sessions (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            recorded_at TEXT NOT NULL,
            name TEXT NOT NULL,
            duration_s REAL NOT NULL,
            complete INTEGER NOT NULL,
            routine TEXT,
            blocks_done INTEGER,
            blocks_planned INTEGER,
            formcheck TEXT
        )""",
        """CREATE TABLE blocks (
            session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            exercise TEXT NOT NULL,
            title TEXT NOT NULL,
            content TEXT NOT NULL,
            PRIMARY KEY (session, number)
        )""",
    ),
    (
        """CREATE TABLE pain (
            id INTEGER PRIMARY KEY,
            session INTEGER REFERENCES sessions (id) ON DELETE CASCADE,
            exercise TEXT,
            marked_at TEXT NOT NULL
        )""",
        "CREATE TABLE refusals (id INTEGER PRIMARY KEY, exercise TEXT NOT NULL, refused_at TEXT NOT NULL)",
    ),
)
VERSION: Final = len(MIGRATIONS)


class History:
    """The database in a folder; use as a context manager.

    Raises:
        HistoryError: it is damaged (a copy is kept), made by a newer version (nothing is changed), or cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)  # nobody else's business
            self._db = sqlite3.connect(self.path, timeout=WAIT_S, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise self._not_opened(error) from error
        try:
            self._prepare()
        except sqlite3.OperationalError as error:
            self._db.close()
            raise self._not_now(error) from error
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise self._damaged() from error
        except HistoryError:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        if isinstance(error, sqlite3.Error):  # while it was read: another one may hold it for long
            raise self._not_now(error) from error

    # -- opening ------------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA secure_delete = ON")  # what is deleted shall not stay readable in the file
        version = self._version()
        if version > VERSION:
            raise HistoryError(
                f"{self.path}: this history was made by a newer formcheck (version {version} of it, this one knows "
                f"{VERSION}); update formcheck. Nothing was changed."
            )
        (verdict,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        if 0 < version < VERSION:
            self._keep_copy(f"version-{version}")
        if version < VERSION:
            self._migrate()

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def _migrate(self) -> None:
        with self._change() as db:
            version = self._version()  # asked again: another formcheck may just have done it
            for number, statements in enumerate(MIGRATIONS[version:], version + 1):
                for statement in statements:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")

    def _not_opened(self, error: OSError | sqlite3.Error) -> HistoryError:
        why = why_not_written(error) if isinstance(error, OSError) else error
        return HistoryError(f"{self.path}: the history cannot be opened ({why}); choose another --data-dir")

    def _not_now(self, error: sqlite3.Error) -> HistoryError:
        return HistoryError(f"{self.path}: the history cannot be used now ({error}); try again")

    def _damaged(self) -> HistoryError:
        kept = self._keep_copy("damaged")
        told = HistoryError(
            f"{self.path}: the history is damaged and was left as it is; a copy is kept as {kept.name}. "
            "To begin a new one: formcheck history --delete all"
        )
        told.kept = kept
        return told

    def _keep_copy(self, why: str) -> Path:
        try:
            return self._copied(why)
        except OSError as error:
            raise self._not_opened(error) from error

    def _copied(self, why: str) -> Path:
        copy = self.path.with_name(f"{self.path.stem}.{why}{self.path.suffix}")
        if copy.exists() and copy.read_bytes() == self.path.read_bytes():
            return copy
        number = 1
        while copy.exists():
            number += 1
            copy = self.path.with_name(f"{self.path.stem}.{why}-{number}{self.path.suffix}")
        shutil.copyfile(self.path, copy)
        return copy

    # -- writing ------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise HistoryError(f"{self.path}: the history cannot be written ({error})") from error

    def file(self, report: Mapping[str, Any], name: str, filed_at: datetime) -> int:
        """Files a session and returns its number; one that was filed before is replaced, and keeps its pain marks.

        Pain marks of the report become marks of the session.

        Args:
            report: content of report.json.
            name: what the session is called in the list, such as the recording's name.
            filed_at: now, for a recording that does not tell its own time.
        """
        source = report["source"]
        recorded = source.get("recorded_at") or filed_at.isoformat(timespec="seconds")
        planned = [b for b in (report.get("routine") or {}).get("blocks", ()) if not b["optional"]]
        row = {
            "key": _key(source, name),
            "recorded_at": recorded,
            "name": name.encode(errors="replace").decode(),  # of a file: not every one is text
            "duration_s": float(source["duration_s"]),
            "complete": int(source.get("complete", True)),
            "routine": (report.get("routine") or {}).get("id"),
            "blocks_done": sum(b["status"] == "done" for b in planned) if planned else None,
            "blocks_planned": len(planned) or None,
            "formcheck": (report.get("versions") or {}).get("formcheck"),
        }
        names, values = ", ".join(row), ", ".join(f":{key}" for key in row)
        updates = ", ".join(f"{key} = excluded.{key}" for key in row if key not in ("key", "recorded_at"))
        with self._change() as db:
            db.execute(  # of an older version: it has its new key from now on
                "UPDATE OR IGNORE sessions SET key = ? WHERE key = ? AND name = ?",
                (row["key"], _key_by_time(source, name), row["name"]),
            )
            db.execute(
                f"INSERT INTO sessions ({names}) VALUES ({values}) ON CONFLICT (key) DO UPDATE SET {updates}", row
            )
            (number,) = db.execute("SELECT id FROM sessions WHERE key = :key", row).fetchone()
            db.execute("DELETE FROM blocks WHERE session = ?", (number,))
            for i, block in enumerate(map(filed_block, report["blocks"]), 1):
                content = {k: v for k, v in asdict(block).items() if k not in ("exercise", "title")}
                db.execute(
                    "INSERT INTO blocks VALUES (?, ?, ?, ?, ?)",
                    (number, i, block.exercise, block.title, json.dumps(content)),
                )
            for exercise in {mark["exercise"] for mark in report.get("pain") or ()}:
                db.execute(
                    "INSERT INTO pain (session, exercise, marked_at) SELECT ?1, ?2, ?3 "
                    "WHERE NOT EXISTS (SELECT 1 FROM pain WHERE session = ?1 AND exercise IS ?2)",
                    (number, exercise, recorded),
                )
        return int(number)

    def mark_pain(self, session: int | None, exercise: str | None, at: datetime) -> str:
        """Keeps that a movement hurt (None: all of the session, or outside of any); returns what to say at once."""
        if session is not None:
            self._check(session)
        with self._change() as db:
            db.execute(
                "INSERT INTO pain (session, exercise, marked_at) VALUES (?, ?, ?)",
                (session, exercise, at.isoformat(timespec="seconds")),
            )
        return STOP

    def refuse(self, exercise: str, at: datetime) -> None:
        """Keeps that the next step of a movement is not wanted now."""
        with self._change() as db:
            db.execute(
                "INSERT INTO refusals (exercise, refused_at) VALUES (?, ?)",
                (exercise, at.isoformat(timespec="seconds")),
            )

    def delete(self, session: int) -> None:
        """Forgets one session."""
        self._check(session)
        with self._change() as db:
            db.execute("DELETE FROM sessions WHERE id = ?", (session,))

    def _check(self, session: int) -> None:
        is_number = session <= LARGEST_NUMBER  # others cannot even be asked for
        if not is_number or not self._db.execute("SELECT 1 FROM sessions WHERE id = ?", (session,)).fetchone():
            raise HistoryError(f"there is no session {session} in the history; `formcheck history` lists them")

    # -- reading ------------------------------------------------------------------------------------------------------

    def sessions(self) -> list[FiledSession]:
        """All sessions in order of time."""
        blocks: dict[int, list[FiledBlock]] = {}
        for session, exercise, title, content in self._db.execute(
            "SELECT session, exercise, title, content FROM blocks ORDER BY session, number"
        ):
            values = json.loads(content)
            values["movements"] = tuple(Movement(**m) for m in values["movements"])
            blocks.setdefault(session, []).append(FiledBlock(exercise, title, **values))
        hurt: dict[int, set[str | None]] = {}
        for session, exercise in self._db.execute("SELECT session, exercise FROM pain WHERE session IS NOT NULL"):
            hurt.setdefault(session, set()).add(exercise)
        rows = self._db.execute(
            "SELECT id, recorded_at, name, duration_s, complete, routine, blocks_done, blocks_planned FROM sessions"
        )
        found = [
            FiledSession(
                number,
                _here(recorded_at),
                name,
                duration_s,
                bool(is_complete),
                routine,
                blocks_done,
                blocks_planned,
                tuple(blocks.get(number, ())),
                frozenset(hurt.get(number, ())),
            )
            for number, recorded_at, name, duration_s, is_complete, routine, blocks_done, blocks_planned in rows
        ]
        return sorted(found, key=lambda session: (session.recorded_at, session.id))

    def pain(self) -> list[tuple[str | None, datetime]]:
        """Movements that were marked as painful outside of any session (None: all), and when."""
        rows = self._db.execute("SELECT exercise, marked_at FROM pain WHERE session IS NULL ORDER BY marked_at")
        return [(exercise, _here(at)) for exercise, at in rows]

    def refusals(self) -> list[tuple[str, datetime]]:
        """Movements whose next step was refused, and when."""
        rows = self._db.execute("SELECT exercise, refused_at FROM refusals ORDER BY refused_at")
        return [(exercise, _here(at)) for exercise, at in rows]

    def everything(self) -> dict[str, Any]:
        """All that is kept, as JSON values."""
        return {
            "schema": VERSION,
            "sessions": [
                {**asdict(s), "recorded_at": s.recorded_at.isoformat(), "hurt": sorted(s.hurt, key=str)}
                for s in self.sessions()
            ],
            "pain": [{"exercise": exercise, "marked_at": at.isoformat()} for exercise, at in self.pain()],
            "refusals": [{"exercise": exercise, "refused_at": at.isoformat()} for exercise, at in self.refusals()],
        }


def delete_all(folder: Path) -> Path | None:
    """Forgets everything, old copies too; one that cannot be opened is kept under another name, which is returned.

    Raises:
        HistoryError: the files cannot be removed.
    """
    path = folder / FILE
    kept: Path | None = None
    try:
        with History(folder):
            old = [file for file in folder.iterdir() if _OWN_FILE.fullmatch(file.name)]
    except HistoryError as error:
        old, kept = [path], error.kept or path.with_name(f"{path.stem}.newer{path.suffix}")
    try:
        if kept is not None and not kept.exists():
            path.replace(kept)
        for file in old:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise HistoryError(f"{path}: the history cannot be deleted ({error.strerror or error})") from error
    return kept


def _here(iso: str) -> datetime:
    """A moment as this computer's clock shows it now: what was done on which day is asked of one calendar."""
    return datetime.fromisoformat(iso).astimezone()


def _key(source: Mapping[str, Any], name: str) -> str:
    """The same for the same recording however often it is analysed."""
    if content := source.get("content"):
        return hashlib.sha256(f"content {content}".encode()).hexdigest()
    return _key_by_time(source, name)


def _key_by_time(source: Mapping[str, Any], name: str) -> str:
    """As older versions told recordings apart, and runs of `formcheck live`, which have no file, still are."""
    what = [source.get("recorded_at") or name, source.get("frames"), source.get("width"), source.get("height")]
    return hashlib.sha256(json.dumps([*what, source["duration_s"]]).encode()).hexdigest()
