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
        foreach (var actor in (Actor[])[Actor.Anonymous, .. BearerAuth.Users.Select(static user => new Actor(user))])
        {
            await RunAsync(actor, parts, cancellationToken);
        }

        return Results.Json(new { ok = true });
    }

    private async Task RunAsync(Actor actor, JsonElement parts, CancellationToken cancellationToken)
    {
        if (Names(parts, "runs") || Names(parts, "threads"))
        {
            await runs.CancelAllAsync(actor, null, CancelAction.Interrupt, cancellationToken);
        }

        if (Names(parts, "threads"))
        {
            await DeleteThreadsAsync(actor, cancellationToken);
        }
        else if (Names(parts, "runs"))
        {
            await DeleteRunsAsync(actor, cancellationToken);
        }

        if (Names(parts, "assistants"))
        {
            await DeleteAssistantsAsync(actor, cancellationToken);
        }

        if (Names(parts, "store"))
        {
            await DeleteItemsAsync(actor, cancellationToken);
        }
    }

    private static bool Names(JsonElement parts, string part) =>
        parts.TryGetProperty(part, out var value) && value.ValueKind == JsonValueKind.True;

    private async Task DeleteThreadsAsync(Actor actor, CancellationToken cancellationToken)
    {
        while (await PageAsync(actor, 0, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var thread in page)
            {
                await threads.DeleteAsync(actor, thread.ThreadId, cancellationToken);
            }
        }
    }

    private async Task DeleteRunsAsync(Actor actor, CancellationToken cancellationToken)
    {
        for (var offset = 0; await PageAsync(actor, offset, cancellationToken) is { Count: > 0 } page; offset += page.Count)
        {
            foreach (var thread in page)
            {
                while (await runs.SearchAsync(actor, thread.ThreadId, null, PageSize, 0, cancellationToken) is { Count: > 0 } found)
                {
                    foreach (var run in found)
                    {
                        await runs.DeleteAsync(run, cancellationToken);
                    }
                }
            }
        }
    }

    private async Task DeleteAssistantsAsync(Actor actor, CancellationToken cancellationToken)
    {
        // Those of the graphs can't be deleted, only what hides them.
        for (var offset = 0; ;)
        {
            var query = new AssistantQuery { Limit = PageSize, Offset = offset, SortBy = AssistantSort.AssistantId };
            var page = (await assistants.SearchAsync(actor, query, cancellationToken)).Items;
            if (page.Count == 0)
            {
                return;
            }

            foreach (var assistant in page)
            {
                try
                {
                    await assistants.DeleteAsync(actor, assistant.AssistantId.ToString(), false, cancellationToken);
                }
                catch (WeftException e) when (e.Kind == ProblemKind.Conflict)
                {
                    offset++;
                }
            }
        }
    }

    private async Task DeleteItemsAsync(Actor actor, CancellationToken cancellationToken)
    {
        var store = items.For(actor);
        while (await store.SearchAsync([], new ItemQuery { Limit = PageSize }, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var item in page)
            {
                await store.DeleteAsync(item.Namespace, item.Key, cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<ThreadRecord>> PageAsync(Actor actor, int offset, CancellationToken cancellationToken)
    {
        // By id, so that deleting a thread's runs, which touches it, does not move it to another page.
        var query = new ThreadQuery { Limit = PageSize, Offset = offset, SortBy = ThreadSort.ThreadId };
        return (await threads.SearchAsync(actor, query, null, cancellationToken)).Items;
    }
}
