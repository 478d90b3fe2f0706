"""A session as a FHIR R4 Bundle: one Observation for each block, and the CodeSystem that states its codes."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from formcheck.export.files import plain

SYSTEM: Final = "urn:formcheck:codes"
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, SYSTEM)
_UCUM: Final = "http://unitsofmeasure.org"
_ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"

# code: (display, definition, unit as UCUM writes it, unit as people write it)
_COMPONENTS: Final[dict[str, tuple[str, str, str, str]]] = {
    "repetitions": ("Repetitions", "Complete movements out and back that were counted", "{repetition}", "repetitions"),
    "rounds": ("Rounds", "Rounds (right and left) that were counted", "{round}", "rounds"),
    "holds": ("Holds", "Postures kept long enough to be counted", "{hold}", "holds"),
    "circles_cw": ("Clockwise circles", "As the person sees them from above", "{circle}", "circles"),
    "circles_ccw": ("Counter-clockwise circles", "As the person sees them from above", "{circle}", "circles"),
    "not_counted": ("Not counted", "Movements begun that were not counted", "{repetition}", "movements"),
    "held": ("Time held", "Seconds held in the band, of the counted holds together", "s", "s"),
    "longest_hold": ("Longest hold", "Seconds held in the band, of the longest counted hold", "s", "s"),
    "range_of_motion": (
        "Range of motion",
        "Median over the counted movements of the driving measure's range, seen by one camera",
        "deg",
        "degrees",
    ),
    "duration": ("Duration", "From the beginning of the block to its end", "s", "s"),
    "score": ("Score", "Mean of the parts that could be judged, 0 to 100", "{score}", "of 100"),
    "symmetry": ("Symmetry", "Smaller over larger mean range of the sides, percent", "%", "%"),
}
_COUNTS: Final = ("repetitions", "rounds", "holds", "circles_cw", "circles_ccw")


def fhir_bundle(report: Mapping[str, Any], started: datetime) -> dict[str, Any]:
    """The content of a FHIR R4 Bundle of type "collection".

    It names no patient. A block that counts something which could not be told has the component with the reason
    "unknown"; what a kind of movement does not count has no component.

    Args:
        report: content of report.json.
        started: when the session began, with its offset.
    """
    report = plain(report)
    blocks = report.get("blocks") or []
    resources = [_code_system(blocks), *(_observation(block, report, started) for block in blocks)]
    end = started + timedelta(seconds=float(report["source"]["duration_s"]))
    key = f"{started.isoformat()} {report['source'].get('frames')}"
    return {
        "resourceType": "Bundle",
        "id": _id(key),
        "type": "collection",
        "timestamp": _instant(end),
        "entry": [
            {"fullUrl": f"urn:uuid:{_id(key, number)}", "resource": {**resource, "id": _id(key, number)}}
            for number, resource in enumerate(resources)
        ],
    }


def _id(*parts: Any) -> str:
    """The same for the same session, so that receiving it twice makes nothing twice."""
    return str(uuid.uuid5(_NAMESPACE, " ".join(map(str, parts))))


def _instant(time: datetime) -> str:
    return time.astimezone().isoformat(timespec="seconds")


def _code_system(blocks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    titles = {str(block["exercise"]): str(block.get("title") or block["exercise"]) for block in blocks}
    concepts = [{"code": code, "display": row[0], "definition": row[1]} for code, row in _COMPONENTS.items()]
    concepts += [{"code": f"exercise-{name}", "display": title} for name, title in titles.items()]
    return {
        "resourceType": "CodeSystem",
        "url": SYSTEM,
        "name": "FormcheckCodes",
        "title": "What formcheck counts and measures",
        "status": "active",
        "content": "complete",
        "caseSensitive": True,
        "count": len(concepts),
        "concept": concepts,
    }


def _coding(code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": SYSTEM, "code": code, "display": display}], "text": display}


def _observation(block: Mapping[str, Any], report: Mapping[str, Any], started: datetime) -> dict[str, Any]:
    title = str(block.get("title") or block["exercise"])
    start, end = (started + timedelta(seconds=float(block[key])) for key in ("start_s", "end_s"))
    is_whole = report["source"].get("complete", True)
    version = (report.get("versions") or {}).get("formcheck")
    observation = {
        "resourceType": "Observation",
        "status": "final" if is_whole else "preliminary",
        "category": [{"coding": [{"system": _CATEGORY, "code": "activity", "display": "Activity"}]}],
        "code": _coding(f"exercise-{block['exercise']}", title),
        "effectivePeriod": {"start": _instant(start), "end": _instant(end)},
        "method": {"text": f"Pose estimation in the picture of one camera, view: {block.get('view') or 'unknown'}"},
        "device": {"display": f"formcheck {version or ''}".strip()},
        "component": list(_components(block)),
    }
    if notes := _notes(block):
        observation["note"] = [{"text": text} for text in notes]
    return observation


def _components(block: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    counted, target = block.get("counted") or {}, block.get("target") or {}
    for code in _COUNTS:
        if counted.get(code) is not None or code in target:
            yield _component(code, counted.get(code))
    entries = [*(block.get("repetitions") or ()), *(block.get("circles") or ())] or list(block.get("holds") or ())
    yield _component("not_counted", sum(not entry["counted"] for entry in entries))
    held = [hold["credited_s"] for hold in block.get("holds") or () if hold["counted"]]
    if held:
        yield _component("held", sum(held))
        yield _component("longest_hold", max(held))
    ranges = [r["range"] for r in block.get("repetitions") or () if r["counted"] and r.get("unit") == "deg"]
    if ranges:
        yield _component("range_of_motion", median(ranges))
    yield _component("duration", float(block["end_s"]) - float(block["start_s"]))
    score = block.get("score") or {}
    yield _component("score", score.get("total"))
    if (symmetry := (score.get("parts") or {}).get("symmetry")) is not None:
        yield _component("symmetry", symmetry)


def _component(code: str, value: float | None) -> dict[str, Any]:
    display, _, ucum, unit = _COMPONENTS[code]
    component: dict[str, Any] = {"code": _coding(code, display)}
    if value is None or not math.isfinite(value):
        component["dataAbsentReason"] = {"coding": [{"system": _ABSENT, "code": "unknown", "display": "Unknown"}]}
    else:
        component["valueQuantity"] = {"value": round(value, 3), "unit": unit, "system": _UCUM, "code": ucum}
    return component


def _notes(block: Mapping[str, Any]) -> list[str]:
    """What was corrected and what was not judged, one sentence each."""
    names: dict[str, int] = {}
    for fault in block.get("faults") or ():
        name = str(fault.get("title") or fault["id"])
        names[name] = names.get(name, 0) + 1
    faults = [f"Corrected: {name} ({n} times)." if n > 1 else f"Corrected: {name}." for name, n in names.items()]
    gaps = [
        f"Not judged: {gap.get('what')}: {gap.get('reason')} ({gap['seconds']:.0f} s)."
        for gap in block.get("not_judged") or ()
        if gap.get("seconds") is not None
    ]
    stops = [f"Stopped: {stop['reason']}." for stop in block.get("safety_stops") or ()]
    return [*stops, *faults, *gaps]
