-- Bodies refer to earlier bodies of the same thread and namespace by positions of bytes, so they are bytea. A hidden
-- checkpoint belongs to a run that was deleted; later bodies may refer to it. Ids and ordinals grow together, so the key
-- serves both orders.
CREATE TABLE weft.checkpoints (
    thread_key bigint NOT NULL,
    ordinal bigint NOT NULL,
    created_at bigint NOT NULL,
    metadata_key bigint NOT NULL,
    step integer NOT NULL,
    hidden boolean NOT NULL DEFAULT false,
    checkpoint_id uuid NOT NULL,
    parent_id uuid,
    run_id uuid,
    ns text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (thread_key, ns, checkpoint_id)
);

-- The metadata of checkpoints without the words that columns store. Most texts of a thread are equal, so checkpoints
-- share a text until the next one differs.
CREATE SEQUENCE weft.checkpoint_metadata_keys;

CREATE TABLE weft.checkpoint_metadata (
    metadata_key bigint PRIMARY KEY,
    thread_key bigint NOT NULL,
    text text COLLATE "C" NOT NULL
);

-- Finds the rows to remove with a thread.
CREATE INDEX checkpoint_metadata_by_thread ON weft.checkpoint_metadata (thread_key);

CREATE TABLE weft.task_outcomes (
    thread_key bigint NOT NULL,
    checkpoint_id uuid NOT NULL,
    ns text COLLATE "C" NOT NULL,
    task_id text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (thread_key, ns, checkpoint_id, task_id)
);

-- The messages that runs added to their threads. If the body of a checkpoint of the root graph contains the content of a
-- message: the offset of that piece, counted from 1, and its length. The message's own content is then null.
-- The newest message of a thread keeps its row, without run and content, when its run is deleted, so that its number is
-- not used again.
CREATE TABLE weft.messages (
    thread_key bigint NOT NULL,
    seq bigint NOT NULL,
    created_at bigint NOT NULL,
    run_id uuid,
    checkpoint_id uuid,
    content_at integer,
    content_length integer,
    content bytea,
    PRIMARY KEY (thread_key, seq)
);

-- The stored logs of runs, in blocks of events that follow each other: the numbers of the first and the last one.
-- begun is the place of the run among the runs of its thread that have started (runs.begun), so a thread's logs follow
-- each other in order. format is the version of the form of data.
CREATE TABLE weft.stream_blocks (
    thread_key bigint NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    run_key bigint NOT NULL,
    created_at bigint NOT NULL,
    begun integer NOT NULL,
    format integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (thread_key, begun, first_seq)
);

-- LZ4 compresses long bodies several times faster than the default. A server may be built without it.
DO $$
BEGIN
    ALTER TABLE weft.checkpoints ALTER COLUMN body SET COMPRESSION lz4;
    ALTER TABLE weft.task_outcomes ALTER COLUMN body SET COMPRESSION lz4;
    ALTER TABLE weft.messages ALTER COLUMN content SET COMPRESSION lz4;
    ALTER TABLE weft.stream_blocks ALTER COLUMN data SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END $$;
