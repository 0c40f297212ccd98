-- The messages that runs added to their threads. If the body of a checkpoint contains the content of a message: the
-- offset of that piece, counted from 1, and its length. The message's own content is then empty.
-- The newest message of a thread keeps its row, without run and content, when its run is deleted, so that its number is
-- not used again.
CREATE TABLE messages (
    thread_key INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    run_id BLOB,
    created_at INTEGER NOT NULL,
    content BLOB NOT NULL,
    checkpoint_key INTEGER,
    content_at INTEGER,
    content_length INTEGER,
    PRIMARY KEY (thread_key, seq)
) STRICT, WITHOUT ROWID;

-- The other entries said that runs had ended, which the rows of the runs say too.
INSERT INTO messages (thread_key, seq, run_id, created_at, content, checkpoint_key, content_at, content_length)
SELECT
    thread_key, seq, CASE category WHEN 'message' THEN run_id END, created_at,
    content, checkpoint_key, content_at, content_length
FROM run_events WHERE category IN ('message', 'removed');

DROP TABLE run_events;
