"""The cards as `studytui cards` prints them."""

from __future__ import annotations

from typing import Any

from studytui.services import card_filter, catalogue
from studytui.services.workspace import Workspace


class FilterError(ValueError):
    """A filter that can match nothing; the text names what is wrong in it."""


def listing(workspace: Workspace, filter_text: str = "") -> list[dict[str, Any]]:
    """The cards a filter lets through, each with stable keys: id, kind, section, covers, state, states, due_on,
    interval_days, ease_factor, repetitions, lapses, helpers, lenses, tags, source, front.

    Raises:
        FilterError: the filter names a state or kind that does not exist.
        StoreError: the database cannot be read.
    """
    wanted = card_filter.parse(filter_text)
    if wanted.problem:
        raise FilterError(wanted.problem)
    day = workspace.today()
    rows = []
    for entry in catalogue.select(catalogue.entries(workspace), wanted, day):
        card, schedule = entry.card, entry.state.schedule
        found = card_filter.states(entry, day)
        rows.append(
            {
                "id": card.id,
                "kind": card.kind,
                "section": card.section,
                "covers": list(card.covers),
                "state": found[0],
                "states": found,
                "due_on": schedule.due_on.isoformat() if schedule.due_on else None,
                "interval_days": schedule.interval_days,
                "ease_factor": schedule.ease_factor / 100,
                "repetitions": schedule.repetitions,
                "lapses": schedule.lapses,
                "helpers": list(card.helpers),
                "lenses": list(card.lenses),
                "tags": list(card.tags),
                "source": str(card.source),
                "front": entry.title,
            }
        )
    return rows
