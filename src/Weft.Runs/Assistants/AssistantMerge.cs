using System.Runtime.CompilerServices;

namespace Weft.Runs;

/// <summary>Merges the assistants of graphs into the stored ones, which are sorted.</summary>
internal static class AssistantMerge
{
    /// <summary>Returns a page of both.</summary>
    /// <param name="ofGraphs">Those of the graphs that match the query, in the order in which they were added.</param>
    /// <param name="query">The query.</param>
    /// <param name="open">Opens a page of the stored ones.</param>
    public static async Task<LazyPage<AssistantRecord>> OpenAsync(
        IReadOnlyList<AssistantRecord> ofGraphs, AssistantQuery query, Func<AssistantQuery, Task<LazyPage<AssistantRecord>>> open)
    {
        if (ofGraphs.Count == 0)
        {
            return await open(query);
        }

        // Any number of those of the graphs may come before the page.
        var first = Math.Max(0, query.Offset - ofGraphs.Count);
        var limit = (int)Math.Min((long)query.Limit + query.Offset - first, int.MaxValue);
        var stored = await open(query with { Offset = first, Limit = limit });
        var total = ofGraphs.Count + stored.Total;
        var skipped = query.Offset - Math.Min(first, stored.Total);
        return new LazyPage<AssistantRecord>(
            MergeAsync(Sorted(ofGraphs, query), stored, query).Skip(skipped).Take(query.Limit),
            Math.Clamp(total - query.Offset, 0, query.Limit),
            total);
    }

    private static async IAsyncEnumerable<AssistantRecord> MergeAsync(
        IReadOnlyList<AssistantRecord> ofGraphs,
        LazyPage<AssistantRecord> stored,
        AssistantQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var next = 0;
        await foreach (var assistant in stored.WithCancellation(cancellationToken))
        {
            for (; next < ofGraphs.Count && IsBefore(ofGraphs[next], assistant, query); next++)
            {
                yield return ofGraphs[next];
            }

            yield return assistant;
        }

        for (; next < ofGraphs.Count; next++)
        {
            yield return ofGraphs[next];
        }
    }

    private static IReadOnlyList<AssistantRecord> Sorted(IReadOnlyList<AssistantRecord> ofGraphs, AssistantQuery query) =>
        query.SortBy is AssistantSort.CreatedAt or AssistantSort.UpdatedAt ? ofGraphs
        : query.Descending ? [.. ofGraphs.OrderByDescending(assistant => KeyOf(assistant, query), StringComparer.Ordinal)]
        : [.. ofGraphs.OrderBy(assistant => KeyOf(assistant, query), StringComparer.Ordinal)];

    /// <summary>
    /// Whether the assistant of a graph comes before a stored one. By time it is older than all of those: each server makes its own when
    /// it starts, and all servers must have the same order.
    /// </summary>
    private static bool IsBefore(AssistantRecord ofGraph, AssistantRecord stored, AssistantQuery query)
    {
        if (query.SortBy is AssistantSort.CreatedAt or AssistantSort.UpdatedAt)
        {
            return !query.Descending;
        }

        var order = string.CompareOrdinal(KeyOf(ofGraph, query), KeyOf(stored, query));
        return query.Descending ? order >= 0 : order <= 0;
    }

    private static string KeyOf(AssistantRecord assistant, AssistantQuery query) => query.SortBy switch
    {
        AssistantSort.AssistantId => assistant.AssistantId.ToString(),
        AssistantSort.GraphId => assistant.GraphId,
        _ => assistant.Name,
    };
}
