using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>A checkpoint to put with the messages that it is the first to have.</summary>
/// <param name="Attempt">The attempt that puts it.</param>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Text">Its metadata without the words that columns store.</param>
/// <param name="Step">The step, which a column stores.</param>
/// <param name="Messages">The messages.</param>
internal sealed record NewCheckpoint(
    RunAttempt Attempt, CheckpointRecord Checkpoint, string Text, int Step, IReadOnlyList<MessageRecord> Messages);

/// <summary>Puts checkpoints of many threads with their messages.</summary>
internal sealed class CheckpointPut : GroupedWrite<NewCheckpoint, FencedResult>
{
    public static readonly CheckpointPut Kind = new();

    // The lock on the run's row is the fence: a later attempt starts by updating that row, so it starts before this statement
    // reads the row or after the checkpoint is committed. The parent is checked too: after one failed write, later
    // checkpoints of the run must not refer to a missing one. The metadata of a checkpoint is usually equal to that of its parent,
    // so its text is shared. Each lookup is a subquery with one possible plan.
    private const string Place = """
        SELECT
            given.*, run.thread_key,
            coalesce(run.attempt = given.attempt AND run.status = 'running', false) AS is_owned,
            given.parent_id IS NULL OR parent.metadata_key IS NOT NULL AS has_parent,
            shared.text IS DISTINCT FROM given.metadata AS has_new_text,
            CASE WHEN shared.text = given.metadata THEN parent.metadata_key
            ELSE nextval('weft.checkpoint_metadata_keys') END AS metadata_key
        FROM
            unnest(
                $1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::text[], $9::integer[],
                $10::bigint[], $11::text[], $12::bytea[])
            WITH ORDINALITY AS given (
                owner_id, attempt, ns, checkpoint_id, parent_id, run_id, ordinal, source, step, created_at, metadata, body, place)
        LEFT JOIN LATERAL (
            SELECT thread_key, attempt, status FROM weft.runs WHERE runs.run_id = given.owner_id FOR SHARE) AS run ON true
        LEFT JOIN LATERAL (
            SELECT metadata_key FROM weft.checkpoints
            WHERE checkpoints.thread_key = run.thread_key AND checkpoints.ns = given.ns AND checkpoints.checkpoint_id = given.parent_id
            LIMIT 1) AS parent ON true
        LEFT JOIN LATERAL (
            SELECT text FROM weft.checkpoint_metadata
            WHERE checkpoint_metadata.metadata_key = parent.metadata_key LIMIT 1) AS shared ON true
        """;

    private const string Insert = """
        INSERT INTO weft.checkpoints (
            thread_key, ordinal, created_at, metadata_key, step, checkpoint_id, parent_id, run_id, ns, source, body)
        SELECT thread_key, ordinal, created_at, metadata_key, step, checkpoint_id, parent_id, run_id, ns, source, body
        FROM placed WHERE is_owned AND has_parent
        ON CONFLICT (thread_key, ns, checkpoint_id) DO NOTHING
        RETURNING thread_key, checkpoint_id
        """;

    // A checkpoint that was stored before has its text and its messages.
    private const string InsertText = """
        INSERT INTO weft.checkpoint_metadata (metadata_key, thread_key, text)
        SELECT metadata_key, thread_key, metadata FROM placed JOIN inserted USING (thread_key, checkpoint_id) WHERE has_new_text
        """;

    private const string InsertMessages = """
        INSERT INTO weft.messages (thread_key, seq, created_at, run_id, checkpoint_id, content_at, content_length, content)
        SELECT
            placed.thread_key,
            message.number + coalesce(
                (SELECT seq FROM weft.messages AS last WHERE last.thread_key = placed.thread_key ORDER BY seq DESC LIMIT 1), 0),
            message.created_at, message.run_id, message.in_checkpoint, message.content_at, message.content_length,
            CASE WHEN message.in_checkpoint IS NULL THEN message.content END
        FROM
            unnest(
                $13::bigint[], $14::integer[], $15::bigint[], $16::uuid[], $17::uuid[], $18::integer[], $19::integer[], $20::bytea[])
            AS message (place, number, created_at, run_id, in_checkpoint, content_at, content_length, content)
        JOIN placed USING (place)
        JOIN inserted USING (thread_key, checkpoint_id)
        """;

    private const string Put = $"""
        WITH
            placed AS MATERIALIZED ({Place}),
            inserted AS ({Insert}),
            texts AS ({InsertText}),
            added AS ({InsertMessages})
        SELECT place, CASE WHEN NOT is_owned THEN 1 WHEN NOT has_parent THEN 2 ELSE 0 END FROM placed
        """;

    public override string Sql => Put;

    public override FencedResult Missing => FencedResult.Stale;

    public override void Bind(Statement statement, IReadOnlyList<NewCheckpoint> rows)
    {
        statement
            .Add(rows.Select(static row => row.Attempt.RunId.Value).ToArray())
            .Add(rows.Select(static row => row.Attempt.Attempt).ToArray())
            .Add(rows.Select(static row => row.Checkpoint.Namespace).ToArray())
            .Add(rows.Select(static row => row.Checkpoint.CheckpointId.Value).ToArray())
            .Add(rows.Select(static row => row.Checkpoint.ParentId?.Value).ToArray())
            .Add(rows.Select(static row => row.Checkpoint.RunId?.Value).ToArray())
            .Add(rows.Select(static row => row.Checkpoint.Ordinal).ToArray())
            .Add(rows.Select(static row => row.Checkpoint.Source).ToArray())
            .Add(rows.Select(static row => row.Step).ToArray())
            .Add(rows.Select(static row => UnixMicroseconds.From(row.Checkpoint.CreatedAt)).ToArray())
            .Add(rows.Select(static row => row.Text).ToArray())
            .Add(rows.Select(static row => row.Checkpoint.Body).ToArray());
        var messages = new List<PlacedMessage>();
        for (var i = 0; i < rows.Count; i++)
        {
            for (var number = 1; number <= rows[i].Messages.Count; number++)
            {
                messages.Add(new PlacedMessage(i + 1, number, rows[i].Messages[number - 1], rows[i].Checkpoint));
            }
        }

        statement
            .Add(messages.Select(static message => message.Place).ToArray())
            .Add(messages.Select(static message => message.Number).ToArray())
            .Add(messages.Select(static message => UnixMicroseconds.From(message.Message.CreatedAt)).ToArray())
            .Add(messages.Select(static message => message.Message.RunId.Value).ToArray())
            .Add(messages.Select(static message => message.In?.CheckpointId.Value).ToArray())
            .Add(messages.Select(static message => message.In?.Start + 1).ToArray())
            .Add(messages.Select(static message => message.In is null ? null : (int?)message.Message.Content.Length).ToArray())
            .Add(messages.Select(static message => message.In is null ? message.Message.Content : default).ToArray());
    }

    public override FencedResult Read(Row row) => (FencedResult)row.Integer(1);

    public override int BytesOf(NewCheckpoint row) =>
        row.Checkpoint.Body.Length + row.Text.Length + row.Messages.Sum(static message => message.Content.Length);

    /// <summary>A message with the place of its checkpoint in the group.</summary>
    private readonly record struct PlacedMessage(long Place, int Number, MessageRecord Message, CheckpointRecord Checkpoint)
    {
        /// <summary>Where this checkpoint or its parent has the content; null if the message keeps it.</summary>
        public ContentPlace? In => Checkpoint.Namespace.Length == 0 && Message.Place is { } place
            && (place.CheckpointId == Checkpoint.CheckpointId || place.CheckpointId == Checkpoint.ParentId)
            ? place
            : null;
    }
}
