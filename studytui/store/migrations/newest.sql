-- The newest schema, as the migrations make it: what a new database is made from, without alembic. A test holds it to them.
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE course (
    id INTEGER NOT NULL,
    "key" VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    version VARCHAR NOT NULL, digest VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    UNIQUE ("key")
);
CREATE TABLE card (
    id INTEGER NOT NULL,
    course_id INTEGER NOT NULL,
    "key" VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    chapter VARCHAR NOT NULL,
    section VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    sibling_group VARCHAR NOT NULL,
    has_siblings BOOLEAN NOT NULL,
    archived BOOLEAN NOT NULL,
    ease_factor INTEGER NOT NULL,
    interval_days INTEGER NOT NULL,
    repetitions INTEGER NOT NULL,
    lapses INTEGER NOT NULL,
    due_on DATE,
    reviewed_on DATE,
    reask_on DATE,
    suspended BOOLEAN NOT NULL,
    buried_on DATE,
    flagged BOOLEAN NOT NULL,
    leech BOOLEAN NOT NULL,
    last_review_id INTEGER, tags VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (course_id, "key"),
    CONSTRAINT ease_factor_floor CHECK (ease_factor >= 130),
    CONSTRAINT counts_not_negative CHECK (interval_days >= 0 AND repetitions >= 0 AND lapses >= 0),
    FOREIGN KEY(course_id) REFERENCES course (id)
);
CREATE INDEX ix_card_due ON card (course_id, due_on, position) WHERE due_on IS NOT NULL AND suspended = 0 AND archived = 0;
CREATE INDEX ix_card_new ON card (course_id, position) WHERE due_on IS NULL AND suspended = 0 AND archived = 0;
CREATE INDEX ix_card_reask ON card (course_id, reask_on, last_review_id) WHERE reask_on IS NOT NULL AND suspended = 0 AND archived = 0;
CREATE INDEX ix_card_siblings ON card (course_id, sibling_group) WHERE has_siblings = 1;
CREATE TABLE source_file (
    course_id INTEGER NOT NULL,
    path VARCHAR NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    sha256 VARCHAR NOT NULL, digest VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (course_id, path),
    FOREIGN KEY(course_id) REFERENCES course (id)
);
CREATE TABLE card_text (
    card_id INTEGER NOT NULL,
    path VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    sha256 VARCHAR NOT NULL,
    payload VARCHAR NOT NULL, digest VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (card_id),
    FOREIGN KEY(card_id) REFERENCES card (id)
);
CREATE TABLE identity (
    id INTEGER NOT NULL,
    uid VARCHAR NOT NULL, digest VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE learner_state (
    scope VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    changed_at VARCHAR NOT NULL, digest VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (scope, name)
);
CREATE TABLE own_file (
    path VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (path)
);
CREATE TABLE "review" (
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
);
CREATE INDEX ix_review_card ON review (card_id);
CREATE UNIQUE INDEX ux_review_undoes ON review (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX ix_review_answers ON review (study_day, action, card_id, confidence, grade, correct) WHERE grade IS NOT NULL;
