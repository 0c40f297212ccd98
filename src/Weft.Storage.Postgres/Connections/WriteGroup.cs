using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Writes of rows that are committed together.</summary>
/// <remarks>
/// Stage <c>k</c> has the <c>k</c>-th write of each thread, so that no statement has two rows of one thread. Within a stage there is one
/// statement for each kind. All statements are sent at once, without a transaction around them, which PostgreSQL executes as one.
/// </remarks>
internal sealed class WriteGroup
{
    private readonly List<List<RowWrite>> _statements = [];

    public WriteGroup(IReadOnlyList<RowWrite> writes)
    {
        var counts = new Dictionary<ThreadId, int>(writes.Count);
        var places = new Dictionary<(int Stage, object Kind), List<RowWrite>>();
        foreach (var write in writes)
        {
            var stage = counts.GetValueOrDefault(write.ThreadId);
            counts[write.ThreadId] = stage + 1;
            if (!places.TryGetValue((stage, write.Kind), out var rows))
            {
                places[(stage, write.Kind)] = rows = [];
            }

            rows.Add(write);
        }

        foreach (var (_, rows) in places.OrderBy(static place => place.Key.Stage))
        {
            rows.Sort(static (one, two) => string.CompareOrdinal(one.ThreadId.Value, two.ThreadId.Value));
            _statements.Add(rows);
        }
    }

    /// <summary>Executes and commits the statements, and gives each write its result.</summary>
    public async Task CommitAsync(Session session)
    {
        var commands = _statements.Select(rows => rows[0].Bind(session, rows).Command).ToArray();
        await using var batch = session.Batch(commands);
        await using var reader = await batch.ExecuteReaderAsync(session.CancellationToken);
        foreach (var rows in _statements)
        {
            await ReadAsync(reader, rows);
            await reader.NextResultAsync(session.CancellationToken);
        }
    }

    private static async Task ReadAsync(NpgsqlDataReader reader, List<RowWrite> rows)
    {
        var isFound = new bool[rows.Count];
        while (await reader.ReadAsync())
        {
            var row = new Row(reader);
            var place = (int)row.Integer(0) - 1;
            rows[place].Take(row);
            isFound[place] = true;
        }

        for (var i = 0; i < rows.Count; i++)
        {
            if (!isFound[i])
            {
                rows[i].Take(null);
            }
        }
    }
}
