-- What an entry says, where a checkpoint's body has it already: a piece of that, its place counted from 1. Then the entry's
-- own content is empty.
ALTER TABLE run_events ADD COLUMN checkpoint_key INTEGER;
ALTER TABLE run_events ADD COLUMN content_at INTEGER;
ALTER TABLE run_events ADD COLUMN content_length INTEGER;
