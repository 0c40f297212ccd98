-- Grows with each change of the thread's state or of its being busy.
ALTER TABLE threads ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
