-- Oldest: 15. Earlier programs create no runs of crons.
-- The time of the next run is null if the cron is disabled or has ended.
CREATE TABLE crons (
    cron_key INTEGER PRIMARY KEY,
    cron_id BLOB NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    assistant_id BLOB NOT NULL,
    thread_id TEXT,
    schedule TEXT NOT NULL,
    timezone TEXT NOT NULL,
    end_time INTEGER,
    enabled INTEGER NOT NULL,
    on_run_completed TEXT NOT NULL,
    next_run_date INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    payload BLOB NOT NULL
) STRICT;

-- Finds the crons that are due, and when the next one is.
CREATE INDEX crons_due ON crons (next_run_date) WHERE next_run_date IS NOT NULL;

-- Searches.
CREATE INDEX crons_by_owner ON crons (owner);
