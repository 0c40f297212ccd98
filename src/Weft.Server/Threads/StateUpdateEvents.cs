using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The events <c>state_update</c> of a thread's stream, one for each edit (docs/protocol/threads.md B3).</summary>
internal sealed class StateUpdateEvents(Mount mount, ThreadStates states)
{
    private readonly StateJson _json = StateJson.Of(mount);

    /// <summary>Writes the state after an edit, unless it was deleted since.</summary>
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
        catch (WeftException)
        {
            return null;
        }
    }
}
