"""The learner's database: tables, queue, log, backups. Only this package imports sqlmodel and sqlite3."""

from studytui.errors import StoreError
from studytui.store.records import (
    CardPlace,
    CardState,
    CompiledCard,
    CourseCopy,
    Done,
    FileStamp,
    ReviewRecord,
    Stamp,
    StoredCard,
    SyncReport,
    Undone,
)
from studytui.store.store import Store

__all__ = [
    "CardPlace",
    "CardState",
    "CompiledCard",
    "CourseCopy",
    "Done",
    "FileStamp",
    "ReviewRecord",
    "Stamp",
    "Store",
    "StoreError",
    "StoredCard",
    "SyncReport",
    "Undone",
]
