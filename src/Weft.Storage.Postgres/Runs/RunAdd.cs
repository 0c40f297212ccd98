using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Adds runs, and the threads that creations bring. This server becomes the home of the threads. The result is false for a creation
/// that is refused, or that was stored before. The cron of a creation and its change of metadata are not part of it.
/// </summary>
internal sealed class RunAdd : GroupedWrite<RunCreation, bool>
{
    public static readonly RunAdd Kind = new();

    // The standing of a thread is locked before its run is added, so that of two servers the second sees what the first has done. A
    // server of a cluster claims a thread that has unfinished runs and no home before, because the new run comes after those. A run that
    // starts at once is refused while there are others, for the same reason.
    private const string Add = $"""
        WITH
            {ThreadInsert.Ctes},
            given AS MATERIALIZED (
                SELECT * FROM unnest(
                    $21::text[], $22::text[], $23::boolean[], $24::uuid[], $25::uuid[], $26::text[], $27::integer[], $28::integer[],
                    $29::text[], $30::bytea[], $31::text[], $32::bigint[], $33::bigint[], $34::bigint[], $35::bigint[],
                    $36::text[], $37::text[], $38::text[], $39::text[], $40::text[], $41::text[], $42::text[],
                    $43::bigint[], $44::boolean[], $45::bigint[])
                WITH ORDINALITY AS given (
                    thread_id, owner, is_new, run_id, assistant_id, status, attempt, begun,
                    metadata, kwargs, multitask_strategy, created_at, updated_at, started_at, not_before,
                    error, cancel_action, cancel_reason, headers, request_key, request_hash, graph_config,
                    thread_version, remembers_assistant, assistant_updated_at, place)),
            placed AS MATERIALIZED (
                SELECT given.*, standing.thread_key
                FROM given
                CROSS JOIN LATERAL (
                    SELECT thread_key FROM weft.threads
                    WHERE threads.thread_id = given.thread_id AND threads.owner = given.owner LIMIT 1) AS thread
                CROSS JOIN LATERAL (
                    SELECT thread_key, begun, version, home FROM weft.thread_standings
                    WHERE thread_standings.thread_key = thread.thread_key FOR UPDATE) AS standing
                WHERE NOT given.is_new AND (given.begun = 0 OR standing.begun = given.begun - 1)
                    AND (given.thread_version IS NULL OR standing.version = given.thread_version)
                    AND (NOT given.remembers_assistant OR given.assistant_updated_at IS NOT DISTINCT FROM (
                        SELECT updated_at FROM weft.assistants
                        WHERE assistants.owner = given.owner AND assistants.assistant_id = given.assistant_id LIMIT 1))
                    AND (($20::integer IS NULL AND standing.home IS NULL)
                        OR (standing.home = $20 AND given.begun = 0)
                        OR ((standing.home = $20 OR standing.home IS NULL) AND {ThreadHomeRows.HasNoRuns}))
                UNION ALL
                SELECT given.*, added.thread_key FROM given JOIN added USING (thread_id) WHERE added.owner = given.owner),
            inserted AS (
                INSERT INTO weft.runs (
                    thread_key, created_at, updated_at, started_at, not_before, attempt, begun, server, run_id, assistant_id, owner,
                    status, multitask_strategy, cancel_action, cancel_reason, error, headers, request_key, request_hash)
                SELECT
                    thread_key, created_at, updated_at, started_at, not_before, attempt, begun,
                    CASE status WHEN 'running' THEN $20 END, run_id, assistant_id, owner,
                    status, multitask_strategy, cancel_action, cancel_reason, error, headers, request_key, request_hash
                FROM placed ORDER BY place
                ON CONFLICT DO NOTHING
                RETURNING run_key, run_id),
            stored AS MATERIALIZED (SELECT placed.*, inserted.run_key FROM inserted JOIN placed USING (run_id)),
            inputs AS (INSERT INTO weft.run_inputs (run_key, metadata, kwargs) SELECT run_key, metadata, kwargs FROM stored),
            busy AS (
                UPDATE weft.thread_standings
                SET status = 'busy', home = $20, graph_config = coalesce(stored.graph_config, thread_standings.graph_config),
                    updated_at = stored.created_at, version = version + 1, begun = greatest(thread_standings.begun, stored.begun)
                FROM stored WHERE NOT stored.is_new AND thread_standings.thread_key = ANY (ARRAY[stored.thread_key]))
        SELECT place FROM stored
        """;

    public override string Sql => Add;

    public override bool Missing => false;

    public override int BytesOf(RunCreation row) => row.Run.Kwargs.Length;

    public override void Bind(Statement statement, IReadOnlyList<RunCreation> rows)
    {
        T[] Of<T>(Func<RunRecord, T> select) => [.. rows.Select(row => select(row.Run))];

        ThreadInsert.Bind(statement, [.. rows.Index().Where(static row => row.Item.NewThread is not null).Select(
            static row => new PlacedThread(row.Index + 1, null, BusyOf(row.Item, row.Item.NewThread!)))]);
        statement
            .AddServer()
            .Add(Of(static run => run.ThreadId.Value))
            .Add(rows.Select(static row => row.Actor.Id).ToArray())
            .Add(rows.Select(static row => row.NewThread is not null).ToArray())
            .Add(Of(static run => run.RunId.Value))
            .Add(Of(static run => run.AssistantId.Value))
            .Add(Of(static run => run.Status.ToWire()))
            .Add(Of(static run => run.Attempt))
            .Add(Of(static run => (int)run.StartOrder))
            .Add(Of(static run => MetadataText.OfRun(run.Metadata, run.AssistantId.ToString())))
            .Add(Of(static run => run.Kwargs))
            .Add(Of(static run => run.MultitaskStrategy.ToWire()))
            .Add(Of(static run => UnixMicroseconds.From(run.CreatedAt)))
            .Add(Of(static run => UnixMicroseconds.From(run.UpdatedAt)))
            .Add(Of(static run => UnixMicroseconds.From(run.StartedAt)))
            .Add(Of(static run => UnixMicroseconds.From(run.NotBefore)))
            .Add(Of(static run => run.Error))
            .Add(Of(static run => run.CancelRequest?.Action.ToWire()))
            .Add(Of(static run => run.CancelRequest?.Reason))
            .Add(Of(static run => run.Headers))
            .Add(rows.Select(static row => row.Request is { } request ? KeyOf(request) : null).ToArray())
            .Add(rows.Select(static row => row.Request?.BodyHash).ToArray())
            .Add(rows.Select(static row => row.GraphConfig).ToArray())
            .Add(rows.Select(static row => row.ThreadVersion).ToArray())
            .Add(rows.Select(static row => row.Assistant is not null).ToArray())
            .Add(rows.Select(static row => row.Assistant?.UpdatedAt is { } at ? UnixMicroseconds.From(at) : (long?)null).ToArray());
    }

    public override bool Read(Row row) => true;

    /// <summary>Returns the stored key. A thread id has no '/'.</summary>
    public static string KeyOf(RequestKey request) => $"{request.ThreadId?.Value}/{request.Key}";

    /// <summary>Returns a thread that is created with a run.</summary>
    private static ThreadRecord BusyOf(RunCreation creation, ThreadRecord thread) => thread with
    {
        Status = ThreadStatus.Busy,
        GraphConfig = creation.GraphConfig,
        UpdatedAt = creation.Run.CreatedAt,
        Version = thread.Version + 1,
        RunsStarted = creation.Run.StartOrder,
    };
}
