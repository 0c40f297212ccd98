-- The assistants that clients created. Ids are unique per owner.
CREATE TABLE weft.assistants (
    assistant_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner text COLLATE "C" NOT NULL,
    assistant_id uuid NOT NULL,
    version int NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    UNIQUE (owner, assistant_id)
);

CREATE TABLE weft.assistant_versions (
    assistant_key bigint NOT NULL REFERENCES weft.assistants ON DELETE CASCADE,
    version int NOT NULL,
    graph_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    config text COLLATE "C" NOT NULL,
    context text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (assistant_key, version)
);

-- The time of the next run is null if the cron is disabled or has ended. access is a JSON object: what the runs of the cron may see,
-- and the permissions that they know of. Null means all that the owner has.
CREATE TABLE weft.crons (
    cron_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cron_id uuid NOT NULL UNIQUE,
    owner text COLLATE "C" NOT NULL,
    assistant_id uuid NOT NULL,
    thread_id text COLLATE "C",
    schedule text COLLATE "C" NOT NULL,
    timezone text COLLATE "C" NOT NULL,
    end_time bigint,
    enabled boolean NOT NULL,
    on_run_completed text COLLATE "C" NOT NULL,
    next_run_date bigint,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    payload bytea NOT NULL,
    access text COLLATE "C"
);

-- Finds the crons that are due, and when the next one is.
CREATE INDEX crons_due ON weft.crons (next_run_date) WHERE next_run_date IS NOT NULL;

-- Searches.
CREATE INDEX crons_by_owner ON weft.crons (owner);

-- A namespace is stored as its labels, each with a '.' after it, so the items below it are one range. The value is JSON as it came.
CREATE TABLE weft.items (
    item_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner text COLLATE "C" NOT NULL,
    namespace text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    ttl bigint,
    expires_at bigint,
    indexed_paths text COLLATE "C",
    value bytea NOT NULL
);

-- Contains all columns that choose and sort the rows of a search, so that values are read only for the rows on the page.
CREATE UNIQUE INDEX items_by_name ON weft.items (owner, namespace, key) INCLUDE (updated_at, expires_at, item_key);

-- Finds the items to remove.
CREATE INDEX items_expiring ON weft.items (expires_at) WHERE expires_at IS NOT NULL;

-- A space is a model with its dimensions and fields. Vectors of two spaces can't be compared.
CREATE TABLE weft.item_spaces (
    space_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE
);

-- The items that were embedded, also those with nothing to be ranked by.
CREATE TABLE weft.item_entries (
    item_key bigint PRIMARY KEY REFERENCES weft.items ON DELETE CASCADE,
    space_key bigint NOT NULL
);

-- The vectors of items. Rows are never changed. The keys of a space are in the order of the commits, because who adds rows holds a
-- lock on the space: so rows can be cached, and a search reads only those after the last one that it knows.
CREATE TABLE weft.item_vectors (
    vector_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_key bigint NOT NULL REFERENCES weft.item_entries ON DELETE CASCADE,
    space_key bigint NOT NULL,
    owner text COLLATE "C" NOT NULL,
    namespace text COLLATE "C" NOT NULL,
    vector real[] NOT NULL
);

-- Vectors do not become smaller when they are compressed.
ALTER TABLE weft.item_vectors ALTER COLUMN vector SET STORAGE EXTERNAL;

CREATE INDEX item_vectors_by_item ON weft.item_vectors (item_key);

-- Finds the new rows of an owner.
CREATE INDEX item_vectors_in_order ON weft.item_vectors (space_key, owner, vector_key) INCLUDE (namespace);

-- Finds the rows below a namespace.
CREATE INDEX item_vectors_by_namespace ON weft.item_vectors (space_key, owner, namespace);

-- An item whose texts change has to be embedded again.
CREATE FUNCTION weft.forget_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM weft.item_entries WHERE item_key = OLD.item_key;
    RETURN NULL;
END $$;

CREATE TRIGGER items_changed AFTER UPDATE OF value, indexed_paths ON weft.items FOR EACH ROW
WHEN (OLD.value IS DISTINCT FROM NEW.value OR OLD.indexed_paths IS DISTINCT FROM NEW.indexed_paths)
EXECUTE FUNCTION weft.forget_entry();

-- Deliveries of webhooks. They have no thread_key, because a pending one outlives its thread. due_at is null unless the status is
-- pending; of a claimed one it is when the attempt is regarded as lost.
CREATE TABLE weft.webhooks (
    webhook_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL UNIQUE,
    thread_id text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    receiver text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    attempts int NOT NULL,
    due_at bigint,
    claimed boolean NOT NULL,
    earlier_attempts int NOT NULL,
    series_at bigint NOT NULL,
    created_at bigint NOT NULL,
    ended_at bigint,
    payload_bytes bigint NOT NULL,
    payload bytea NOT NULL
);

-- Finds the receivers, and the deliveries of each in the order in which they are due.
CREATE INDEX webhooks_due ON weft.webhooks (receiver, due_at) WHERE due_at IS NOT NULL;

-- Finds those to remove, with the size of their payloads.
CREATE INDEX webhooks_ended ON weft.webhooks (ended_at, payload_bytes) WHERE ended_at IS NOT NULL;

-- Searches, newest first.
CREATE INDEX webhooks_by_owner ON weft.webhooks (owner, webhook_key);
CREATE INDEX webhooks_by_status ON weft.webhooks (owner, status, webhook_key);

-- Finds those to remove with a thread.
CREATE INDEX webhooks_by_thread ON weft.webhooks (thread_id);

CREATE TABLE weft.webhook_attempts (
    webhook_key bigint NOT NULL REFERENCES weft.webhooks ON DELETE CASCADE,
    attempt int NOT NULL,
    started_at bigint NOT NULL,
    duration bigint NOT NULL,
    status_code int,
    error text COLLATE "C",
    PRIMARY KEY (webhook_key, attempt)
);

-- Feedback on runs. The key is null for the rating of a user.
CREATE TABLE weft.feedback (
    feedback_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feedback_id uuid NOT NULL UNIQUE,
    thread_key bigint NOT NULL,
    run_id uuid NOT NULL,
    owner text COLLATE "C" NOT NULL,
    key text COLLATE "C",
    score double precision,
    message_id text COLLATE "C",
    created_at bigint NOT NULL,
    comment text COLLATE "C",
    details text COLLATE "C" NOT NULL
);

-- Lists the feedback on a run, and finds the rows to remove with a run or a thread.
CREATE INDEX feedback_by_run ON weft.feedback (thread_key, run_id);

-- What the server signs with.
CREATE TABLE weft.secrets (
    name text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

-- hash is the SHA-256 of the key, which is not stored. permissions are separated by spaces.
CREATE TABLE weft.api_keys (
    id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    permissions text COLLATE "C" NOT NULL,
    hash bytea NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint
);
