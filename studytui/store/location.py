"""Where the learner's database lives."""

from __future__ import annotations

from pathlib import Path

from studytui.home import chosen_home
from studytui.store.errors import StoreError


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
