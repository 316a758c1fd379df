"""Files of the learner: read no further than is sensible, and written so that they are whole whatever happens."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path


def read_at_most(path: Path, largest: int) -> bytes:
    """The bytes of a regular file of at most `largest` bytes. Never waits and never reads on without an end.

    Raises:
        OSError: it is missing, unreadable, too large, or no file but a folder, a pipe or a device.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no file but a folder, a pipe or a device", str(path))
    with path.open("rb") as file:
        data = file.read(largest + 1)
    if len(data) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {largest // 1_000_000} MB", str(path))
    return data


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file, durably; it holds either what was there or all of `data`.

    A link stays and its target is written; a file that exists keeps its mode. A missing folder is made.

    Raises:
        OSError: nothing was written, and nothing is left over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    target = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:80]}.", suffix=".new", dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            draft.chmod(_mode_of(target))
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    with contextlib.suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _mode_of(target: Path) -> int:
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
