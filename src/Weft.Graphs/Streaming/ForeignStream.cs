using System.Runtime.InteropServices;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// The stream of a graph that runs elsewhere for a task. Its parts get a namespace inside the task, as those of a graph that runs in
/// the task. Values are JSON of the first protocol (docs/protocol/streaming.md D3 to D7).
/// </summary>
internal sealed class ForeignStream(StreamEmitter stream, NodeTask task, int step, GraphRunOptions options)
{
    private readonly string _namespace = task.Namespace;
    private readonly Dictionary<string, StreamEmitter> _streams = [];
    private readonly Dictionary<(string Inside, string Metadata), MessageEmitter> _messages = [];

    /// <summary>Whether readers want any of these modes from graphs inside the task.</summary>
    public bool Wants(StreamMode modes) => StreamOf("").Wants(modes);

    public void EmitPhase(SubgraphPhase phase, Exception? error = null)
    {
        if (Wants(StreamMode.Lifecycle))
        {
            StreamOf("").Emit(new SubgraphPart(phase, task.Node.Name, task.Node.Name)
            {
                IsSend = task.Pending.IsPush,
                ToolCallId = ToolSpan.Current?.CallId,
                Error = error is null ? null : options.DescribeError?.Invoke(error) ?? error.Message,
            });
        }
    }

    /// <param name="inside">The namespace of the graph in the foreign run; empty for its root.</param>
    /// <param name="values">The state.</param>
    public void EmitValues(string inside, JsonElement values) => StreamOf(inside).Emit(new ValuesPart(LazyJson.FromJson(values)));

    /// <param name="inside">As for <see cref="EmitValues"/>.</param>
    /// <param name="updates">An object with the writes of each node. Interrupts are left out: the task asks them itself.</param>
    public void EmitUpdates(string inside, JsonElement updates)
    {
        foreach (var update in updates.EnumerateObject())
        {
            if (!update.Name.StartsWith("__", StringComparison.Ordinal))
            {
                StreamOf(inside).Emit(new UpdatePart(update.Name, LazyJson.FromJson(update.Value)));
            }
        }
    }

    /// <param name="inside">As for <see cref="EmitValues"/>.</param>
    /// <param name="value">What a node wrote.</param>
    public void EmitCustom(string inside, JsonElement value) => StreamOf(inside).Emit(new CustomPart(LazyJson.FromJson(value)));

    /// <param name="inside">As for <see cref="EmitValues"/>.</param>
    /// <param name="tuple">A list of a message, or a piece of one, and its metadata.</param>
    public void EmitMessage(string inside, JsonElement tuple)
    {
        var (message, metadata) = (tuple[0], tuple[1]);
        if (message.TryGetProperty("id"u8, out var id) && id.GetString() is { } messageId)
        {
            var isPiece = message.GetProperty("type"u8).GetString()!.EndsWith("Chunk", StringComparison.Ordinal);
            var isUntypedPiece = !isPiece && message.TryGetProperty("tool_call_chunks"u8, out _);
            var json = isUntypedPiece ? WithPieceType(message) : JsonMarshal.GetRawUtf8Value(message).ToArray();
            MessagesOf(inside, metadata).EmitForeign(messageId, json, isPiece || isUntypedPiece);
        }
    }

    /// <summary>Ends the messages that were begun.</summary>
    public void EndMessages()
    {
        foreach (var messages in _messages.Values)
        {
            messages.EndAll();
        }
    }

    private StreamEmitter StreamOf(string inside)
    {
        if (!_streams.TryGetValue(inside, out var known))
        {
            _streams[inside] = known = stream.Inside(Within(inside), options);
        }

        return known;
    }

    private MessageEmitter MessagesOf(string inside, JsonElement metadata)
    {
        var key = (inside, metadata.GetRawText());
        if (!_messages.TryGetValue(key, out var known))
        {
            _messages[key] = known = new MessageEmitter(StreamOf(inside), task, step, options, MessageSource.Of(Moved(metadata)));
        }

        return known;
    }

    /// <summary>
    /// Returns a piece with its type. Pieces of LangGraph's server in JavaScript have the type of whole messages. They have a member that
    /// whole messages do not have.
    /// </summary>
    private static byte[] WithPieceType(JsonElement piece) => GraphJson.Encode(piece, static (writer, piece) =>
    {
        writer.WriteStartObject();
        foreach (var member in piece.EnumerateObject())
        {
            if (member.NameEquals("type"u8))
            {
                writer.WriteString("type"u8, "AIMessageChunk"u8);
            }
            else
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    });

    /// <summary>Returns the metadata with the namespaces that they have in this run.</summary>
    private byte[] Moved(JsonElement metadata) => GraphJson.Encode((this, metadata), static (writer, s) =>
    {
        var (stream, metadata) = s;
        writer.WriteStartObject();
        foreach (var member in metadata.EnumerateObject())
        {
            if (member.Name is "checkpoint_ns" or "langgraph_checkpoint_ns" && member.Value.ValueKind == JsonValueKind.String)
            {
                writer.WriteString(member.Name, stream.Within(member.Value.GetString()!));
            }
            else
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    });

    private string Within(string inside) => inside.Length == 0 ? _namespace : $"{_namespace}|{inside}";
}
