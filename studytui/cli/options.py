"""What several commands take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

JSON = Annotated[bool, typer.Option("--json", help="Print JSON with stable keys.")]


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the command."""

    course: Path | None = None
