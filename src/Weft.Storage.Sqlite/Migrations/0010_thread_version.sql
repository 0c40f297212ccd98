-- Incremented with each change of the thread's state, and when the thread becomes or stops being busy.
ALTER TABLE threads ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
