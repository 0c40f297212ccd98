-- The stored logs of threads. seq is 2^33 times the place of the run among the runs of its thread that have started
-- (runs.begun), plus the number of the event in the log of the run. So the log of a run is a range, and a thread's
-- logs follow each other in order.
CREATE TABLE thread_events (
    thread_key INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    event TEXT NOT NULL,
    format INTEGER,
    base TEXT,
    created_at INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (thread_key, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO thread_events (thread_key, seq, run_id, event, format, base, created_at, data)
SELECT thread_key, (begun << 33) + seq, run_id, event, format, base, stream_events.created_at, data
FROM stream_events JOIN runs USING (run_id)
-- A run that ended without having started has no place. Its row says how it ended.
WHERE begun > 0;

DROP TABLE stream_events;
