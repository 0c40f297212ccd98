-- The oldest version of the schema that a program may know and still use the file with this migration; null: this one.
ALTER TABLE schema_version ADD COLUMN oldest INTEGER;
