using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>Reads whole pages.</summary>
public static class ListExtensions
{
    public static async Task<IReadOnlyList<RunRecord>> SearchAsync(
        this IRunStore runs,
        Actor actor,
        ThreadId threadId,
        RunStatus? status,
        int limit,
        int offset,
        CancellationToken cancellationToken) =>
        await (await runs.OpenSearchAsync(actor, threadId, status, limit, offset, cancellationToken)).ReadAllAsync(cancellationToken);

    public static async Task<Page<RunRecord>> SearchPendingAsync(
        this IRunStore runs, Actor actor, ThreadId threadId, int limit, int offset, CancellationToken cancellationToken) =>
        await WholeAsync(await runs.OpenPendingAsync(actor, threadId, limit, offset, cancellationToken), cancellationToken);

    public static async Task<Page<ThreadRecord>> SearchAsync(
        this IThreadStore threads, Actor actor, ThreadQuery query, CancellationToken cancellationToken) =>
        await WholeAsync(await threads.OpenSearchAsync(actor, query, cancellationToken), cancellationToken);

    public static async Task<IReadOnlyList<Item>> SearchAsync(
        this IItemIndex index,
        Actor actor,
        StoreOptions options,
        TimeProvider time,
        ItemNamespace prefix,
        ItemQuery query,
        ItemVector vector,
        CancellationToken cancellationToken) =>
        await (await index.OpenSearchAsync(actor, options, time, prefix, query, vector, cancellationToken)).ReadAllAsync(cancellationToken);

    public static async Task<Page<CronRecord>> SearchAsync(
        this ICronStore crons, Actor actor, CronQuery query, CancellationToken cancellationToken) =>
        await WholeAsync(await crons.OpenSearchAsync(actor, query, cancellationToken), cancellationToken);

    public static async Task<Page<AssistantRecord>> SearchAsync(
        this IAssistantStore assistants, Actor actor, AssistantQuery query, CancellationToken cancellationToken) =>
        await WholeAsync(await assistants.OpenSearchAsync(actor, query, cancellationToken), cancellationToken);

    public static async Task<IReadOnlyList<AssistantRecord>> ListVersionsAsync(
        this IAssistantStore assistants,
        Actor actor,
        AssistantId assistantId,
        System.Text.Json.JsonElement? metadata,
        int limit,
        int offset,
        CancellationToken cancellationToken) =>
        await (await assistants.OpenVersionsAsync(actor, assistantId, metadata, limit, offset, cancellationToken))
            .ReadAllAsync(cancellationToken);

    public static async Task<IReadOnlyList<WebhookRecord>> SearchAsync(
        this IWebhookStore webhooks, Actor actor, WebhookQuery query, CancellationToken cancellationToken) =>
        await (await webhooks.OpenSearchAsync(actor, query, cancellationToken)).ReadAllAsync(cancellationToken);

    public static async Task<IReadOnlyList<MessageRecord>> ListByRunAsync(
        this IMessageStore messages,
        ThreadId threadId,
        RunId runId,
        int limit,
        long? beforeSeq,
        long? afterSeq,
        CancellationToken cancellationToken) =>
        await (await messages.OpenByRunAsync(threadId, runId, limit, beforeSeq, afterSeq, cancellationToken))
            .ReadAllAsync(cancellationToken);

    /// <summary>Returns a page of the actor's unfinished runs, newest first.</summary>
    public static async Task<IReadOnlyList<RunRecord>> SearchUnfinishedAsync(
        this IRunStore runs, Actor actor, RunStatus? status, RunRecord? after, int limit, CancellationToken cancellationToken)
    {
        var place = after is null ? (RunPlace?)null : new RunPlace(after.ThreadId, after.RunId, after.CreatedAt);
        var found = new List<RunRecord>();
        foreach (var unfinished in await runs.ListUnfinishedAsync(actor, status, place, limit, cancellationToken))
        {
            var run = await runs.FindAsync(actor, unfinished.RunId, cancellationToken)
                ?? throw new InvalidOperationException($"Run {unfinished.RunId} is missing.");
            if (new RunPlace(run.ThreadId, run.RunId, run.CreatedAt) != unfinished)
            {
                throw new InvalidOperationException($"Run {run.RunId} is not listed as it is stored.");
            }

            found.Add(run);
        }

        return found;
    }

    private static async Task<Page<T>> WholeAsync<T>(LazyPage<T> page, CancellationToken cancellationToken) =>
        new(await page.ReadAllAsync(cancellationToken), page.Total);
}
