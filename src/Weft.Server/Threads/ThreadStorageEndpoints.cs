using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>What a thread occupies in storage (docs/protocol/threads.md B3).</summary>
internal sealed class ThreadStorageEndpoints(Mount mount, ThreadStates states)
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/threads/{thread_id}/storage", Verbs.Read, (Delegate)GetAsync).WithAccess(Threads, Read)
            .WithTags("Threads").Returns<ThreadStorageResource>().ReturnsProblem(404, 422)
            .WithSummary("Get the bytes that the state and the history of a thread occupy");

    private async Task GetAsync(HttpContext http, string thread_id)
    {
        var threadId = Requests.ReadThreadId(mount, thread_id);
        var storage = await states.MeasureAsync(Requests.ActorOf(http), threadId, http.RequestAborted);
        await JsonResponse.WriteAsync(http, (threadId, storage), static (writer, s) => Write(writer, s.threadId, s.storage));
    }

    private static void Write(Utf8JsonWriter writer, ThreadId threadId, ThreadStorage storage)
    {
        var valueBytes = storage.ValueBytes.Values.Sum();
        writer.WriteStartObject();
        writer.WriteString("thread_id"u8, threadId.Value);
        writer.WriteNumber("total_bytes"u8, storage.CheckpointBytes + valueBytes + storage.WriteBytes);
        WriteStart(writer, "checkpoints"u8, storage.Checkpoints, storage.CheckpointBytes);
        writer.WriteEndObject();
        WriteStart(writer, "channel_values"u8, storage.Values, valueBytes);
        writer.WriteStartObject("channels"u8);
        foreach (var (channel, bytes) in storage.ValueBytes)
        {
            writer.WriteNumber(channel, bytes);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        WriteStart(writer, "pending_writes"u8, storage.Writes, storage.WriteBytes);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long count, long bytes)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("count"u8, count);
        writer.WriteNumber("bytes"u8, bytes);
    }
}
