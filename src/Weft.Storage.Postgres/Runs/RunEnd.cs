using System.Text;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Ends runs with their threads and their last events. A thread whose home is this server has none after its last run, unless it is
/// held. The result is the version of the thread, or null if the run has ended or is at another attempt, or if it is pending and its
/// home is another server. Rare parts of an end are not part of it.
/// </summary>
internal sealed class RunEnd : GroupedWrite<RunFinish, long?>
{
    public static readonly RunEnd Kind = new();

    private const string IsLast = """
        (
            SELECT true FROM weft.runs AS other
            WHERE other.thread_key = ended.thread_key AND other.status = 'pending' AND other.run_id <> ended.run_id LIMIT 1) IS NULL
        AND (
            SELECT true FROM weft.runs AS other
            WHERE other.thread_key = ended.thread_key AND other.status = 'running' AND other.run_id <> ended.run_id LIMIT 1) IS NULL
        """;

    // A server that is not the home any more does not know the runs that were added since.
    private const string Status = $"""
        CASE
            WHEN ended.thread_status IS NULL THEN thread_standings.status
            WHEN thread_standings.home <> $20 AND NOT ({IsLast}) THEN 'busy'
            ELSE ended.thread_status END
        """;

    private const string End = $"""
        WITH
            given AS MATERIALIZED (
                SELECT * FROM unnest(
                    $1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                    $8::text[], $9::text[], $10::text[], $11::boolean[], $12::bigint[], $13::text[], $21::text[], $22::bytea[])
                WITH ORDINALITY AS given (
                    run_id, attempt, status, error, error_name, usage, now,
                    thread_status, interrupts, thread_error, state_changed, ttl, ttl_strategy, preview, timeline, place)),
            ended AS (
                UPDATE weft.runs
                SET status = given.status, error = given.error, error_name = given.error_name, usage = given.usage, updated_at = given.now,
                    headers = NULL, unsuccessful = given.status <> 'success',
                    timeline = CASE
                        WHEN runs.timeline IS NULL THEN given.timeline ELSE runs.timeline || coalesce(given.timeline, '') END
                FROM given
                WHERE runs.run_id = ANY (ARRAY[given.run_id])
                    AND runs.status = CASE WHEN given.attempt IS NULL THEN 'pending' ELSE 'running' END
                    AND runs.attempt = coalesce(given.attempt, runs.attempt)
                    AND (given.attempt IS NOT NULL OR (
                        SELECT standing.home IS NULL OR standing.home = $20 FROM weft.thread_standings AS standing
                        WHERE standing.thread_key = runs.thread_key LIMIT 1))
                RETURNING runs.run_key, runs.thread_key, runs.begun, given.*),
            standings AS (
                UPDATE weft.thread_standings
                SET version = version + 1, status = {Status},
                    interrupts = coalesce(ended.interrupts, thread_standings.interrupts),
                    error = CASE WHEN ended.thread_status IS NULL THEN thread_standings.error ELSE ended.thread_error END,
                    updated_at = CASE WHEN ended.thread_status IS NULL THEN thread_standings.updated_at ELSE ended.now END,
                    preview = coalesce(ended.preview, thread_standings.preview),
                    state_updated_at = CASE WHEN ended.state_changed THEN ended.now ELSE thread_standings.state_updated_at END,
                    home = CASE
                        WHEN thread_standings.home = $20 AND NOT thread_standings.held AND {IsLast} THEN NULL
                        ELSE thread_standings.home END
                FROM ended WHERE thread_standings.thread_key = ANY (ARRAY[ended.thread_key])
                RETURNING ended.place, thread_standings.version),
            lives AS (
                UPDATE weft.threads SET ttl = ended.ttl, ttl_strategy = ended.ttl_strategy, expires_at = ended.now + ended.ttl
                FROM ended WHERE ended.ttl IS NOT NULL AND threads.thread_key = ANY (ARRAY[ended.thread_key])),
            blocks AS (
                INSERT INTO weft.stream_blocks ({StreamBlockRows.Columns})
                SELECT thread_key, begun, run_key, block.first_seq, block.last_seq, block.created_at, block.format, block.data
                FROM unnest($14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::integer[], $19::bytea[])
                    AS block (place, first_seq, last_seq, created_at, format, data)
                JOIN ended USING (place)
                WHERE begun > 0
                {StreamBlockRows.OrReplace})
        SELECT place, version FROM standings
        """;

