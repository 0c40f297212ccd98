-- Oldest: 27. Earlier programs leave it as it is.
-- What lists show of the thread's state, a JSON object; null if that was not stored yet.
ALTER TABLE threads ADD COLUMN preview TEXT;
