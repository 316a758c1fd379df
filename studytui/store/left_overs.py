"""Files that a killed process left half-made: copies in the making carry its number in their names."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

BACKUPS: Final = "backups"
"""The folder of the backups, beside a database's name."""
STALE_SECONDS: Final = 86_400
_PARTIAL: Final = r"(?:\.(?P<pid>\d+))?\.[^.]+\.partial(?:-journal|-wal|-shm)?$|\.restoring$"


def remove_left_overs(folder: Path) -> None:
    """Remove from a folder what no living process is making."""
    for path in left_overs(folder):
        with suppress(OSError):
            path.unlink()


def left_overs(folder: Path) -> Iterator[Path]:
    """The half-made copies in a folder whose makers are gone; where that cannot be told, those older than a day."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            # Each start comes by here, and hardly any meets such a file: the pattern is compiled for those alone.
            is_likely = ".partial" in entry.name or ".restoring" in entry.name
            match = re.search(_PARTIAL, entry.name) if is_likely else None
            if match is not None and (_is_gone(match["pid"]) or _is_old(entry)):
                yield Path(entry.path)


def _is_gone(pid: str | None) -> bool:
    if pid is None or os.name != "posix":
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _is_old(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        return entry.stat().st_mtime < time.time() - STALE_SECONDS
    return False
