-- Oldest: 15
-- The key by which a client repeats its request for a run, after the thread of the request and a '/' (a request without a
-- thread has none), and a hash of the request.
ALTER TABLE runs ADD COLUMN request_key TEXT;
ALTER TABLE runs ADD COLUMN request_hash TEXT;

-- Finds the run of a repeated request. A key has at most one run, whatever the server believes.
CREATE UNIQUE INDEX runs_by_request ON runs (owner, request_key) WHERE request_key IS NOT NULL;
