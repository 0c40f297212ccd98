-- When the first attempt of a run started, the kind of its failure, and whether it failed, timed out or was cancelled.
ALTER TABLE runs ADD COLUMN started_at INTEGER;
ALTER TABLE runs ADD COLUMN error_name TEXT;
ALTER TABLE runs ADD COLUMN unsuccessful INTEGER NOT NULL DEFAULT 0;

UPDATE runs SET unsuccessful = 1 WHERE status IN ('error', 'timeout', 'interrupted');

-- Searches over all threads, newest first. Runs that are rare in a long history have a part of their own. The start and the
-- success of a run leave the index unchanged.
CREATE INDEX runs_by_owner ON runs (owner, unsuccessful, run_id);
