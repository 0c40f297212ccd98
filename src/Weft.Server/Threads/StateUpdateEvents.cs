using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The events <c>state_update</c> of a thread's stream, one for each edit (docs/protocol/threads.md B3).</summary>
internal sealed partial class StateUpdateEvents(Mount mount, ThreadStates states, ILogger<StateUpdateEvents> logger)
{
    private readonly StateJson _json = StateJson.Of(mount);
    private int _hasLogged;

    /// <summary>Writes the state after an edit, unless it was deleted since or its graph can't be made.</summary>
    public async Task WriteAsync(HttpContext http, ThreadId threadId, CheckpointAddress edited)
    {
        if (await FindAsync(http, threadId, edited) is not { } state)
        {
            return;
        }

        var output = http.Response.BodyWriter;
        output.Write("event: state_update\ndata: "u8);
        using (var writer = new Utf8JsonWriter(output, JsonResponse.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("state"u8);
            _json.Write(writer, threadId, state);
            writer.WriteString("thread_id"u8, threadId.Value);
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
        await output.FlushAsync(http.RequestAborted);
    }

    private async Task<StateSnapshot?> FindAsync(HttpContext http, ThreadId threadId, CheckpointAddress edited)
    {
        try
        {
            return await states.GetAsync(Requests.ActorOf(http), threadId, edited, subgraphs: false, http.RequestAborted);
        }
        catch (WeftException e) when (e.Kind == ProblemKind.NotFound)
        {
            return null;
        }
        catch (WeftException e) when (e.Kind == ProblemKind.Invalid)
        {
            // The factory of the graph refuses the configuration of the thread, probably for each of its edits.
            if (Interlocked.Exchange(ref _hasLogged, 1) == 0)
            {
                LogNotShown(threadId, e);
            }

            return null;
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "An edit of thread {ThreadId} is not streamed, because its state can't be read. Further ones like it are not logged.")]
    private partial void LogNotShown(ThreadId threadId, Exception exception);
}
