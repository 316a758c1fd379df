"""The statements of the way from one card to the next, in plain SQL; a test explains each against the schema.

They are text because they run some thousand times a session and must not wait for a mapper to be imported. The partial
indexes in `tables` carry the same conditions word for word, which is what lets SQLite use them.
"""

from __future__ import annotations

from typing import Final

from studytui.domain.queue import Origin, ReviewOrder, Scope

STATE_COLUMNS: Final = (
    "ease_factor", "interval_days", "repetitions", "lapses", "due_on", "reviewed_on", "reask_on",
    "suspended", "buried_on", "flagged", "leech",
)  # fmt: skip
CARD_COLUMNS: Final = (
    f"c.id, c.key, t.payload, {', '.join(f'c.{column}' for column in STATE_COLUMNS)},"
    " c.last_review_id, c.has_siblings, t.path, t.line, t.sha256"
)
CARD_BY_NO: Final = f"SELECT {CARD_COLUMNS} FROM card c JOIN card_text t ON t.card_id = c.id WHERE c.id = ?"
CARD_BY_KEY: Final = (
    f"SELECT {CARD_COLUMNS} FROM card c JOIN card_text t ON t.card_id = c.id WHERE c.course_id = ? AND c.key = ?"
)
STATE_BY_NO: Final = f"SELECT {', '.join(STATE_COLUMNS)}, last_review_id FROM card WHERE id = ?"
COURSE_FILES: Final = (
    "SELECT f.path, f.size, f.mtime_ns, f.sha256 FROM source_file f JOIN course c ON c.id = f.course_id WHERE c.key = ?"
)
LOG_COLUMNS: Final = (
    "review_uid", "card_id", "action", "undoes", "session_uid", "at_utc", "utc_offset_minutes", "study_day", "grade",
    "suggested_grade", "confidence", "duration_ms", "hints_used", "correct", "response", "evidence", "state_before",
    "state_after",
)  # fmt: skip
INSERT_REVIEW: Final = (
    f"INSERT INTO review ({', '.join(LOG_COLUMNS)}, digest) VALUES ({', '.join('?' for _ in LOG_COLUMNS)}, ?)"
)
UPDATE_STATE: Final = (
    f"UPDATE card SET {', '.join(f'{column} = ?' for column in STATE_COLUMNS)}, last_review_id = ?"
    " WHERE id = ? AND last_review_id IS ?"
)
# CROSS JOIN is SQLite's word for "in this order": from the log, not from the cards.
LAST_LIVE: Final = (
    "SELECT r.id, r.card_id, r.action, r.grade, r.state_before, c.key, c.section"
    " FROM review r CROSS JOIN card c ON c.id = r.card_id"
    " WHERE c.course_id = ? AND r.action <> 'undo'"
    " AND NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = r.id AND u.undoes IS NOT NULL)"
    " ORDER BY r.id DESC LIMIT 1"
)
UID_OF: Final = "SELECT review_uid FROM review WHERE id = ?"
NEWEST: Final = "SELECT max(id) FROM review"
LAST_BEFORE_DAY: Final = "SELECT id FROM review WHERE study_day < ? ORDER BY id DESC LIMIT 1 OFFSET ?"
DAY_SINCE: Final = (
    "SELECT r.id, r.undoes, d.card_id, d.action, d.state_before LIKE '%\"due_on\":null%' FROM review r"
    " CROSS JOIN review d ON d.id = coalesce(r.undoes, r.id) CROSS JOIN card c ON c.id = d.card_id"
    " WHERE r.id > :seen AND r.id <= :newest AND d.id > :start AND d.action IN ('review', 'reask', 'cram')"
    " AND d.study_day = :day AND c.course_id = :course ORDER BY r.id"
)
RECENT_TIMES: Final = (
    "SELECT c.kind, r.action, r.state_before LIKE '%\"due_on\":null%', r.grade, r.duration_ms FROM review r"
    " CROSS JOIN card c ON c.id = r.card_id WHERE r.id > (SELECT max(id) FROM review) - :reach"
    " AND c.course_id = :course AND r.action IN ('review', 'reask') AND r.duration_ms > 0"
    " ORDER BY r.id DESC LIMIT :most"
)
KINDS_OF: Final = "SELECT kind, count(*) FROM card WHERE id IN (SELECT value FROM json_each(?)) GROUP BY kind"

