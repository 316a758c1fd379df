"""The examination behind `studytui doctor`: the database, the weights the labs judge with, the learner's notes."""

from __future__ import annotations

import hashlib
import tomllib
from importlib import resources

from studytui.services.notes import astray
from studytui.services.workspace import Workspace
from studytui.store.doctor import Finding, Progress
from studytui.store.doctor import examine as examine_store


def examine(workspace: Workspace, *, progress: Progress | None = None) -> list[Finding]:
    """All findings; none, or only `info`, is a sound installation.

    Raises:
        StoreError: the database cannot be read at all.
    """
    return [*examine_store(workspace.store, progress=progress), *damaged_weights(), *astray(workspace)]


def damaged_weights() -> list[Finding]:
    """Weights files that are missing or not those their cards describe. No tensor is loaded."""
    folder = resources.files("labs") / "models"
    findings = []
    for card in sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name):
        name = card.name.removesuffix(".toml")
        weights = folder / f"{name}.safetensors"
        try:
            expected = tomllib.loads(card.read_text(encoding="utf-8"))["sha256"]
            sound = hashlib.sha256(weights.read_bytes()).hexdigest() == expected
        except (OSError, tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError):
            sound = False
        if not sound:
            findings.append(
                Finding("error", f"The weights of the lab model {name} are damaged.", "Install studytui again.")
            )
    return findings
