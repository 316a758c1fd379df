"""Line by line: what becomes of a session when another program has put its own file in the database's place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from studytui.services.workspace import Workspace
from studytui.store.errors import KeptBeside, StoreError

GO_ON: Final = "1"
KEEP: Final = "2"
CHOICE: Final = (
    f"{GO_ON} go on with both: one database with all answers. {KEEP} keep yours beside the new file and stop:"
)
PUT_BACK: Final = f"There is no database now. {GO_ON} put yours back and go on. {KEEP} keep it in the backups and stop:"


def settle(workspace: Workspace, *, ask: Callable[[str], str], say: Callable[[str], None]) -> bool:
    """Ask what becomes of the two files; True if the session goes on with both.

    What `ask` raises at the end of input passes through: closing the workspace then keeps ours beside the new file.
    """
    while True:
        choice = ask(CHOICE if workspace.new_file_is_database() else PUT_BACK).strip()
        try:
            if choice == GO_ON:
                added = workspace.go_on()
                say(f"One database holds all answers now; {added} came from the new file.")
                return True
            if choice == KEEP:
                say(f"What your database held is kept in {workspace.leave_beside()}.")
                return False
        except KeptBeside as error:
            say(str(error))
            return False
        except StoreError as error:
            say(f"Not done: {error} {error.hint}")


def offer_missing(workspace: Workspace, *, ask: Callable[[str], str], say: Callable[[str], None]) -> None:
    """Where the file that was found lacks answers of this machine: offer to add them. The sentence on it was said."""
    arrival = workspace.store.arrival
    if arrival is None or arrival.kept is None:
        return
    if ask("Type add to put them into it now, or press Enter to leave them there:").strip().casefold() != "add":
        return
    try:
        say(f"{workspace.merge(arrival.kept)} added.")
    except StoreError as error:
        say(f"Not added: {error} {error.hint}")
