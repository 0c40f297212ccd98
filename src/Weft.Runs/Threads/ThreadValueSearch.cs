using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Finds threads by their values. It reads the state of every thread that the rest of the query finds, on a thread for long reads.
/// </summary>
internal sealed class ThreadValueSearch(IThreadStore threads, ThreadViews views, ScanThreads scans)
{
    private const int ScanSize = 1_000;

    /// <summary>Returns a page of the actor's threads whose values contain <paramref name="wanted"/>, a JSON object.</summary>
    public Task<Page<ThreadRecord>> SearchAsync(
        Actor actor, ThreadQuery query, JsonElement wanted, CancellationToken cancellationToken) =>
        scans.RunAsync(() => ScanAsync(actor, query, wanted, cancellationToken), cancellationToken);

    private async Task<Page<ThreadRecord>> ScanAsync(
        Actor actor, ThreadQuery query, JsonElement wanted, CancellationToken cancellationToken)
    {
        var matches = new List<ThreadRecord>();
        var total = 0;
        for (var offset = 0; ; offset += ScanSize)
        {
            var page = await threads.SearchAsync(actor, query with { Limit = ScanSize, Offset = offset }, cancellationToken);
            await foreach (var (thread, state) in views.ReadAllAsync(page.Items, cancellationToken))
            {
                var isMatch = state is not null && JsonContainment.Contains(ToJson(state), wanted);
                if (isMatch && total++ >= query.Offset && matches.Count < query.Limit)
                {
                    matches.Add(thread);
                }
            }

            if (page.Items.Count < ScanSize)
            {
                return new Page<ThreadRecord>(matches, total);
            }
        }
    }

    private static JsonElement ToJson(ChannelValues values) =>
        GraphJson.Parse(GraphJson.Encode(values, static (writer, values) => values.WriteTo(writer)));
}
