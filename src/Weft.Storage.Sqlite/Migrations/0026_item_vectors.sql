-- A space is a model with its dimensions and fields. Vectors of two spaces can't be compared.
CREATE TABLE item_spaces (
    space_key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- The vectors of an item, one after the other, as numbers of two bytes; empty if the item has nothing to be ranked by. Rows are
-- never changed and keys never used again, so that rows can be cached: a search reads the new ones, and finds out that others are
-- gone when it looks for their items.
CREATE TABLE item_vectors (
    vector_key INTEGER PRIMARY KEY AUTOINCREMENT,
    item_key INTEGER NOT NULL UNIQUE,
    space_key INTEGER NOT NULL,
    owner TEXT NOT NULL,
    namespace TEXT NOT NULL,
    vectors BLOB NOT NULL
) STRICT;

-- Finds the new rows of an owner.
CREATE INDEX item_vectors_in_order ON item_vectors (owner, vector_key, namespace);

-- An item whose texts change has to be embedded again.
CREATE TRIGGER items_changed AFTER UPDATE OF value, indexed_paths ON items
WHEN OLD.value IS NOT NEW.value OR OLD.indexed_paths IS NOT NEW.indexed_paths BEGIN
    DELETE FROM item_vectors WHERE item_key = OLD.item_key;
END;

CREATE TRIGGER items_deleted AFTER DELETE ON items BEGIN
    DELETE FROM item_vectors WHERE item_key = OLD.item_key;
END;
