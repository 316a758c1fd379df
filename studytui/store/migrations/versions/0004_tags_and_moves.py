"""The learner's own tags of a card, and the acts that give and take them and that move a card."""

from alembic import op

revision = "0004"
down_revision = "0003"

COLUMNS = (
    "id, review_uid, card_id, action, undoes, session_uid, at_utc, utc_offset_minutes, study_day, grade,"
    " suggested_grade, confidence, duration_ms, hints_used, correct, response, evidence, state_before, state_after,"
    " digest"
)
# SQLite changes no check of a table that is there: the log is written into one with the new check.
# https://www.sqlite.org/lang_altertable.html#otheralter
STATEMENTS = (
    "ALTER TABLE card ADD COLUMN tags VARCHAR DEFAULT '' NOT NULL",
    """
CREATE TABLE new_review (
    id INTEGER NOT NULL,
    review_uid VARCHAR NOT NULL,
    card_id INTEGER NOT NULL,
    action VARCHAR NOT NULL,
    undoes INTEGER,
    session_uid VARCHAR NOT NULL,
    at_utc VARCHAR NOT NULL,
    utc_offset_minutes INTEGER NOT NULL,
    study_day DATE NOT NULL,
    grade INTEGER,
    suggested_grade INTEGER,
    confidence INTEGER,
    duration_ms INTEGER NOT NULL,
    hints_used INTEGER NOT NULL,
    correct BOOLEAN,
    response VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    state_before VARCHAR NOT NULL,
    state_after VARCHAR NOT NULL,
    digest VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT known_action CHECK (action IN ('review', 'reask', 'undo', 'suspend', 'unsuspend', 'bury', 'unbury',
        'flag', 'unflag', 'set_due', 'reset', 'cram', 'tag', 'untag', 'move')),
    CONSTRAINT grade_0_to_5 CHECK (grade BETWEEN 0 AND 5),
    CONSTRAINT suggested_grade_0_to_5 CHECK (suggested_grade BETWEEN 0 AND 5),
    CONSTRAINT confidence_1_to_5 CHECK (confidence BETWEEN 1 AND 5),
    CONSTRAINT durations_not_negative CHECK (duration_ms >= 0 AND hints_used >= 0),
    CONSTRAINT undo_names_its_row CHECK ((action = 'undo') = (undoes IS NOT NULL)),
    UNIQUE (review_uid),
    FOREIGN KEY(card_id) REFERENCES card (id),
    FOREIGN KEY(undoes) REFERENCES review (id)
)
    """,
    # A damaged row is copied as it is: `doctor` names it, and the rest of the log is worth opening.
    "PRAGMA ignore_check_constraints = ON",
    f"INSERT INTO new_review ({COLUMNS}) SELECT {COLUMNS} FROM review ORDER BY id",
    "PRAGMA ignore_check_constraints = OFF",
    "DROP TABLE review",
    "ALTER TABLE new_review RENAME TO review",
    "CREATE INDEX ix_review_card ON review (card_id)",
    "CREATE UNIQUE INDEX ux_review_undoes ON review (undoes) WHERE undoes IS NOT NULL",
    "CREATE INDEX ix_review_answers ON review (study_day, action, card_id, confidence, grade, correct)"
    " WHERE grade IS NOT NULL",
)


def upgrade() -> None:
    """Add the column, and let the log take the new acts."""
    for statement in STATEMENTS:
        op.execute(statement)
