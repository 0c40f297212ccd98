-- The oldest schema version whose programs can use the file after this migration; null if it is the version of the
-- migration itself.
ALTER TABLE schema_version ADD COLUMN oldest INTEGER;
