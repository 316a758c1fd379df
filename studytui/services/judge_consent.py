"""To which addresses the learner agreed to send answers; asked once for each."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from studytui.services.judge import KEY_VARIABLE, Judge, judge_key
from studytui.store import StoreError

if TYPE_CHECKING:
    from studytui.services.workspace import Workspace

SCOPE: Final = "judge-consent"


def agreed(workspace: Workspace, judge: Judge) -> bool:
    """The learner has seen what is sent to this address, and agreed. A note that cannot be read is no consent."""
    try:
        return workspace.store.state(SCOPE, judge.endpoint, bool) or False
    except (StoreError, ValueError):
        return False


def agree(workspace: Workspace, judge: Judge) -> None:
    """Remember the consent. If it cannot be written, it is asked for again next time."""
    with suppress(StoreError):
        workspace.store.put_state(SCOPE, judge.endpoint, True, at=workspace.clock.now())


def consent_text(judge: Judge) -> str:
    """Where answers would go, and what besides; for the question whether they may."""
    with_key = f"Your key from {KEY_VARIABLE} goes with it." if judge_key() else "No key goes with it."
    open_line = (
        " Nothing leaves this machine." if judge.is_here
        else "" if judge.is_encrypted
        else " The connection is not encrypted: anybody on the way can read it."
    )  # fmt: skip
    return (
        f"A judge is set: {judge.model} at {judge.endpoint}. For each written answer this would be sent there: the "
        f"question, its key points and your answer. {with_key}{open_line} This is all of it for this answer:"
    )


def shown_body(body: dict[str, Any]) -> str:
    """What would be sent, in full, laid out to be read."""
    shown = dict(body)
    shown["messages"] = [
        {"role": each["role"], "content": _unpacked(each["content"])} for each in body.get("messages", [])
    ]
    return json.dumps(shown, ensure_ascii=False, indent=1)


def _unpacked(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
