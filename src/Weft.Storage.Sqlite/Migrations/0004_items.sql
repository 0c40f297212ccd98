-- A namespace is its labels with a '.' after each: what is below it is a range.
CREATE TABLE items (
    item_key INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ttl INTEGER,
    expires_at INTEGER,
    indexed_paths TEXT,
    value BLOB NOT NULL,
    UNIQUE (owner, namespace, key)
) STRICT;

-- Searches: all that it takes to choose and sort rows, so that values are read of those on the page only.
CREATE INDEX items_in_order ON items (owner, namespace, updated_at, key, expires_at);

-- What to remove.
CREATE INDEX items_expiring ON items (expires_at) WHERE expires_at IS NOT NULL;
