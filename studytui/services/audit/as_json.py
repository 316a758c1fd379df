"""A standing at a gate as JSON with stable keys, for scripts."""

from __future__ import annotations

from typing import Any

from studytui.domain.gate import WORDS, ItemVerdict, PartVerdict, RetentionVerdict
from studytui.domain.gate_path import Path
from studytui.services.audit.standing import Standing
from studytui.services.audit.words import gate_line


def to_json(standing: Standing) -> dict[str, Any]:
    """Keys: gate, title, unlocks, day, state, ready, faded, override, retention_on, items, path.

    An item has id, title, verdict, faded, parts and retention; a part has id, kind, title, verdict, right, wanted, day,
    said and missing; the retention part has verdict, by, first_on, test_out_on, test_out_days and objectives.
    """
    verdict, override = standing.verdict, standing.log.override
    return {
        "gate": standing.gate.id,
        "title": standing.gate.title,
        "unlocks": standing.gate.unlocks,
        "day": verdict.day.isoformat(),
        "state": gate_line(standing),
        "ready": verdict.is_ready,
        "faded": verdict.has_faded,
        "override": override and {"reason": override.reason, "day": override.day.isoformat()},
        "retention_on": _day(verdict.retention_on),
        "items": [_item(item) for item in verdict.items],
        "path": _path(standing.path),
    }


def _item(item: ItemVerdict) -> dict[str, Any]:
    return {
        "id": item.item.id,
        "title": item.item.title,
        "verdict": WORDS[item.state],
        "faded": item.has_faded,
        "parts": [_part(part) for part in item.parts],
        "retention": _retention(item.retention),
    }


def _part(part: PartVerdict) -> dict[str, Any]:
    last = part.last
    return {
        "id": part.key,
        "kind": part.part.kind,
        "title": part.part.title,
        "verdict": WORDS[part.state],
        "right": part.right,
        "wanted": part.wanted,
        "day": _day(last.day) if last else None,
        "said": last.said if last else None,
        "missing": list(last.missing) if last else [],
    }


def _retention(retention: RetentionVerdict) -> dict[str, Any]:
    return {
        "verdict": WORDS[retention.state],
        "by": retention.by or None,
        "first_on": _day(retention.first_on),
        "test_out_on": _day(retention.test_out_on),
        "test_out_days": [day.isoformat() for day in retention.test_out_days],
        "objectives": [
            {
                "id": one.objective,
                "recalled_on": [day.isoformat() for day in one.spaced],
                "lapsed": list(one.lapsed),
                "met": one.is_met,
                "first_on": _day(one.first_on),
            }
            for one in retention.objectives
        ],
    }


def _path(path: Path) -> dict[str, Any]:
    return {
        "sections": list(path.sections),
        "answer": list(path.answer),
        "labs": list(path.labs),
        "cards": [
            {"id": step.key, "on": step.on.isoformat(), "bring_forward": step.moves, "suspended": step.suspended}
            for step in path.cards
        ],
        "without_card": list(path.without_card),
        "retention_on": _day(path.retention_on),
    }


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()
