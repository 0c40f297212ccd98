-- The version of the form of event and data; null: name and JSON of the first protocol.
ALTER TABLE stream_events ADD COLUMN format INTEGER;
