"""Errors a user can do something about, as one sentence; anything else is a bug and keeps its traceback."""

from __future__ import annotations


class UsageError(Exception):
    """The command's words cannot be carried out; the text names the option."""


def sentence(error: Exception) -> str | None:
    """The sentence to print, or None for an error nobody foresaw."""
    # Imported here: a command that goes well needs none of these.
    from labs.catalog import UnknownExercise
    from labs.protocol import ParamError, PluginError
    from studytui.cli.console import NoInput
    from studytui.library.errors import CourseError
    from studytui.library.settings_file import SettingsError
    from studytui.services.audit.gates import NoGate
    from studytui.services.audit.report import ReportError
    from studytui.services.listing import FilterError
    from studytui.services.rehearsal.export import ExportError
    from studytui.store.errors import StoreError

    match error:
        case StoreError():
            return f"{error} {error.hint}".strip()
        case CourseError() | SettingsError() | UsageError() | UnknownExercise() | FilterError() | ExportError():
            return str(error)
        case NoInput() | NoGate() | ReportError():
            return str(error)
        case PluginError():
            return str(error)
        case ParamError():
            return f"--set {error}"
    return None
