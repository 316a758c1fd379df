"""The cards of the shortest path brought forward to the first day on which recalling them counts; one key undoes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from studytui.domain.gate_path import CardStep
from studytui.services.audit.standing import Standing, today
from studytui.services.clock import new_uid
from studytui.services.workspace import Workspace
from studytui.store import CardState


@dataclass(frozen=True, slots=True)
class Moved:
    """Cards that were brought forward; `uid` is the group that can be taken back."""

    uid: str
    steps: tuple[CardStep, ...]


def bring_forward(workspace: Workspace, standing: Standing, only: Sequence[str] | None = None) -> Moved | None:
    """Make the cards of the path due on their days, all or none; `only` names some. None if none has to move.

    Raises:
        StoreError: nothing was changed.
    """
    steps = tuple(step for step in standing.path.to_move if only is None or step.key in only)
    if not steps:
        return None
    after: dict[int, CardState] = {}
    for step in steps:
        stored = workspace.store.card_by_no(standing.cards[step.key].no)
        if stored is not None:
            after[stored.no] = replace(stored.state, schedule=replace(stored.state.schedule, due_on=step.on))
    uid = new_uid(workspace.clock)
    workspace.store.act_on_many(
        "set_due",
        after,
        at=workspace.clock.now(),
        study_day=today(workspace),
        session_uid=uid,
        new_uid=lambda: new_uid(workspace.clock),
    )
    return Moved(uid, steps)


def take_back(workspace: Workspace, moved: Moved) -> int:
    """Give the cards their days back, except those answered since; returns how many.

    Raises:
        StoreError: nothing was changed.
    """
    return workspace.store.undo_group(
        moved.uid,
        at=workspace.clock.now(),
        study_day=today(workspace),
        session_uid=new_uid(workspace.clock),
        new_uid=lambda: new_uid(workspace.clock),
    )
