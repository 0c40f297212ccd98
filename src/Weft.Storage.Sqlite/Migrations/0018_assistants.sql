-- The assistants that clients created. Ids are unique per owner.
CREATE TABLE assistants (
    assistant_key INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    assistant_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner, assistant_id)
) STRICT;

CREATE TABLE assistant_versions (
    assistant_key INTEGER NOT NULL,
    version INTEGER NOT NULL,
    graph_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    config TEXT NOT NULL,
    context TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (assistant_key, version)
) STRICT, WITHOUT ROWID;
