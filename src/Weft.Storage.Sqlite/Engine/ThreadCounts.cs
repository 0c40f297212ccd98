using System.Collections.Concurrent;

namespace Weft.Storage.Sqlite;

/// <summary>How many threads each owner has, so that a search need not count them. This process is the file's only writer.</summary>
internal sealed class ThreadCounts
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public ThreadCounts(SqliteSession session)
    {
        using var rows = session["SELECT owner, COUNT(*) FROM threads GROUP BY owner"].Query();
        while (rows.Read())
        {
            _counts[rows.GetString(0)] = rows.GetInt32(1);
        }
    }

    public int Of(string owner) => _counts.GetValueOrDefault(owner);

    public void Add(string owner, int change) => _counts.AddOrUpdate(owner, change, (_, count) => count + change);
}
