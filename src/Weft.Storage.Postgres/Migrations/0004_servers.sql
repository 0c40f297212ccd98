-- Oldest: 3
-- The servers of a cluster: a row for each start of a server. A server whose row is missing, or has the status 6 (dead), executes
-- nothing any more. suspected_by and suspected_at say which servers did not reach it, and when.
CREATE TABLE weft.servers (
    server_key integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    port integer NOT NULL,
    generation integer NOT NULL,
    status integer NOT NULL,
    proxy_port integer NOT NULL,
    etag bigint NOT NULL DEFAULT 1,
    started_at bigint NOT NULL,
    alive_at bigint NOT NULL,
    address text COLLATE "C" NOT NULL,
    host_name text COLLATE "C" NOT NULL,
    silo_name text COLLATE "C" NOT NULL,
    suspected_by text[] COLLATE "C" NOT NULL,
    suspected_at bigint[] NOT NULL,
    UNIQUE (address, port, generation)
) WITH (fillfactor = 50);

-- The version of the table of servers. Each change of a row, except of alive_at, increments the version.
CREATE TABLE weft.membership (
    membership_key integer PRIMARY KEY,
    version integer NOT NULL
);

INSERT INTO weft.membership (membership_key, version) VALUES (1, 0);

-- Whether the home of a thread stays when its last run has ended. It has no index, because a change of home updates the row in place.
ALTER TABLE weft.thread_standings ADD COLUMN held boolean NOT NULL DEFAULT false;
