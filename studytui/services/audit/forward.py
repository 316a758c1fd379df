"""The cards of the shortest path brought forward to the first day on which recalling them counts; one key undoes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studytui.domain.gate_path import CardStep
from studytui.services.audit.standing import Standing
from studytui.services.card_acts import set_due_together
from studytui.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Moved:
    """Cards that were brought forward; `uid` is the group that `card_acts.take_back` takes."""

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
    days = {standing.cards[step.key].no: step.on for step in steps}
    return Moved(set_due_together(workspace, days), steps)
