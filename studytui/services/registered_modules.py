"""Modules behind gates: which folder holds them, as the learner's state keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from studytui.store import Store

SCOPE: Final = "modules"


@dataclass(frozen=True, slots=True)
class Registered:
    """A module's course and its folder, and the gate that has to be passed before: of which course, in which folder.

    `root` is "" for the course that comes with the app, wherever that is installed.
    """

    course: str
    folder: str
    gate: str
    gate_course: str
    root: str

    @classmethod
    def read(cls, noted: Any) -> Self:
        """What was registered from its JSON; raises one of `learner_state.UNREADABLE` if it is nothing."""
        texts = {name: str(noted[name]) for name in ("course", "folder", "gate", "gate_course", "root")}
        if any("\0" in text for text in texts.values()):
            raise ValueError("no folder has such a name")
        return cls(**texts)

    @property
    def name(self) -> str:
        """Under which the database keeps it: a gate unlocks one module."""
        return f"{self.gate_course}/{self.gate}"


def register(store: Store, entry: Registered, *, at: datetime) -> None:
    """Note where a module is; an earlier note of the same gate is replaced.

    Raises:
        StoreError: the note cannot be written.
    """
    store.put_state(SCOPE, entry.name, asdict(entry), at=at)


def registered(store: Store, gate_course: str, gate: str) -> Registered | None:
    """The module that was noted for a gate. Raises StoreError."""
    return next((each for each in all_registered(store) if (each.gate_course, each.gate) == (gate_course, gate)), None)


def all_registered(store: Store) -> list[Registered]:
    """What was noted; a note that cannot be read is none."""
    return list(store.states(SCOPE, Registered.read).values())
