using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Lists the tasks of an assistant, the newest first (docs/protocol/a2a.md 5).</summary>
internal sealed class A2aTaskList(Mount mount, RunOverview runs, A2aTasks tasks, RunCursors cursors)
{
    private const int PageSizeDefault = 50;
    private const int PageSizeMax = 100;

    public async Task AnswerAsync(HttpContext http, JsonRpcCall call, A2aDialect dialect, AssistantId assistantId)
    {
        var (actor, query) = (Requests.ActorOf(http), await ReadAsync(call.Params, assistantId, http.RequestAborted));
        var state = ReadState(call.Params, dialect);
        var historyLength = A2aMessage.ReadHistoryLength(call.Params);
        var withArtifacts = JsonFields.Any(call.Params, "includeArtifacts").ValueKind == JsonValueKind.True;
        var page = await runs.SearchAsync(actor, query, http.RequestAborted);
        var counts = await runs.CountAsync(actor, query with { After = null }, http.RequestAborted);
        var found = new List<A2aTask>();
        // A run that continues a task is part of that task, which is listed where it began.
        await foreach (var run in page.Runs.Where(static run => A2aTasks.IdOf(run) == run.RunId.ToString())
            .WithCancellation(http.RequestAborted))
        {
            var ofTask = await tasks.GetRunsAsync(actor, assistantId, run.RunId.ToString(), http.RequestAborted);
            var task = (await tasks.ReadAsync(actor, ofTask, http.RequestAborted)).WithHistory(historyLength);
            if (state is null || task.State == state)
            {
                found.Add(withArtifacts ? task : task with { Artifacts = null });
            }
        }

        var next = await cursors.WriteAsync(page.Next, http.RequestAborted) ?? "";
        await call.AnswerAsync(
            http, (dialect, found, next, query.Limit, Total: counts.ByStatus.Values.Sum()), static (writer, s) =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("tasks"u8);
                s.found.ForEach(task => s.dialect.WriteTask(writer, task));
                writer.WriteEndArray();
                writer.WriteString("nextPageToken"u8, s.next);
                writer.WriteNumber("pageSize"u8, s.Limit);
                writer.WriteNumber("totalSize"u8, s.Total);
                writer.WriteEndObject();
            });
    }

    private async Task<RunQuery> ReadAsync(JsonElement parameters, AssistantId assistantId, CancellationToken cancellationToken)
    {
        var size = JsonFields.Any(parameters, "pageSize") switch
        {
            { ValueKind: JsonValueKind.Undefined } => PageSizeDefault,
            { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var given) && given is >= 1 and <= PageSizeMax => given,
            _ => throw JsonRpcException.InvalidParams("pageSize", $"It must be at least 1 and at most {PageSizeMax}."),
        };
        RunId? after;
        try
        {
            after = await cursors.ReadAsync(JsonFields.Text(parameters, "pageToken") is { Length: > 0 } token ? token : null, cancellationToken);
        }
        catch (WeftException)
        {
            throw JsonRpcException.InvalidParams("pageToken", "It must be the nextPageToken of a page.");
        }

        return new RunQuery
        {
            AssistantId = assistantId,
            ThreadId = JsonFields.Text(parameters, "contextId") is { Length: > 0 } contextId
                ? Requests.ReadThreadId(mount, contextId, "contextId")
                : null,
            After = after,
            Limit = size,
        };
    }

    private static A2aState? ReadState(JsonElement parameters, A2aDialect dialect) => JsonFields.Any(parameters, "status") switch
    {
        { ValueKind: JsonValueKind.Undefined } => null,
        { ValueKind: JsonValueKind.String } name when dialect.StateOf(name.GetString()!) is { } state => state,
        _ => throw JsonRpcException.InvalidParams("status", "It must be the state of a task, such as \"TASK_STATE_WORKING\"."),
    };
}
