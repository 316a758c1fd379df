"""Bringing an older database to this version's schema. Imports alembic, so only when needed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from studytui.errors import Damaged
from studytui.store.connection import connect, explain, translated

SCRIPTS: Final = Path(__file__).with_name("migrations")


def to_head(path: Path) -> None:
    """Upgrade a file in one transaction, which waits for other windows and starts from what they left.

    Raises:
        StoreError: the file cannot be written; it is as it was.
    """
    engine = create_engine("sqlite://", creator=lambda: _connected(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    try:
        with translated(path), engine.begin() as connection:
            upgrade(connection)
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise explain(error.orig, path) from error
        raise
    except CommandError as error:
        raise Damaged(f"{path} cannot be brought to this version's schema ({error}).") from error
    finally:
        engine.dispose()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision` inside the connection's present transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revisions() -> set[str]:
    """Every revision there was."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config


def _connected(path: Path) -> sqlite3.Connection:
    """Without foreign keys, which cannot be turned off later: a table that is written anew is missing for a moment."""
    connection = connect(path)
    connection.execute("PRAGMA foreign_keys = OFF")
    return connection


def _begin(connection: Connection) -> None:
    """SQLite's driver begins nothing by itself, so that the schema and its version change together."""
    connection.exec_driver_sql("BEGIN EXCLUSIVE")
