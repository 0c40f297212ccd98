CREATE TABLE threads (
    thread_id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    status TEXT NOT NULL,
    metadata TEXT NOT NULL,
    config TEXT NOT NULL,
    interrupts TEXT NOT NULL,
    error TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    state_updated_at INTEGER
) WITHOUT ROWID;

CREATE INDEX threads_by_creation ON threads (owner, created_at, thread_id);

CREATE TABLE runs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id BLOB NOT NULL UNIQUE,
    thread_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    assistant_id BLOB NOT NULL,
    status TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    multitask_strategy TEXT NOT NULL,
    kwargs BLOB NOT NULL,
    not_before INTEGER,
    error TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX runs_by_thread ON runs (thread_id);

-- What the thread's coordinator promises, once more: a bug there can't break it.
CREATE UNIQUE INDEX one_running_run ON runs (thread_id) WHERE status = 'running';

CREATE INDEX unfinished_runs ON runs (seq) WHERE status IN ('pending', 'running');

-- Ids of one thread and namespace sort as their ordinals do, so one index serves both.
CREATE TABLE checkpoints (
    id INTEGER PRIMARY KEY,
    thread_id TEXT NOT NULL,
    ns TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    checkpoint_id TEXT NOT NULL,
    parent_id TEXT,
    run_id BLOB,
    source TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- Removed, but later checkpoints may refer to what it holds.
    hidden INTEGER NOT NULL DEFAULT 0,
    body BLOB NOT NULL
);

CREATE UNIQUE INDEX checkpoints_by_ordinal ON checkpoints (thread_id, ns, ordinal, checkpoint_id);

CREATE TABLE task_outcomes (
    thread_id TEXT NOT NULL,
    ns TEXT NOT NULL,
    checkpoint_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (thread_id, ns, checkpoint_id, task_id)
) WITHOUT ROWID;

CREATE TABLE run_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id BLOB NOT NULL,
    category TEXT NOT NULL,
    type TEXT NOT NULL,
    content BLOB NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE INDEX run_events_by_run ON run_events (run_id);

CREATE TABLE stream_events (
    run_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    event TEXT NOT NULL,
    data BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;
