"""What tells a stored row from a changed one: a digest of its values, kept in the row itself.

Whoever writes a row writes its digest; `doctor` makes each anew and compares. A state of a card has none: it is proven
by replaying the log. A card's digest stands in its row of `card_text` and covers its place in the course as well.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b, sha256
from typing import Final, TypeAlias

from studytui.store.records import CompiledCard, FileStamp

Value: TypeAlias = int | float | str | None

CARD_DIGEST_OF: Final = (
    "t.card_id, c.course_id, c.key, c.position, c.chapter, c.section, c.kind, c.sibling_group, c.archived, t.path,"
    " t.line, t.sha256"
)
"""What a card's digest covers, of `card c` and `card_text t`; t.sha256 covers the payload."""

# One encoder for all rows: json.dumps makes a new one at each call, which takes as long as the row.
_canonical: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def seal(values: Sequence[Value]) -> str:
    """BLAKE2b (16 bytes, in hex) of values, as SQLite gives them back, written as JSON in ASCII.

    Raises:
        TypeError: there are bytes among them; no row of the app holds any.
    """
    return blake2b(_canonical(values).encode(), digest_size=16).hexdigest()


def text_sha256(payload: str) -> str:
    """Of a card's compiled text, in hex."""
    return sha256(payload.encode()).hexdigest()


def card_digest(no: int, course_no: int, card: CompiledCard) -> str:
    """Of a card that is in its course; see `CARD_DIGEST_OF`."""
    return seal(
        (
            no, course_no, card.key, card.position, card.chapter, card.section, card.kind, card.sibling_group, 0,
            card.path, card.line, card.sha256,
        )
    )  # fmt: skip


def course_digest(no: int, key: str, title: str, version: str) -> str:
    """Of a row of `course`."""
    return seal((no, key, title, version))


def stamp_digest(course_no: int, stamp: FileStamp) -> str:
    """Of a row of `source_file`."""
    return seal((course_no, stamp.path, stamp.size, stamp.mtime_ns, stamp.sha256))


def state_digest(scope: str, name: str, value: str, changed_at: str) -> str:
    """Of a row of `learner_state`; a row whose digest is '' is not proven."""
    return seal((scope, name, value, changed_at))


def identity_digest(uid: str) -> str:
    """Of the one row of `identity`."""
    return seal((1, uid))
