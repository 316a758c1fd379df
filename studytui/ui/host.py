"""What a screen may ask of the app it runs in; lets screens be tested in any app that offers the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from textual.dom import DOMNode

if TYPE_CHECKING:
    from studytui.services.lab_client import LabClient
    from studytui.services.workspace import Workspace


class StudyHost(Protocol):
    """The app as the screens see it."""

    workspace: Workspace
    lab_client: LabClient | None


def host(node: DOMNode) -> StudyHost:
    """The app of a screen or widget."""
    return cast(StudyHost, node.app)
