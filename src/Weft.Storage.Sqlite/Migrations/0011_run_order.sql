-- Of a run: its number in the order in which the runs of the thread began, from 1; 0 before its first attempt. Of a
-- thread: how many of its runs have begun.
ALTER TABLE threads ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;

UPDATE runs SET begun = numbered.begun
FROM (SELECT run_key, row_number() OVER (PARTITION BY thread_key ORDER BY run_key) AS begun FROM runs WHERE attempt > 0) AS numbered
WHERE runs.run_key = numbered.run_key;

UPDATE threads SET begun = (SELECT count(*) FROM runs WHERE runs.thread_key = threads.thread_key AND attempt > 0);
