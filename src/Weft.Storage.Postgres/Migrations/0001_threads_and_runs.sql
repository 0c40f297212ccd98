-- Keys of threads come from a sequence, because a statement that adds a thread with its run needs the key for both.
CREATE SEQUENCE weft.thread_keys;

-- A thread has two rows: one that few changes touch and that searches index, and its standing, which each run changes.
-- metadata is JSON as it came. metadata_search is an object with the owner and the metadata in a form that jsonb can store (see
-- SearchableJson), so that one index finds the threads of an owner by their metadata.
CREATE TABLE weft.threads (
    thread_key bigint PRIMARY KEY,
    created_at bigint NOT NULL,
    ttl bigint,
    expires_at bigint,
    thread_id text COLLATE "C" NOT NULL UNIQUE,
    owner text COLLATE "C" NOT NULL,
    ttl_strategy text COLLATE "C",
    config text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    metadata_search jsonb NOT NULL
);

-- Searches.
CREATE INDEX threads_by_creation ON weft.threads (owner, created_at, thread_id);
CREATE INDEX threads_by_metadata ON weft.threads USING gin (metadata_search jsonb_path_ops);

-- Finds the threads to prune.
CREATE INDEX threads_expiring ON weft.threads (expires_at) WHERE expires_at IS NOT NULL;

-- version is one more with each change of the thread's state. begun is how many of its runs have started. home is the server that
-- coordinates the thread's runs; null on a database with one server.
CREATE TABLE weft.thread_standings (
    thread_key bigint PRIMARY KEY,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    state_updated_at bigint,
    begun integer NOT NULL,
    home integer,
    owner text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    error text COLLATE "C",
    interrupts text COLLATE "C" NOT NULL,
    graph_config text COLLATE "C"
) WITH (fillfactor = 80);

-- Searches.
CREATE INDEX thread_standings_by_update ON weft.thread_standings (owner, updated_at);

-- Finds the threads that wait for a person or failed.
CREATE INDEX thread_standings_stopped ON weft.thread_standings (owner, status) WHERE status IN ('interrupted', 'error');

-- The numbers of threads of each owner. A connection adds to the row of its slot, so that writers do not wait for each other.
CREATE TABLE weft.thread_counts (
    owner text COLLATE "C" NOT NULL,
    slot integer NOT NULL,
    threads bigint NOT NULL,
    PRIMARY KEY (owner, slot)
) WITH (fillfactor = 50);

-- begun is the run's place, from 1, among the runs of its thread that have started; 0 before its first attempt. server is the one
-- that executes the run; null on a database with one server. work_at_start is the number of checkpoints and outcomes of the
-- thread when the attempt started, and crashes the number of attempts since that ended with their server.
CREATE TABLE weft.runs (
    run_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    thread_key bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    started_at bigint,
    not_before bigint,
    work_at_start bigint,
    attempt integer NOT NULL,
    begun integer NOT NULL,
    crashes integer NOT NULL DEFAULT 0,
    server integer,
    unsuccessful boolean NOT NULL DEFAULT false,
    run_id uuid NOT NULL UNIQUE,
    assistant_id uuid NOT NULL,
    owner text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    multitask_strategy text COLLATE "C" NOT NULL,
    cancel_action text COLLATE "C",
    cancel_reason text COLLATE "C",
    error text COLLATE "C",
    error_name text COLLATE "C",
    usage text COLLATE "C",
    headers text COLLATE "C",
    request_key text COLLATE "C",
    request_hash text COLLATE "C"
) WITH (fillfactor = 85);

-- One run of a thread runs at a time.
CREATE UNIQUE INDEX runs_running ON weft.runs (thread_key) WHERE status = 'running';
CREATE INDEX runs_pending ON weft.runs (thread_key) WHERE status = 'pending';

-- Lists of a thread's runs.
CREATE INDEX runs_by_thread ON weft.runs (thread_key, run_key);

-- Searches over all threads, newest first. Runs that are rare in a long history have a part of their own.
CREATE INDEX runs_by_owner ON weft.runs (owner, unsuccessful, run_id);

-- Finds the run of a repeated request. A key has at most one run, whatever the server believes.
CREATE UNIQUE INDEX runs_by_request ON weft.runs (owner, request_key) WHERE request_key IS NOT NULL;

-- What a run was given. It is written once, apart from the run's row, which is copied by each change of its status.
CREATE TABLE weft.run_inputs (
    run_key bigint PRIMARY KEY,
    metadata text COLLATE "C" NOT NULL,
    kwargs bytea NOT NULL
);

-- The row that a check of the database changes.
CREATE TABLE weft.probes (
    probe_key integer PRIMARY KEY,
    number bigint NOT NULL
);

INSERT INTO weft.probes (probe_key, number) VALUES (1, 0);
