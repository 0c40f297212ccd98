using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Calls of tools: each is a run of the assistant on a thread that is deleted with it (docs/protocol/mcp.md 4).</summary>
internal sealed class McpToolCalls(
    Mount mount,
    JsonRpcMethods methods,
    McpTools tools,
    RunSpecBuilder specs,
    RunsFacade runs,
    RunWaits waits,
    OpenStreams streams,
    TimeProvider time)
{
    public async Task AnswerAsync(HttpContext http, JsonRpcCall call)
    {
        var name = JsonFields.Text(call.Params, "name") ?? throw JsonRpcException.InvalidParams("name", "It is required, a string.");
        // The caller sees the tool by the rule of the route. Handlers then decide on the run with the assistant behind the name.
        var tool = await tools.FindAsync(Requests.ActorOf(http), name, http.RequestAborted)
            ?? throw JsonRpcException.InvalidParams("name", $"Unknown tool: {name}");
        await methods.AuthorizeAsync(
            http, call, AccessResource.Threads, AccessAction.CreateRun, JsonRpcMethods.RunOf(call, tools.IdOf(tool)));
        var actor = Requests.ActorOf(http);
        var progress = ProgressTokenOf(http, call);
        using var stream = progress is null ? null : streams.Open(http);
        var (run, outcome) = await runs.CreateAndWaitAsync(
            actor, SpecOf(http, tool, JsonFields.Any(call.Params, "arguments")), http.RequestAborted);
        http.Response.Headers.ContentLocation = $"{mount.Path.Of(http.Request)}/runs/{run.RunId}";
        await (progress is { } token ? StreamAsync(http, call, run, outcome, token) : WriteAsync(http, call, run, outcome));
    }

    private RunSpec SpecOf(HttpContext http, McpTool tool, JsonElement arguments)
    {
        var body = new RunCreate
        {
            AssistantId = tool.Assistant.AssistantId.ToString(),
            Input = tool.InputOf(arguments),
            OnDisconnect = "cancel",
            OnCompletion = "delete",
        };
        return specs.Build(body, null, http.Request.Headers, isBackground: false);
    }

    private async Task WriteAsync(HttpContext http, JsonRpcCall call, RunRecord run, Task<RunOutcome> outcome)
    {
        http.Response.ContentType = JsonResponse.ContentType;
        if (await waits.WaitAsync(http, run, outcome, cancelOnDisconnect: true, RunWaits.WriteSpaceAsync) is { } ended)
        {
            await call.AnswerAsync(http, ended, WriteResult);
        }
    }

    /// <summary>Answers with events: notifications that the run has not ended yet, and then the result.</summary>
    private async Task StreamAsync(HttpContext http, JsonRpcCall call, RunRecord run, Task<RunOutcome> outcome, JsonElement token)
    {
        EventStreams.SetHeaders(http);
        var began = time.GetTimestamp();
        if (await waits.WaitAsync(http, run, outcome, cancelOnDisconnect: true, BeatAsync) is { } ended)
        {
            await WriteEventAsync(http, (call, ended), static (writer, s) => s.call.WriteResult(writer, s.ended, WriteResult));
        }

        Task BeatAsync(HttpContext http) =>
            WriteEventAsync(http, (token, Seconds: time.GetElapsedTime(began).TotalSeconds), static (writer, progress) =>
            {
                writer.WriteStartObject();
                writer.WriteString("jsonrpc"u8, "2.0"u8);
                writer.WriteString("method"u8, "notifications/progress"u8);
                writer.WriteStartObject("params"u8);
                writer.WritePropertyName("progressToken"u8);
                progress.token.WriteTo(writer);
                writer.WriteNumber("progress"u8, progress.Seconds);
                writer.WriteString("message"u8, "The run has not ended yet."u8);
                writer.WriteEndObject();
                writer.WriteEndObject();
            });
    }

    private static async Task WriteEventAsync<TState>(HttpContext http, TState state, Action<Utf8JsonWriter, TState> write)
    {
        var output = http.Response.BodyWriter;
        output.Write("event: message\ndata: "u8);
        using (var writer = new Utf8JsonWriter(output, JsonResponse.WriterOptions))
        {
            write(writer, state);
        }

        output.Write("\n\n"u8);
        await output.FlushAsync(http.RequestAborted);
    }

    /// <summary>Returns the token of a client that wants to know that the run goes on; null if it does not, or reads no events.</summary>
    private static JsonElement? ProgressTokenOf(HttpContext http, JsonRpcCall call) =>
        JsonFields.Any(JsonFields.Object(call.Params, "_meta"), "progressToken") is
        { ValueKind: JsonValueKind.String or JsonValueKind.Number } token
        && http.Request.Headers.Accept.ToString().Contains(EventStreams.ContentType, StringComparison.OrdinalIgnoreCase)
            ? token
            : null;

    /// <summary>A run that fails is a result too, so that the model of the client can read why.</summary>
    private static void WriteResult(Utf8JsonWriter writer, RunOutcome outcome)
    {
        var failure = outcome.Status == RunStatus.Interrupted ? "The run was cancelled." : outcome.Failure?.Message;
        byte[] values = failure is null ? GraphJson.Encode(outcome, static (writer, outcome) => outcome.WriteValues(writer)) : [];
        writer.WriteStartObject();
        writer.WriteString("resultType"u8, "complete"u8);
        writer.WriteStartArray("content"u8);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, failure ?? Encoding.UTF8.GetString(values));
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (failure is null)
        {
            writer.WritePropertyName("structuredContent"u8);
            writer.WriteRawValue(values, skipInputValidation: true);
        }

        writer.WriteBoolean("isError"u8, failure is not null);
        writer.WriteEndObject();
    }
}
