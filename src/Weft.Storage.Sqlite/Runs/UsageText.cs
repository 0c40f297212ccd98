using System.Text;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>The tokens that the models of a run took, as the column of the run.</summary>
internal static class UsageText
{
    private const string List =
        $"SELECT usage FROM runs WHERE thread_key = {ThreadRows.Key} AND owner = ?2 AND usage IS NOT NULL";

    public static string? Of(UsageByModel? usage) =>
        usage is { } given ? Encoding.UTF8.GetString(GraphJson.Encode(given, static (writer, usage) => usage.WriteTo(writer))) : null;

    public static UsageByModel? Read(Statement row, int column) =>
        row.IsNull(column) ? null : UsageByModel.FromJson(GraphJson.Parse(row.Bytes(column)));

    /// <summary>Sums the column over the runs of a thread. SQLite's sum fails if it is too large.</summary>
    public static ThreadUsage Sum(StoreConnection connection, Actor actor, ThreadId threadId, ReadBudget budget)
    {
        var sum = new ThreadUsage(0, UsageByModel.None);
        connection.Use(List).Add(threadId.Value).Add(actor.Id).ReadWhile(row =>
        {
            budget.Spend();
            sum = new ThreadUsage(sum.Runs + 1, sum.Usage.Plus(Read(row, 0)!));
            return true;
        });
        return sum;
    }
}
