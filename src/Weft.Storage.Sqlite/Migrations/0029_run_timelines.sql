-- Oldest: 27. Earlier programs end runs without it.
-- What the attempts of a run did, see TimelineCodec; null if that is not known or not kept any more.
ALTER TABLE runs ADD COLUMN timeline BLOB;

-- Finds those to remove.
CREATE INDEX runs_timelines ON runs (updated_at) WHERE timeline IS NOT NULL;
