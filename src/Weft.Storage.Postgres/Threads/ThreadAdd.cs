using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Adds threads. The result is false if the id is taken.</summary>
internal sealed class ThreadAdd : GroupedWrite<(ThreadRecord Thread, long? Key), bool>
{
    public static readonly ThreadAdd Kind = new();

    private const string Add = $"""
        WITH {ThreadInsert.Ctes}
        SELECT place FROM added JOIN new_threads USING (thread_id)
        """;

    public override string Sql => Add;

    public override bool Missing => false;

    public override void Bind(Statement statement, IReadOnlyList<(ThreadRecord Thread, long? Key)> rows) =>
        ThreadInsert.Bind(statement, [.. rows.Select(static (row, i) => new PlacedThread(i + 1, row.Key, row.Thread))]).Add((int?)null);

    public override bool Read(Row row) => true;
}
