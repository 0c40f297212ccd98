-- A namespace is stored as its labels, each with a '.' after it, so the items below it are one range.
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

-- Contains all columns that choose and sort the rows of a search, so that values are read only for the rows on the
-- page.
CREATE INDEX items_in_order ON items (owner, namespace, updated_at, key, expires_at);

-- Finds the items to remove.
CREATE INDEX items_expiring ON items (expires_at) WHERE expires_at IS NOT NULL;
