-- The checkpoint to whose state the data is a difference; null if the data is complete.
ALTER TABLE stream_events ADD COLUMN base TEXT;
