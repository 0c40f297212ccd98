-- Headers of the request that the nodes of a run see, until the run has ended.
ALTER TABLE runs ADD COLUMN headers TEXT;

-- The configuration of the newest run whose graph was made from its configuration. Reading the thread needs the same
-- graph. The config that a thread shows is no longer that of its runs.
ALTER TABLE threads ADD COLUMN graph_config TEXT;
UPDATE threads SET graph_config = config WHERE config <> '{}';
