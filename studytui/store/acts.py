"""What each act that is no answer may change about a card."""

from __future__ import annotations

from dataclasses import replace

from studytui.store.records import Action, CardState


def changed(action: Action, present: CardState, wanted: CardState) -> CardState:
    """The card's present state with what `action` is about taken from `wanted`.

    `wanted` was made from what a screen showed. Another window may have answered the card since, so nothing else is
    taken from it.

    Raises:
        ValueError: an answer or an undo is no such act.
    """
    match action:
        case "suspend":
            return replace(present, suspended=wanted.suspended)
        case "unsuspend":
            return replace(present, suspended=wanted.suspended, leech=wanted.leech)
        case "bury" | "unbury":
            return replace(present, buried_on=wanted.buried_on)
        case "flag" | "unflag":
            return replace(present, flagged=wanted.flagged)
        case "set_due":
            schedule = replace(present.schedule, due_on=wanted.schedule.due_on, reask_on=wanted.schedule.reask_on)
            return replace(present, schedule=schedule)
        case "reset":
            return replace(present, schedule=wanted.schedule, buried_on=wanted.buried_on, leech=wanted.leech)
        case "cram":
            return present
    raise ValueError(f"{action!r} is no act on a card")
