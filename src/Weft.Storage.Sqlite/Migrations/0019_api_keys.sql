-- Oldest: 18. Keys are used only by servers that are configured to require them.
-- hash is the SHA-256 of the key, which is not stored. permissions are separated by spaces.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    permissions TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
