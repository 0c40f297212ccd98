using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Blocks of events that an attempt appends to the log of its run.</summary>
internal readonly record struct NewBlocks(RunAttempt Attempt, IReadOnlyList<StreamBlock> Blocks);

/// <summary>Appends to the logs of runs of many threads.</summary>
internal sealed class StreamAppend : GroupedWrite<NewBlocks, FencedResult>
{
    public static readonly StreamAppend Kind = new();

    // A block that is repeated replaces itself.
    private const string Append = $"""
        WITH
            held AS MATERIALIZED (
                SELECT
                    given.place, run.run_key, run.thread_key, run.begun,
                    coalesce(run.attempt = given.attempt AND run.status = 'running', false) AS is_owned
                FROM unnest($1::uuid[], $2::integer[]) WITH ORDINALITY AS given (owner_id, attempt, place)
                LEFT JOIN LATERAL (
                    SELECT run_key, thread_key, begun, attempt, status FROM weft.runs
                    WHERE runs.run_id = given.owner_id FOR SHARE) AS run ON true),
            stored AS (
                INSERT INTO weft.stream_blocks ({StreamBlockRows.Columns})
                SELECT thread_key, begun, run_key, first_seq, last_seq, created_at, format, data
                FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::integer[], $8::bytea[])
                AS block (place, first_seq, last_seq, created_at, format, data)
                JOIN held USING (place)
                WHERE is_owned
                {StreamBlockRows.OrReplace})
        SELECT place, CASE WHEN is_owned THEN 0 ELSE 1 END FROM held
        """;

    public override string Sql => Append;

    public override FencedResult Missing => FencedResult.Stale;

    public override void Bind(Statement statement, IReadOnlyList<NewBlocks> rows)
    {
        statement
            .Add(rows.Select(static row => row.Attempt.RunId.Value).ToArray())
            .Add(rows.Select(static row => row.Attempt.Attempt).ToArray())
            .Add(rows.SelectMany(static (row, i) => Enumerable.Repeat(i + 1L, row.Blocks.Count)).ToArray());
        StreamBlockRows.Add(statement, [.. rows.SelectMany(static row => row.Blocks)]);
    }

    public override FencedResult Read(Row row) => (FencedResult)row.Integer(1);

    public override int BytesOf(NewBlocks row) => row.Blocks.Sum(static block => block.Data.Length);
}
