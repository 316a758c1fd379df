"""Files of the learner: read no further than is sensible, and written so that they are whole whatever happens."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from studytui.errors import StoreError

LOCK_SECONDS: Final = 5.0
"""How long a change waits for another window that is changing a file of the same folder."""
_ABANDONED_S: Final = 3600
_SUFFIX: Final = ".new"
_ATTEMPTS: Final = 5


def read_at_most(path: Path, largest: int) -> bytes:
    """The bytes of a regular file of at most `largest` bytes. Never waits and never reads on without an end.

    Raises:
        OSError: it is missing, unreadable, too large, or no file but a folder, a pipe or a device.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        data = b"" if size > largest else file.read(largest + 1)
    if size > largest or len(data) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {_size(largest)}", str(path))
    return data


def open_regular(path: Path) -> BinaryIO:
    """A regular file, open for reading. Never waits.

    Raises:
        OSError: it is missing, unreadable, or no file but a folder, a pipe or a device.
    """
    try:
        _refuse_special(path.stat().st_mode, path)
        file = open(path, "rb", opener=without_waiting)  # noqa: SIM115  the caller's to close
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from error
    try:
        _refuse_special(os.fstat(file.fileno()).st_mode, path)
    except OSError:
        file.close()
        raise
    return file


def is_special(path: Path | str) -> bool:
    """Whether what has that name is no file: a folder, or a pipe or a device, from which reading might never end."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  a Path costs as much as the call
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode)


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file, durably; it holds either what was there or all of `data`.

    A link stays and its target is written; a file that exists keeps its mode. A missing folder is made.

    Raises:
        OSError: nothing was written, and nothing is left over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    target = Path(os.path.realpath(path))
    try:
        before = target.stat()
    except FileNotFoundError:
        before = None
    if before is not None:
        _refuse_special(before.st_mode, target)
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    draft = target.with_name(f"{_prefix(target)}{os.urandom(8).hex()}{_SUFFIX}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            if before is not None:
                _take_over(draft, before)
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    _sync_folder(target.parent)
    _remove_abandoned(target)


def change_text(path: Path, largest: int, edit: Callable[[str], str]) -> None:
    """Write what `edit` makes of the text of a file as it stands now ("" if there is none); nothing if it is the same.

    A mark before the text and the kind of its line ends stay. Two windows that change one file do so one after the
    other; `edit` is called again if a program that knows nothing of this lock wrote the file meanwhile.

    Raises:
        OSError: the file cannot be read or written, or another window holds it; it is as it was.
        UnicodeDecodeError: it is not UTF-8.
        Exception: whatever `edit` raises; the file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(Path(os.path.realpath(path)).parent):
        before = _read_or_nothing(path, largest)
        for _ in range(_ATTEMPTS):
            after = _edited(before, edit)
            if after == before:
                return
            if len(after) > largest:
                raise OSError(errno.EFBIG, f"it would be larger than {_size(largest)}", str(path))
            present = _read_or_nothing(path, largest)
            if present == before:
                write_atomically(path, after)
                return
            before = present
        raise OSError(errno.EAGAIN, "another program keeps writing it", str(path))


def _edited(before: bytes, edit: Callable[[str], str]) -> bytes:
    text = before.decode("utf-8-sig")
    after = edit(text)
    if after == text:
        return before
    if "\r\n" in text and text.count("\r\n") == text.count("\n"):
        after = after.replace("\r\n", "\n").replace("\n", "\r\n")
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    return mark + after.encode()


def _read_or_nothing(path: Path, largest: int) -> bytes:
    try:
        return read_at_most(path, largest)
    except FileNotFoundError:
        return b""


def without_waiting(name: str, flags: int) -> int:
    """An opener for `open` that fails on a pipe where nobody reads or writes at its other end."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def _refuse_special(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))


def _size(count: int) -> str:
    return f"{count // 1_000_000} MB" if count >= 1_000_000 else f"{count // 1000} kB"


def _prefix(target: Path) -> str:
    """How the names of this file's drafts begin."""
    return f".{target.name[:40]}."


def _take_over(draft: Path, before: os.stat_result) -> None:
    """Give the draft the mode of the file that is there, and its owner where the system allows it."""
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(draft, before.st_uid, before.st_gid)
    draft.chmod(stat.S_IMODE(before.st_mode))


def _sync_folder(folder: Path) -> None:
    """Make the renaming durable, on systems that let a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_abandoned(target: Path) -> None:
    """Drafts of this file whose writers were killed."""
    with contextlib.suppress(OSError):
        for entry in target.parent.iterdir():
            ours = entry.name.startswith(_prefix(target)) and entry.name.endswith(_SUFFIX)
            if ours and time.time() - entry.stat().st_mtime > _ABANDONED_S:
                entry.unlink()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the folder against other windows, where the system and its file system can; leaves no file behind."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        until = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise OSError(errno.EAGAIN, "another window is writing it; try again", str(folder)) from None
                time.sleep(0.02)
            except OSError:
                break  # a network file system without locks
            else:
                break
        yield
    finally:
        os.close(handle)


# The folder of the learner's data and settings, where the environment names one


VARIABLE: Final = "STUDYTUI_HOME"
LONGEST: Final = 1000
"""Bytes; room for the names below it within what systems take."""


def chosen_home() -> Path | None:
    """The folder that STUDYTUI_HOME names, from the root on; None if it names none.

    Raises:
        ValueError: no folder can be meant by it; the text says why and what to do.
    """
    value = os.environ.get(VARIABLE, "")
    if not value:
        return None
    wrong = ""
    if not value.strip():
        wrong = "is blank"
    elif len(os.fsencode(value)) > LONGEST:
        wrong = f"is longer than {LONGEST} bytes"
    elif "\0" in value:
        wrong = "holds a character that no folder can have in its name"
    else:
        try:
            return Path(value).expanduser().absolute()
        except (RuntimeError, OSError):
            wrong = f"begins with {Path(value).parts[0]}, and there is no such user"
            if not value.startswith("~"):
                wrong = "is relative, and the folder in which studytui was started is gone"
    raise ValueError(f"{VARIABLE} {wrong}. Set it to a folder you can write to, or unset it.")


# Where the learner's database lives


def data_folder() -> Path:
    """STUDYTUI_HOME if it is set, else the platform's folder for application data.

    Raises:
        StoreError: STUDYTUI_HOME can name no folder.
    """
    try:
        home = chosen_home()
    except ValueError as error:
        raise StoreError(str(error)) from None
    if home is not None:
        return home
    from platformdirs import user_data_path

    return user_data_path("studytui", appauthor=False)


def cache_folder() -> Path:
    """Where what can be made again is kept: `cache` in STUDYTUI_HOME if it is set, else the platform's cache folder.

    Raises:
        StoreError: STUDYTUI_HOME can name no folder.
    """
    home = data_folder()
    if os.environ.get(VARIABLE):
        return home / "cache"
    from platformdirs import user_cache_path

    return user_cache_path("studytui", appauthor=False)
