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
    public Task<LazyPage<ThreadRecord>> OpenAsync(
        Actor actor, ThreadQuery query, JsonElement wanted, CancellationToken cancellationToken) =>
        scans.RunAsync(() => ScanAsync(actor, query, wanted, cancellationToken), cancellationToken);

    private async Task<LazyPage<ThreadRecord>> ScanAsync(
        Actor actor, ThreadQuery query, JsonElement wanted, CancellationToken cancellationToken)
    {
        // The records of some matches are kept, and the ids of the others.
        var matches = new List<ThreadRecord>();
        var others = new List<ThreadId>();
        var bytes = 0L;
        var total = 0;
        for (var offset = 0; ; offset += ScanSize)
        {
            var page = await threads.OpenSearchAsync(actor, query with { Limit = ScanSize, Offset = offset }, cancellationToken);
            await foreach (var (thread, state) in views.ReadAllAsync(page, cancellationToken))
            {
                var isMatch = state is not null && JsonContainment.Contains(ToJson(state), wanted);
                if (isMatch && total++ >= query.Offset && matches.Count + others.Count < query.Limit)
                {
                    if (bytes >= LazyPage<ThreadRecord>.BytesAtOnce)
                    {
                        others.Add(thread.ThreadId);
                        continue;
                    }

                    matches.Add(thread);
                    bytes += 2 * (thread.Metadata.Length + thread.Interrupts.Length);
                }
            }

            if (page.Count < ScanSize)
            {
                return new LazyPage<ThreadRecord>(
                    matches, others.Count, (at, cancel) => ReadAsync(actor, others[at], cancel), total);
            }
        }
    }

    private async Task<LazyBatch<ThreadRecord>> ReadAsync(Actor actor, ThreadId threadId, CancellationToken cancellationToken) =>
        new(await threads.FindAsync(actor, threadId, cancellationToken) is { } thread ? [thread] : [], 1);

    private static JsonElement ToJson(ChannelValues values) =>
        GraphJson.Parse(GraphJson.Encode(values, static (writer, values) => values.WriteTo(writer)));
}
