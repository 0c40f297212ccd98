using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Adds threads. The result is false if the id is taken, unless it is by the same thread, whose write is repeated.</summary>
internal sealed class ThreadAdd : GroupedWrite<(ThreadRecord Thread, long? Key), bool>
{
    public static readonly ThreadAdd Kind = new();

    private const string Add = $"""
        WITH {ThreadInsert.Ctes}
        SELECT place FROM added JOIN new_threads USING (thread_id)
        UNION ALL
        SELECT place
        FROM new_threads
        CROSS JOIN LATERAL (
            SELECT owner, created_at, metadata FROM weft.threads WHERE threads.thread_id = new_threads.thread_id LIMIT 1) AS stored
        WHERE $21
            AND (stored.owner, stored.created_at, stored.metadata) = (new_threads.owner, new_threads.created_at, new_threads.metadata)
        """;

    public override string Sql => Add;

    public override bool Missing => false;

    public override void Bind(Statement statement, IReadOnlyList<(ThreadRecord Thread, long? Key)> rows) =>
        ThreadInsert.Bind(statement, [.. rows.Select(static (row, i) => new PlacedThread(i + 1, row.Key, row.Thread))])
            .Add((int?)null).AddIsRepetition();

    public override bool Read(Row row) => true;
}
