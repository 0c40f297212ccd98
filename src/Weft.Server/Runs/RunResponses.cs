using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Creates runs, and writes the responses of runs in the background, of streams and of waits, with a thread and without.
/// </summary>
internal sealed class RunResponses(
    Mount mount,
    RunSpecBuilder specs,
    RunsFacade runs,
    SseWriter sse,
    RunWaits waits,
    WeftServerOptions options)
{
    private readonly RunJson _json = RunJson.Of(mount);

    public async Task CreateAsync(HttpContext http, ThreadId? threadId)
    {
        var spec = await ReadSpecAsync(http, threadId, isBackground: true);
        var run = await runs.CreateBackgroundAsync(Requests.ActorOf(http), spec, http.RequestAborted);
        SetLocation(http, run, threadId);
        await JsonResponse.WriteAsync(http, run, _json.WriteCreated);
    }

    public async Task StreamAsync(HttpContext http, ThreadId? threadId)
    {
        var namespaces = StreamNamespaces.Read(http, options);
        var spec = await ReadSpecAsync(http, threadId, isBackground: false);
        var (run, reader) = await runs.CreateAndStreamAsync(Requests.ActorOf(http), spec, http.RequestAborted);
        SetLocation(http, run, threadId);
        await WriteStreamAsync(http, run, reader, namespaces, spec.CancelOnDisconnect);
    }

    public async Task WaitAsync(HttpContext http, ThreadId? threadId)
    {
        var spec = await ReadSpecAsync(http, threadId, isBackground: false);
        var (run, outcome) = await runs.CreateAndWaitAsync(Requests.ActorOf(http), spec, http.RequestAborted);
        SetLocation(http, run, threadId);
        await WriteOutcomeAsync(http, run, outcome, spec.CancelOnDisconnect);
    }

    public async Task CreateBatchAsync(HttpContext http)
    {
        var bodies = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.ListRunCreate);
        var max = options.BatchRunsMax;
        if (bodies.Count is 0 || bodies.Count > max || bodies.Contains(null!))
        {
            throw Requests.Invalid("body", $"It must be a list of at least 1 and at most {max} JSON objects, none of them null.");
        }

        // All are checked before the first is stored, so that a batch with a mistake stores nothing.
        var batch = bodies.Select((body, index) => ReadSpec(http, body, index)).ToList();
        var created = await runs.CreateBatchAsync(Requests.ActorOf(http), batch, http.RequestAborted);
        AuditedCall.AddAll(http, "run_ids", created.Select(static run => run.RunId));
        await JsonResponse.WriteListAsync(http, created, _json.WriteCreated);
    }

    private RunSpec ReadSpec(HttpContext http, RunCreate body, int index)
    {
        try
        {
            return specs.Build(body, null, http.Request.Headers, isBackground: true);
        }
        catch (WeftException e) when (e.Kind == ProblemKind.Invalid)
        {
            throw Requests.Invalid($"[{index}].{e.Field}", e.Message);
        }
    }

    public async Task JoinStreamAsync(HttpContext http, RunRecord run, bool cancelOnDisconnect)
    {
        var last = SseWriter.ReadLastEventId(http);
        var namespaces = StreamNamespaces.Read(http, options);
        var shown = ReadCheckpointId(http);
        var modes = Requests.ReadList(http, "stream_mode") is { Count: > 0 } given
            ? mount.Defaults.ReadModes(given, "query.stream_mode")
            : null;
        if (HttpMethods.IsHead(http.Request.Method))
        {
            await SseWriter.WriteHeadersAsync(http, run.ThreadId, run.RunId);
            return;
        }

        // A client that shows a state wants what follows it, or else all, unless it says which event it has.
        var after = last is { Seq: not -1 } known ? known.Seq
            : shown is { } checkpoint ? await runs.FindEventOfAsync(run, checkpoint, http.RequestAborted) ?? -1
            : last?.Seq ?? (mount.IsGateway ? -1 : (long?)null);
        var createdAt = mount.IsGateway && shown is null ? last?.CreatedAtMs : null;
        var reader = await runs.JoinStreamAsync(run, after, createdAt, modes, http.RequestAborted);
        await WriteStreamAsync(http, run, reader, namespaces, cancelOnDisconnect);
    }

    private static CheckpointId? ReadCheckpointId(HttpContext http)
    {
        var text = http.Request.Query["checkpoint_id"].ToString();
        return text.Length == 0 ? null
            : CheckpointId.TryParse(text, null, out var id) ? id
            : throw Requests.Invalid("query.checkpoint_id", $"'{text}' is not the id of a checkpoint.");
    }

    public Task JoinWaitAsync(HttpContext http, RunRecord run, bool cancelOnDisconnect) => HttpMethods.IsHead(http.Request.Method)
        ? WriteOutcomeHeadersAsync(http, run)
        : WriteOutcomeAsync(http, run, runs.JoinWaitAsync(Requests.ActorOf(http), run, CancellationToken.None), cancelOnDisconnect);

    private async Task<RunSpec> ReadSpecAsync(HttpContext http, ThreadId? threadId, bool isBackground)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.RunCreate, isRequired: true);
        var spec = specs.Build(body, threadId, http.Request.Headers, isBackground);
        // The requests with a key share the run: none of them cancels it for the others, or for the one that follows it.
        return RequestKeys.Read(http.Request.Headers, threadId, body) is { } request
            ? spec with { Request = request, CancelOnDisconnect = false }
            : spec;
    }

    /// <summary>Sets the only header from which both SDKs read the ids of a new run (docs/protocol/README.md A5).</summary>
    private void SetLocation(HttpContext http, RunRecord run, ThreadId? threadId)
    {
        var prefix = mount.Path.Of(http.Request);
        http.Response.Headers.ContentLocation = threadId is null && !mount.IsGateway
            ? $"{prefix}/runs/{run.RunId}"
            : $"{prefix}/threads/{run.ThreadId}/runs/{run.RunId}";
    }

    private async Task WriteStreamAsync(
        HttpContext http, RunRecord run, RunStreamReader reader, StreamNamespaces? namespaces, bool cancelOnDisconnect)
    {
        var sawEnd = false;
        try
        {
            using (reader)
            {
                sawEnd = await sse.WriteAsync(http, reader, namespaces);
            }
        }
        catch (Exception e) when (RunWaits.IsDisconnect(http, e))
        {
            // The client disconnected; see below.
            http.Abort();
        }

        if (!sawEnd && cancelOnDisconnect)
        {
            await runs.CancelAsync(run, CancelAction.Interrupt, "The client went away.", CancellationToken.None);
        }
    }

    private static Task WriteOutcomeHeadersAsync(HttpContext http, RunRecord run)
    {
        http.Response.ContentType = JsonResponse.ContentType;
        http.Response.Headers.Location = $"/threads/{run.ThreadId}/runs/{run.RunId}/join";
        return Task.CompletedTask;
    }

    private async Task WriteOutcomeAsync(HttpContext http, RunRecord run, Task<RunOutcome> outcome, bool cancelOnDisconnect)
    {
        await WriteOutcomeHeadersAsync(http, run);
        if (await waits.WaitAsync(http, run, outcome, cancelOnDisconnect, RunWaits.WriteSpaceAsync) is { } ended)
        {
            var output = http.Response.BodyWriter;
            Write(output, run, ended);
            await output.FlushAsync(http.RequestAborted);
        }
    }

    private void Write(IBufferWriter<byte> output, RunRecord run, RunOutcome outcome)
    {
        if (outcome.Failure is not { } failure)
        {
            outcome.WriteValues(output, withInterrupts: !mount.IsGateway);
            return;
        }

        using var writer = new Utf8JsonWriter(output, JsonResponse.WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartObject("__error__"u8);
        writer.WriteString("error"u8, failure.Name);
        writer.WriteString("message"u8, failure.Message);
        writer.WriteEndObject();
        if (mount.IsGateway)
        {
            writer.WriteString("error"u8, failure.Message);
            writer.WriteString("run_id"u8, run.RunId.Value);
        }

        writer.WriteEndObject();
    }
}
