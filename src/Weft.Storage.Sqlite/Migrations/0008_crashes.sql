-- The number of servers in a row that crashed while they executed the run and that stored nothing, and the number of
-- rows that the thread had when the last attempt began.
ALTER TABLE runs ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN work_at_start INTEGER;
