"""What a test needs of the system: another user, a full disk, a process of its own. As Linux has them."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Root may write anywhere; a test of permissions is done as somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """The system refuses to write a file beyond so many bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def with_root() -> dict[str, str]:
    """The environment of a script that imports from this repository."""
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
