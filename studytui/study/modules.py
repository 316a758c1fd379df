"""Where the modules are that a gate unlocks, as the database notes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from studytui.course.codec import from_json, to_json

if TYPE_CHECKING:
    from studytui.store import Store

MODULES: Final = "modules"


@dataclass(frozen=True, slots=True)
class RegisteredModule:
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
        module = from_json(cls, noted)
        if any("\0" in text for text in to_json(module).values()):
            raise ValueError("no folder has such a name")
        return module

    @property
    def name(self) -> str:
        """Under which the database keeps it: a gate unlocks one module."""
        return f"{self.gate_course}/{self.gate}"


def register_module(store: Store, entry: RegisteredModule, *, at: datetime) -> None:
    """Note where a module is; an earlier note of the same gate is replaced.

    Raises:
        StoreError: the note cannot be written.
    """
    store.put_state(MODULES, entry.name, to_json(entry), at=at)


def registered_module(store: Store, gate_course: str, gate: str) -> RegisteredModule | None:
    """The module that was noted for a gate. Raises StoreError."""
    return next((each for each in all_registered(store) if (each.gate_course, each.gate) == (gate_course, gate)), None)


def all_registered(store: Store) -> list[RegisteredModule]:
    """What was noted; a note that cannot be read is none."""
    return list(store.states(MODULES, RegisteredModule.read).values())
