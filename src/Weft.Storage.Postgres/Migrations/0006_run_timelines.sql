-- Oldest: 4
-- What the attempts of a run did, see TimelineCodec; null if that is not known or not kept any more.
ALTER TABLE weft.runs ADD COLUMN timeline bytea;

-- LZ4 compresses several times faster than the default. A server may be built without it.
DO $$
BEGIN
    ALTER TABLE weft.runs ALTER COLUMN timeline SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END $$;
