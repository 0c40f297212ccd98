-- The checkpoint to whose state the data is a difference; null: the data is whole.
ALTER TABLE stream_events ADD COLUMN base TEXT;
