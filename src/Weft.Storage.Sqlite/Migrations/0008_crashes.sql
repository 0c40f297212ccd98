-- How many servers in a row died under a run that stored nothing in between, and what its thread had when the last attempt began.
ALTER TABLE runs ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN work_at_start INTEGER;
