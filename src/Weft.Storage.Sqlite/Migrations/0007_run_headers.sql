-- Headers of the request that the nodes of a run see: until the run has ended.
ALTER TABLE runs ADD COLUMN headers TEXT;

-- The configuration of the newest run whose graph was made from its configuration: to read the thread, which takes the same
-- graph. What a thread shows as its config is no longer that of its runs.
ALTER TABLE threads ADD COLUMN graph_config TEXT;
UPDATE threads SET graph_config = config WHERE config <> '{}';
