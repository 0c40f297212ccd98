-- Oldest: 19. Earlier programs leave deliveries alone.
-- Deliveries of webhooks. They have no thread_key, because a pending one outlives its thread. due_at is null unless the status is
-- pending; of a claimed one it is when the attempt is regarded as lost. The payload comes last.
CREATE TABLE webhooks (
    webhook_key INTEGER PRIMARY KEY,
    run_id BLOB NOT NULL UNIQUE,
    thread_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    url TEXT NOT NULL,
    receiver TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER,
    claimed INTEGER NOT NULL,
    earlier_attempts INTEGER NOT NULL,
    series_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    payload_bytes INTEGER NOT NULL,
    payload BLOB NOT NULL
) STRICT;

-- Finds the receivers, and the deliveries of each in the order in which they are due.
CREATE INDEX webhooks_due ON webhooks (receiver, due_at) WHERE due_at IS NOT NULL;

-- Finds those to remove, with the size of their payloads.
CREATE INDEX webhooks_ended ON webhooks (ended_at, payload_bytes) WHERE ended_at IS NOT NULL;

-- Searches, newest first.
CREATE INDEX webhooks_by_owner ON webhooks (owner);
CREATE INDEX webhooks_by_status ON webhooks (owner, status);

-- Finds those to remove with a thread.
CREATE INDEX webhooks_by_thread ON webhooks (thread_id);

CREATE TABLE webhook_attempts (
    webhook_key INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    status_code INTEGER,
    error TEXT,
    PRIMARY KEY (webhook_key, attempt)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER webhooks_removed AFTER DELETE ON webhooks BEGIN
    DELETE FROM webhook_attempts WHERE webhook_key = OLD.webhook_key;
END;
