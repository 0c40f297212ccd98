-- How long a thread is kept, in microseconds, and what becomes of it then.
ALTER TABLE threads ADD COLUMN ttl INTEGER;
ALTER TABLE threads ADD COLUMN ttl_strategy TEXT;
ALTER TABLE threads ADD COLUMN expires_at INTEGER;

-- What is due to be pruned.
CREATE INDEX threads_expiring ON threads (expires_at) WHERE expires_at IS NOT NULL;
