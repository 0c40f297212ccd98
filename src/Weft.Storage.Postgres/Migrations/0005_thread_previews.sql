-- Oldest: 4
-- What lists show of the thread's state, a JSON object; null if that was not stored yet.
ALTER TABLE weft.thread_standings ADD COLUMN preview text COLLATE "C";