    public override string Sql => End;

    public override long? Missing => null;

    public override int BytesOf(RunFinish row) =>
        row.StreamEvents.Sum(static block => block.Data.Length) + (row.Timeline?.Length ?? 0);

    public override void Bind(Statement statement, IReadOnlyList<RunFinish> rows)
    {
        BindEnds(statement, rows)
            .Add(rows.Select(static row => row.Status.ToWire()).ToArray())
            .Add(rows.Select(static row => row.Error).ToArray())
            .Add(rows.Select(static row => row.ErrorName).ToArray())
            .Add(rows.Select(static row => TextOf(row.Usage)).ToArray())
            .Add(rows.Select(static row => UnixMicroseconds.From(row.Now)).ToArray())
            .Add(rows.Select(static row => row.Thread?.Status.ToWire()).ToArray())
            .Add(rows.Select(static row => row.Thread?.Interrupts).ToArray())
            .Add(rows.Select(static row => row.Thread?.Error).ToArray())
            .Add(rows.Select(static row => row.Thread?.StateChanged ?? false).ToArray())
            .Add(rows.Select(static row => (long?)row.ThreadTtl?.Duration.TotalMicroseconds).ToArray())
            .Add(rows.Select(static row => row.ThreadTtl?.Strategy.ToWire()).ToArray());
        var blocks = rows.Index()
            .SelectMany(static row => row.Item.StreamEvents.Select(block => (Place: row.Index + 1L, Block: block)))
            .ToList();
        StreamBlockRows.Add(
            statement.Add(blocks.Select(static block => block.Place).ToArray()), [.. blocks.Select(static block => block.Block)]);
        statement.AddServer()
            .Add(rows.Select(static row => row.Thread?.Preview).ToArray())
            .Add(rows.Select(static row => row.Timeline?.ToArray()).ToArray());
    }

    public override long? Read(Row row) => row.Integer(1);

    /// <summary>Adds the runs and the attempts that end them.</summary>
    public static Statement BindEnds(Statement statement, IReadOnlyList<RunFinish> rows) => statement
        .Add(rows.Select(static row => row.RunId.Value).ToArray())
        .Add(rows.Select(static row => row.Attempt).ToArray());

    private static string? TextOf(UsageByModel? usage) =>
        usage is { } given ? Encoding.UTF8.GetString(GraphJson.Encode(given, static (writer, usage) => usage.WriteTo(writer))) : null;
}

/// <summary>Ends runs by removing them with their threads. The result is as that of <see cref="RunEnd"/>, with 0 for the version.</summary>
internal sealed class RunEndWithThread : GroupedWrite<RunFinish, long?>
{
    public static readonly RunEndWithThread Kind = new();

    private const string End = $"""
        WITH
            doomed AS MATERIALIZED (
                SELECT given.place, run.thread_key
                FROM unnest($1::uuid[], $2::integer[]) WITH ORDINALITY AS given (run_id, attempt, place)
                CROSS JOIN LATERAL (
                    SELECT thread_key, status, attempt FROM weft.runs WHERE runs.run_id = given.run_id FOR UPDATE) AS run
                WHERE run.status = CASE WHEN given.attempt IS NULL THEN 'pending' ELSE 'running' END
                    AND run.attempt = coalesce(given.attempt, run.attempt)
                    AND (given.attempt IS NOT NULL OR (
                        SELECT standing.home IS NULL OR standing.home = $3 FROM weft.thread_standings AS standing
                        WHERE standing.thread_key = run.thread_key LIMIT 1))),
            {ThreadRemoval.Ctes}
        SELECT place FROM doomed
        """;

    public override string Sql => End;

    public override long? Missing => null;

    public override void Bind(Statement statement, IReadOnlyList<RunFinish> rows) => RunEnd.BindEnds(statement, rows).AddServer();

    public override long? Read(Row row) => 0;
}
