-- Times are microseconds since 1970, UUIDs are 16 bytes in network order, and enum values are the words of the wire.
-- Every index costs time on each write, so each one says what it is for. Long columns come last, so that reading the
-- short ones stays on one page.

CREATE TABLE threads (
    thread_key INTEGER PRIMARY KEY,
    thread_id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    state_updated_at INTEGER,
    error TEXT,
    metadata TEXT NOT NULL,
    config TEXT NOT NULL,
    interrupts TEXT NOT NULL
) STRICT;

-- Searches, in the two orders in which lists of threads are shown.
CREATE INDEX threads_by_creation ON threads (owner, created_at, thread_id);
CREATE INDEX threads_by_update ON threads (owner, updated_at, thread_id);

-- The total of a search without conditions, which would otherwise count the rows each time.
CREATE TABLE thread_counts (
    owner TEXT PRIMARY KEY,
    threads INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER threads_counted AFTER INSERT ON threads BEGIN
    INSERT INTO thread_counts (owner, threads) VALUES (NEW.owner, 1)
    ON CONFLICT (owner) DO UPDATE SET threads = threads + 1;
END;

CREATE TRIGGER threads_discounted AFTER DELETE ON threads BEGIN
    UPDATE thread_counts SET threads = threads - 1 WHERE owner = OLD.owner;
END;

-- The key is the order of creation.
CREATE TABLE runs (
    run_key INTEGER PRIMARY KEY,
    run_id BLOB NOT NULL UNIQUE,
    thread_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    assistant_id BLOB NOT NULL,
    status TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    multitask_strategy TEXT NOT NULL,
    not_before INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    error TEXT,
    metadata TEXT NOT NULL,
    kwargs BLOB NOT NULL
) STRICT;

CREATE INDEX runs_by_thread ON runs (thread_id);

-- At most one run of a thread executes, whatever the coordinators believe.
CREATE UNIQUE INDEX runs_running ON runs (thread_id) WHERE status = 'running';

-- Finds the runs to continue when a server starts.
CREATE INDEX runs_unfinished ON runs (status) WHERE status IN ('pending', 'running');

-- A table with a rowid, so that all threads append to the same page. Ids and ordinals of a thread and namespace grow
-- together, so one index serves both orders.
CREATE TABLE checkpoints (
    checkpoint_key INTEGER PRIMARY KEY,
    thread_id TEXT NOT NULL,
    ns TEXT NOT NULL,
    checkpoint_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    parent_id TEXT,
    run_id BLOB,
    source TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (thread_id, ns, checkpoint_id)
) STRICT;

CREATE TABLE task_outcomes (
    thread_id TEXT NOT NULL,
    ns TEXT NOT NULL,
    checkpoint_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (thread_id, ns, checkpoint_id, task_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_events (
    thread_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    category TEXT NOT NULL,
    type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (thread_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE stream_events (
    run_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    event TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
