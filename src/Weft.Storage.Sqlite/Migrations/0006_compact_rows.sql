-- Rows refer to threads by their keys, and checkpoint ids are UUIDs. This halves the space of the rows of a thread.

-- Metadata of checkpoints. Most texts of a thread differ in few words, which are stored in columns of the checkpoints
-- (see MetadataText). Checkpoints share a text until the next one differs.
CREATE TABLE checkpoint_metadata (
    metadata_key INTEGER PRIMARY KEY,
    thread_key INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;

INSERT INTO checkpoint_metadata (metadata_key, thread_key, text)
SELECT checkpoint_key, thread_key, replace(checkpoints.metadata, '"thread_id":"' || thread_id || '"', '"thread_id":"' || char(2) || '"')
FROM checkpoints JOIN threads USING (thread_id);

-- Finds the rows to remove with a thread.
CREATE INDEX checkpoint_metadata_by_thread ON checkpoint_metadata (thread_key);

-- A table with a rowid, so that all threads append to the same page. Ids and ordinals of a thread and namespace grow
-- together, so one index serves both orders.
CREATE TABLE compact_checkpoints (
    checkpoint_key INTEGER PRIMARY KEY,
    thread_key INTEGER NOT NULL,
    ns TEXT NOT NULL,
    checkpoint_id BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    parent_id BLOB,
    run_id BLOB,
    source TEXT NOT NULL,
    step INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    metadata_key INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (thread_key, ns, checkpoint_id)
) STRICT;

INSERT INTO compact_checkpoints (checkpoint_key, thread_key, ns, checkpoint_id, ordinal, hidden, parent_id, run_id, source, step, created_at, metadata_key, body)
SELECT checkpoint_key, thread_key, ns, unhex(checkpoint_id, '-'), ordinal, hidden, unhex(parent_id, '-'), run_id, source, 0, checkpoints.created_at, checkpoint_key, body
FROM checkpoints JOIN threads USING (thread_id);

DROP TABLE checkpoints;
ALTER TABLE compact_checkpoints RENAME TO checkpoints;

CREATE TABLE compact_outcomes (
    thread_key INTEGER NOT NULL,
    ns TEXT NOT NULL,
    checkpoint_id BLOB NOT NULL,
    task_id TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (thread_key, ns, checkpoint_id, task_id)
) STRICT, WITHOUT ROWID;

INSERT INTO compact_outcomes (thread_key, ns, checkpoint_id, task_id, body)
SELECT thread_key, ns, unhex(checkpoint_id, '-'), task_id, body
FROM task_outcomes JOIN threads USING (thread_id);

DROP TABLE task_outcomes;
ALTER TABLE compact_outcomes RENAME TO task_outcomes;

-- If the body of a checkpoint contains the content of an entry: the offset of that piece, counted from 1, and its
-- length. The entry's own content is then empty.
CREATE TABLE compact_events (
    thread_key INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    category TEXT NOT NULL,
    type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    content BLOB NOT NULL,
    checkpoint_key INTEGER,
    content_at INTEGER,
    content_length INTEGER,
    PRIMARY KEY (thread_key, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO compact_events (thread_key, seq, run_id, category, type, created_at, metadata, content)
SELECT thread_key, seq, run_id, category, type, run_events.created_at, run_events.metadata, content
FROM run_events JOIN threads USING (thread_id);

DROP TABLE run_events;
ALTER TABLE compact_events RENAME TO run_events;

-- If kwargs repeat parts of a checkpoint's body: the pieces that only the body stores (see SharedPieces). Keys of runs
-- are in the order of creation.
CREATE TABLE compact_runs (
    run_key INTEGER PRIMARY KEY,
    run_id BLOB NOT NULL UNIQUE,
    thread_key INTEGER NOT NULL,
    owner TEXT NOT NULL,
    assistant_id BLOB NOT NULL,
    status TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    released INTEGER NOT NULL,
    multitask_strategy TEXT NOT NULL,
    not_before INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    cancel_action TEXT,
    cancel_reason TEXT,
    error TEXT,
    metadata TEXT NOT NULL,
    kwargs BLOB NOT NULL,
    kwargs_checkpoint INTEGER,
    kwargs_pieces BLOB
) STRICT;

INSERT INTO compact_runs (run_key, run_id, thread_key, owner, assistant_id, status, attempt, released, multitask_strategy, not_before, created_at, updated_at, cancel_action, cancel_reason, error, metadata, kwargs)
SELECT run_key, run_id, thread_key, runs.owner, assistant_id, runs.status, attempt, released, multitask_strategy, not_before, runs.created_at, runs.updated_at, cancel_action, cancel_reason, runs.error, runs.metadata, kwargs
FROM runs JOIN threads USING (thread_id);

DROP TABLE runs;
ALTER TABLE compact_runs RENAME TO runs;

CREATE INDEX runs_by_thread ON runs (thread_key);

-- At most one run of a thread executes, whatever the coordinators believe.
CREATE UNIQUE INDEX runs_running ON runs (thread_key) WHERE status = 'running';

-- Finds, with the index of running runs, the runs to continue when a server starts.
CREATE INDEX runs_pending ON runs (thread_key) WHERE status = 'pending';
