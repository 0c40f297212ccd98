-- Oldest: 21. Earlier programs remove a run or a thread without its feedback, which is then not found any more.
-- Feedback on runs. The key is null for the rating of a user.
CREATE TABLE feedback (
    feedback_key INTEGER PRIMARY KEY,
    feedback_id BLOB NOT NULL UNIQUE,
    thread_key INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    owner TEXT NOT NULL,
    key TEXT,
    score REAL,
    message_id TEXT,
    created_at INTEGER NOT NULL,
    comment TEXT,
    details TEXT NOT NULL
) STRICT;

-- Lists the feedback on a run, and finds the rows to remove with a run or a thread.
CREATE INDEX feedback_by_run ON feedback (thread_key, run_id);

-- What the server signs with.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
