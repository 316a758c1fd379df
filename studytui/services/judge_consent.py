"""To which addresses the learner agreed to send answers; asked once for each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from studytui.services.judge import Judge

FILE: Final = "judge-consent.json"


def agreed(folder: Path, judge: Judge) -> bool:
    """The learner has seen what is sent to this address, and agreed. A file that cannot be read is no consent."""
    return judge.endpoint in _addresses(folder)


def agree(folder: Path, judge: Judge) -> None:
    """Remember the consent. If it cannot be written, it is asked for again next time."""
    addresses = sorted({*_addresses(folder), judge.endpoint})
    path = folder / FILE
    new = path.with_suffix(".new")
    try:
        new.write_text(json.dumps(addresses, indent=2), encoding="utf-8")
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)


def _addresses(folder: Path) -> list[str]:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
