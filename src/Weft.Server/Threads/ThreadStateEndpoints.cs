using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Graphs;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>The state of a thread and its history (docs/protocol/state.md B4 and E1).</summary>
internal sealed class ThreadStateEndpoints(Mount mount, ThreadStates states, WeftServerOptions options)
{
    private const int HistoryLimit = 10;

    private readonly StateJson _json = StateJson.Of(mount);

    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/threads/{thread_id}").WithTags("Thread State").ReturnsProblem(404, 422);
        routes.MapMethods("/state", Verbs.Read, (Delegate)GetAsync).WithAccess(Threads, Read).Reads(Parameters.Subgraphs, Parameters.Select)
            .Returns<ThreadStateResource>().WithSummary("Get the newest state");
        routes.MapMethods("/state/{checkpoint_id}", Verbs.Read, (Delegate)GetAtAsync).WithAccess(Threads, Read)
            .Reads(Parameters.Subgraphs, Parameters.Select)
            .Returns<ThreadStateResource>().WithSummary("Get the state at a checkpoint");
        routes.MapPost("/state/checkpoint", (Delegate)GetAtCheckpointAsync).WithAccess(Threads, Read)
            .AcceptsJson<ThreadStateCheckpoint>().Reads(Parameters.Subgraphs).Returns<ThreadStateResource>()
            .WithSummary("Get the state at a checkpoint");
        var update = routes.MapPost("/state", (Delegate)UpdateAsync).WithAccess(Threads, Update)
            .AcceptsJson<ThreadStateUpdate>().ReturnsProblem(400, 409).WithSummary("Edit the state");
        _ = mount.IsGateway ? update.Returns<ThreadStateResource>() : update.Returns<ThreadStateUpdateResponse>();
        routes.MapPatch("/state", (Delegate)PatchAsync).WithAccess(Threads, Update)
            .AcceptsJson<ThreadStatePatch>().ReturnsNothing().ReturnsProblem(409)
            .WithSummary("Merge metadata into that of the newest state");
        routes.MapMethods("/history", Verbs.Read, (Delegate)GetHistoryAsync).WithAccess(Threads, Read)
            .Reads(
                Parameters.Limit,
                Parameters.Query("before", "The id of a checkpoint: only older states are returned.", Parameters.Text()),
                Parameters.Select)
            .Returns<List<ThreadStateResource>>().WithSummary("List past states, newest first");
        routes.MapPost("/history", (Delegate)PostHistoryAsync).WithAccess(Threads, Read)
            .AcceptsJson<ThreadHistory>().Returns<List<ThreadStateResource>>().WithSummary("List past states, newest first");
    }

    private Task GetAsync(HttpContext http, string thread_id) =>
        WriteStateAsync(http, thread_id, CheckpointAddress.Head, ReadSubgraphs(http), ReadSelect(http));

    private Task GetAtAsync(HttpContext http, string thread_id, string checkpoint_id) =>
        WriteStateAsync(http, thread_id, new CheckpointAddress(checkpoint_id), ReadSubgraphs(http), ReadSelect(http));

    private async Task GetAtCheckpointAsync(HttpContext http, string thread_id)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.ThreadStateCheckpoint, isRequired: true);
        await WriteStateAsync(
            http, thread_id, ReadAddress(body.Checkpoint), body.Subgraphs ?? ReadSubgraphs(http), ReadSelect(body.Select));
    }

    private async Task UpdateAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.ThreadStateUpdate, isRequired: true);
        if (body.Values is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null) })
        {
            throw Requests.Invalid("values", "It must be an object, a list of objects or null.");
        }

        var address = ReadAddress(body.Checkpoint);
        address = body.CheckpointId is { } id ? address with { CheckpointId = id } : address;
        var checkpoint = await states.UpdateAsync(
            Requests.ActorOf(http), threadId, body.Values, body.AsNode, address, http.RequestAborted);
        if (mount.IsGateway)
        {
            var updated = new CheckpointAddress(checkpoint.Id, checkpoint.Namespace);
            await WriteStateAsync(http, thread_id, updated, subgraphs: false, select: null);
            return;
        }

        var written = (threadId, checkpoint);
        await JsonResponse.WriteAsync(http, written, static (writer, s) => StateJson.WriteUpdated(writer, s.threadId, s.checkpoint));
    }

    private async Task PatchAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.ThreadStatePatch);
        var metadata = ReadMetadata(body.Metadata) ?? GraphJson.EmptyObject;
        await states.PatchMetadataAsync(Requests.ActorOf(http), threadId, metadata, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task GetHistoryAsync(HttpContext http, string thread_id) => WriteHistoryAsync(
        http,
        thread_id,
        Requests.CheckLimit(Requests.ReadNumber(http, "limit") ?? HistoryLimit, options, "query.limit"),
        http.Request.Query["before"] is [{ Length: > 0 } before] ? CheckBefore(before, "query.before") : null,
        null,
        CheckpointAddress.Head,
        ReadSelect(http));

    private async Task PostHistoryAsync(HttpContext http, string thread_id)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.ThreadHistory);
        await WriteHistoryAsync(
            http,
            thread_id,
            Requests.CheckLimit(body.Limit ?? HistoryLimit, options),
            ReadBefore(body.Before),
            ReadMetadata(body.Metadata),
            ReadAddress(body.Checkpoint),
            ReadSelect(body.Select));
    }

    private async Task WriteStateAsync(HttpContext http, string thread_id, CheckpointAddress address, bool subgraphs, Selection? select)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var state = await states.GetAsync(Requests.ActorOf(http), threadId, address, subgraphs, http.RequestAborted);
        var write = Selection.Of<(ThreadId Id, StateSnapshot? State)>(select, (writer, s) => _json.Write(writer, s.Id, s.State));
        await JsonResponse.WriteAsync(http, (threadId, state), write);
    }

    private async Task WriteHistoryAsync(
        HttpContext http,
        string thread_id,
        int limit,
        string? before,
        JsonElement? metadata,
        CheckpointAddress address,
        Selection? select)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var actor = Requests.ActorOf(http);
        var history = address.CheckpointId is null
            ? states.ReadHistoryAsync(actor, threadId, address.Namespace, limit, before, metadata, http.RequestAborted)
            : AsyncEnumerable.Repeat(
                (await states.GetAsync(actor, threadId, address, subgraphs: false, http.RequestAborted))!, 1);
        var write = Selection.Of<StateSnapshot>(select, (writer, state) => _json.Write(writer, threadId, state));
        await JsonResponse.WriteListAsync(http, history, write);
    }

    /// <summary>A checkpoint's id, or an object that has it (docs/protocol/state.md E7).</summary>
    private static string? ReadBefore(JsonElement? before) => before switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } id => CheckBefore(id.GetString()!, "before"),
        { ValueKind: JsonValueKind.Object } given when given.TryGetProperty("configurable", out var configurable) =>
            ReadBeforeId(configurable, "before.configurable"),
        { ValueKind: JsonValueKind.Object } => ReadBeforeId(before, "before"),
        _ => throw Requests.Invalid("before", "It must be the id of a checkpoint, or an object with a checkpoint_id."),
    };

    private static string? ReadBeforeId(JsonElement? checkpoint, string field) =>
        ReadCheckpointId(checkpoint, field) is { } id ? CheckBefore(id, field + ".checkpoint_id") : null;

    private static string CheckBefore(string id, string field) =>
        Requests.TryReadUuid(id, out _) ? id : throw Requests.Invalid(field, $"'{id}' is not the id of a checkpoint.");

    private static JsonElement? ReadMetadata(JsonElement? metadata) => metadata switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } => metadata,
        _ => throw Requests.Invalid("metadata", "It must be an object."),
    };

    private Selection? ReadSelect(HttpContext http) => Selection.Read(Requests.ReadList(http, "select"), "query.select", _json.Members);

    private Selection? ReadSelect(IReadOnlyList<string>? select) => Selection.Read(select, "select", _json.Members);

    private static bool ReadSubgraphs(HttpContext http) => Requests.ReadFlag(http, "subgraphs") ?? false;

    private static CheckpointAddress ReadAddress(JsonElement? checkpoint) =>
        new(
            ReadCheckpointId(checkpoint, "checkpoint"),
            checkpoint is { ValueKind: JsonValueKind.Object } given ? ReadText(given, "checkpoint_ns", "checkpoint") ?? "" : "");

    private static string? ReadCheckpointId(JsonElement? checkpoint, string field) => checkpoint switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } given => ReadText(given, "checkpoint_id", field),
        _ => throw Requests.Invalid(field, "It must be an object with a checkpoint_id."),
    };

    private static string? ReadText(JsonElement json, string member, string field) =>
        !json.TryGetProperty(member, out var text) || text.ValueKind == JsonValueKind.Null ? null
        : text.ValueKind == JsonValueKind.String ? text.GetString()
        : throw Requests.Invalid($"{field}.{member}", "It must be a string.");
}
