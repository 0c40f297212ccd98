-- How long a thread is kept, in microseconds, and what is done with it then.
ALTER TABLE threads ADD COLUMN ttl INTEGER;
ALTER TABLE threads ADD COLUMN ttl_strategy TEXT;
ALTER TABLE threads ADD COLUMN expires_at INTEGER;

-- Finds the threads to prune.
CREATE INDEX threads_expiring ON threads (expires_at) WHERE expires_at IS NOT NULL;
