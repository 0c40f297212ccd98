-- The stored logs of threads, in blocks of events that follow each other. seq is the number of the first event, last_seq that
-- of the last one: 2^33 times the place of the run among the runs of its thread that have started (runs.begun), plus the number
-- of the event in the log of the run. So the log of a run is a range, and a thread's logs follow each other in order. format is
-- the version of the form of data.
ALTER TABLE thread_events RENAME TO single_events;

CREATE TABLE thread_events (
    thread_key INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    format INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (thread_key, seq)
) STRICT, WITHOUT ROWID;

-- Earlier events become blocks of one event: its name, its base and its data, with line feeds between them.
INSERT INTO thread_events (thread_key, seq, last_seq, run_id, format, created_at, data)
SELECT
    thread_key, seq, seq, run_id, coalesce(format, 1), created_at,
    CAST(event || char(10) || coalesce(base, '') || char(10) || CAST(data AS TEXT) AS BLOB)
FROM single_events;

DROP TABLE single_events;