_SHOWN: Final = "c.suspended = 0 AND c.archived = 0 AND c.buried_on IS NOT :day"
_ORIGIN: Final[dict[Origin, str]] = {
    "due": f"c.due_on IS NOT NULL AND c.due_on <= :day AND c.reask_on IS NOT :day AND {_SHOWN}",
    "new": f"c.due_on IS NULL AND {_SHOWN}",
    "reask": f"c.reask_on IS NOT NULL AND c.reask_on = :day AND {_SHOWN}",
}
_ORDER: Final[dict[Origin, str]] = {"due": "c.due_on, c.position", "new": "c.position", "reask": "c.last_review_id"}
# A line modulo a prime alone would only turn the same circle further each day; its square makes another order.
_SCATTERED: Final = "((c.id * 2654435761 + :salt) % 2147483647)"
_OTHER_ORDER: Final[dict[ReviewOrder, str]] = {
    "hardest": "c.ease_factor, c.due_on, c.position",
    "shuffled": f"{_SCATTERED} * {_SCATTERED} % 2147483629, c.id",
}
# The index is named because the one on due days looks as good to the planner, and reads them all.
_SIBLING: Final = (
    "SELECT 1 FROM card s INDEXED BY ix_card_siblings WHERE s.has_siblings = 1 AND s.course_id = c.course_id"
    " AND s.sibling_group = c.sibling_group AND s.id <> c.id AND {}"
)
_SEEN_TODAY: Final = f"EXISTS ({_SIBLING.format('s.reviewed_on = :day')})"
_SIBLING_DUE: Final = "EXISTS ({})".format(
    _SIBLING.format("s.due_on <= :day AND s.suspended = 0 AND s.archived = 0 AND s.buried_on IS NOT :day")
)
# The few groups whose new card goes before its due sibling today are a JSON list, :first.
_GOES_FIRST: Final = "c.sibling_group IN (SELECT value FROM json_each(:first))"
# A new card waits while a sibling is due, whatever the limits and the order: what is promised in the morning then does
# not depend on what is answered first.
_ONE_SIBLING: Final[dict[Origin, str]] = {
    "due": f" AND (c.has_siblings = 0 OR NOT ({_GOES_FIRST} OR {_SEEN_TODAY}))",
    "new": f" AND (c.has_siblings = 0 OR NOT {_SEEN_TODAY} AND ({_GOES_FIRST} OR NOT {_SIBLING_DUE}))",
    "reask": "",
}
_GROUP: Final = "CASE WHEN c.has_siblings = 1 THEN c.sibling_group ELSE c.id END"

# The groups, :limit at most, whose new card waits for nothing but a due sibling; in the order of the new cards.
NEW_BEHIND_DUE: Final = (
    f"SELECT c.sibling_group FROM card c WHERE c.course_id = :course AND {_ORIGIN['new']} AND c.has_siblings = 1"
    f" AND NOT {_SEEN_TODAY} AND {_SIBLING_DUE} GROUP BY c.sibling_group ORDER BY min(c.position) LIMIT :limit"
)
# The cards due before :until in the order in which they come: whether :day hides them, or a sibling goes first on it.
COMING: Final = (
    f"SELECT c.id, {_GROUP}, c.due_on, c.buried_on IS :day OR c.reask_on IS :day,"
    f" c.has_siblings AND ({_GOES_FIRST} OR {_SEEN_TODAY}), c.chapter, c.section FROM card c"
    " WHERE c.course_id = :course AND c.due_on IS NOT NULL AND c.due_on < :until"
    " AND c.suspended = 0 AND c.archived = 0 ORDER BY c.due_on, c.position"
)


def pick(origin: Origin, *, order: ReviewOrder, scope: Scope, bury_siblings: bool) -> str:
    """The next card of an origin."""
    ordering = _OTHER_ORDER[order] if origin == "due" and order != "due" else _ORDER[origin]
    return (
        f"SELECT {CARD_COLUMNS} FROM card c JOIN card_text t ON t.card_id = c.id WHERE c.id = (SELECT c.id FROM card c"
        f" WHERE c.course_id = :course AND {_conditions(origin, scope, bury_siblings)} ORDER BY {ordering} LIMIT 1)"
    )


def waiting(origin: Origin, *, scope: Scope, bury_siblings: bool) -> str:
    """Number and kind of the cards of an origin in their order, :limit at most."""
    return (
        f"SELECT c.id, c.kind FROM card c WHERE c.course_id = :course AND {_conditions(origin, scope, bury_siblings)}"
        f" ORDER BY {_ORDER[origin]} LIMIT :limit"
    )


def count(origin: Origin, *, scope: Scope, bury_siblings: bool) -> str:
    """How many cards of an origin there are, :limit at most; siblings count once, as one is shown a day."""
    what = f"DISTINCT {_GROUP}" if bury_siblings else "c.id"
    return (
        f"SELECT count(*) FROM (SELECT {what} FROM card c WHERE c.course_id = :course"
        f" AND {_conditions(origin, scope, bury_siblings)} LIMIT :limit)"
    )


def _conditions(origin: Origin, scope: Scope, bury_siblings: bool) -> str:
    return _ORIGIN[origin] + _within(scope) + (_ONE_SIBLING[origin] if bury_siblings else "")


def _within(scope: Scope) -> str:
    if scope.section:
        return " AND c.section = :section"
    return " AND c.chapter = :chapter" if scope.chapter else ""
