-- Earlier programs would use the table in the same way, but can't read the form in which this version stores events, so they are
-- refused.
-- Blocks of about 1 to 4 KB fill pages badly in a table that is a tree of its key: there, only a quarter of a page is kept of a row,
-- and its rest begins another page. Here new rows of all threads fill one page after the other, and the index of the key is small.
ALTER TABLE thread_events RENAME TO keyed_events;

CREATE TABLE thread_events (
    thread_key INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    format INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (thread_key, seq)
) STRICT;

INSERT INTO thread_events (thread_key, seq, last_seq, run_id, format, created_at, data)
SELECT thread_key, seq, last_seq, run_id, format, created_at, data FROM keyed_events ORDER BY thread_key, seq;

DROP TABLE keyed_events;
