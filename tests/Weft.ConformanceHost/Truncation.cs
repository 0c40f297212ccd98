using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.ConformanceHost;

/// <summary>
/// Empties parts of the server between tests: threads, which takes their runs and checkpoints along, runs alone, the store, or the
/// assistants that clients created. Checkpoints go with their threads.
/// </summary>
internal sealed class Truncation(RunsFacade runs, ThreadsFacade threads, AssistantsFacade assistants, ItemsFacade items)
{
    private const int PageSize = 100;

    public async Task<IResult> RunAsync(JsonElement parts, CancellationToken cancellationToken)
    {
        if (Names(parts, "runs") || Names(parts, "threads"))
        {
            await runs.CancelAllAsync(Actor.Anonymous, null, CancelAction.Interrupt, cancellationToken);
        }

        if (Names(parts, "threads"))
        {
            await DeleteThreadsAsync(cancellationToken);
        }
        else if (Names(parts, "runs"))
        {
            await DeleteRunsAsync(cancellationToken);
        }

        if (Names(parts, "assistants"))
        {
            await DeleteAssistantsAsync(cancellationToken);
        }

        if (Names(parts, "store"))
        {
            await DeleteItemsAsync(cancellationToken);
        }

        return Results.Json(new { ok = true });
    }

    private static bool Names(JsonElement parts, string part) =>
        parts.TryGetProperty(part, out var value) && value.ValueKind == JsonValueKind.True;

    private async Task DeleteThreadsAsync(CancellationToken cancellationToken)
    {
        while (await PageAsync(0, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var thread in page)
            {
                await threads.DeleteAsync(Actor.Anonymous, thread.ThreadId, cancellationToken);
            }
        }
    }

    private async Task DeleteRunsAsync(CancellationToken cancellationToken)
    {
        for (var offset = 0; await PageAsync(offset, cancellationToken) is { Count: > 0 } page; offset += page.Count)
        {
            foreach (var thread in page)
            {
                while (await runs.SearchAsync(Actor.Anonymous, thread.ThreadId, null, PageSize, 0, cancellationToken) is { Count: > 0 } found)
                {
                    foreach (var run in found)
                    {
                        await runs.DeleteAsync(run, cancellationToken);
                    }
                }
            }
        }
    }

    private async Task DeleteAssistantsAsync(CancellationToken cancellationToken)
    {
        // Those of the graphs can't be deleted, only what hides them.
        for (var offset = 0; ;)
        {
            var query = new AssistantQuery { Limit = PageSize, Offset = offset, SortBy = AssistantSort.AssistantId };
            var page = (await assistants.SearchAsync(Actor.Anonymous, query, cancellationToken)).Items;
            if (page.Count == 0)
            {
                return;
            }

            foreach (var assistant in page)
            {
                try
                {
                    await assistants.DeleteAsync(Actor.Anonymous, assistant.AssistantId.ToString(), false, cancellationToken);
                }
                catch (WeftException e) when (e.Kind == ProblemKind.Conflict)
                {
                    offset++;
                }
            }
        }
    }

    private async Task DeleteItemsAsync(CancellationToken cancellationToken)
    {
        var store = items.For(Actor.Anonymous);
        while (await store.SearchAsync([], new ItemQuery { Limit = PageSize }, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var item in page)
            {
                await store.DeleteAsync(item.Namespace, item.Key, cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<ThreadRecord>> PageAsync(int offset, CancellationToken cancellationToken)
    {
        // By id, so that deleting a thread's runs, which touches it, does not move it to another page.
        var query = new ThreadQuery { Limit = PageSize, Offset = offset, SortBy = ThreadSort.ThreadId };
        return (await threads.SearchAsync(Actor.Anonymous, query, null, cancellationToken)).Items;
    }
}
