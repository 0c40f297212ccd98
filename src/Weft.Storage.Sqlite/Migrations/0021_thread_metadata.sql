-- Which threads have a member with a value in of their metadata. A row lists those of 2,048 keys in a row (see KeySet). The value is
-- the JSON of the member in a canonical form (see MetadataMember). The rows of the name '' list threads whose metadata has too
-- many members to be listed.
CREATE TABLE thread_metadata (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    threads BLOB NOT NULL,
    PRIMARY KEY (owner, name, value, chunk)
) STRICT, WITHOUT ROWID;

-- Finds the threads that wait for a person or failed. Other statuses change with each run, so an index would cost each run.
CREATE INDEX threads_stopped ON threads (owner, status) WHERE status IN ('interrupted', 'error');
