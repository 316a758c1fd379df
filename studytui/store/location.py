"""Where the learner's database lives."""

from __future__ import annotations

import os
from pathlib import Path


def data_folder() -> Path:
    """STUDYTUI_HOME if it is set, else the platform's folder for application data."""
    if home := os.environ.get("STUDYTUI_HOME"):
        return Path(home).expanduser()
    from platformdirs import user_data_path

    return user_data_path("studytui", appauthor=False)
