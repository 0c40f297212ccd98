-- Oldest: 4
-- Finds timelines to remove.
CREATE INDEX CONCURRENTLY IF NOT EXISTS runs_timelines ON weft.runs (updated_at) WHERE timeline IS NOT NULL;
