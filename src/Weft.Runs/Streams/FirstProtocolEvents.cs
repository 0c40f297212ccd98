using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Reads the events that earlier versions of the server stored: name and data as the first protocol has them
/// (docs/protocol/streaming.md D1 to D8).
/// </summary>
internal static class FirstProtocolEvents
{
    // More than the depth of any event.
    private const int DepthMax = 2_000;

    private static ReadOnlySpan<byte> InterruptMember => "__interrupt__"u8;

    /// <summary>Returns the part of an event; a gap if no mode has such an event.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">The name of the event, with its namespace.</param>
    /// <param name="json">The data.</param>
    public static StreamPart Read(RunKey run, string name, byte[] json)
    {
        switch (name)
        {
            case "metadata":
                return new RunStartedPart(run.RunId, run.ThreadId, GraphJson.Parse(json).GetProperty("attempt"u8).GetInt32());
            case "error":
                var error = GraphJson.Parse(json);
                return new RunErrorPart(error.GetProperty("name"u8).GetString()!, error.GetProperty("message"u8).GetString()!);
            case "end":
                var status = GraphJson.Parse(json).GetProperty("status"u8);
                return new RunEndPart(run.RunId, Enum.GetValues<RunStatus>().First(known => status.ValueEquals(known.ToWire())));
            case "cancel":
                var isRollback = GraphJson.Parse(json).GetProperty("cancel_mode"u8).ValueEquals("rollback"u8);
                return new RunEndPart(run.RunId, RunStatus.Interrupted, isRollback ? CancelAction.Rollback : CancelAction.Interrupt);
        }

        var at = name.IndexOf('|', StringComparison.Ordinal);
        var (mode, checkpointNamespace) = at < 0 ? (name, "") : (name[..at], name[(at + 1)..]);
        if (ModeOf(mode) is StreamMode.None)
        {
            return GapPart.Instance;
        }

        StreamPart part = mode == "values" ? ReadValues(json) : new StoredJsonPart(ModeOf(mode), mode, LazyJson.FromUtf8(json));
        part.Namespace = checkpointNamespace;
        return part;
    }

    private static StreamMode ModeOf(string name) => name switch
    {
        "messages" => StreamMode.MessagesTuple,
        _ when name.StartsWith("messages/", StringComparison.Ordinal) => StreamMode.Messages,
        _ => StreamModes.Parse([name]),
    };

    /// <summary>Separates the state from the interrupts of a pause, which are its last member.</summary>
    private static ValuesPart ReadValues(byte[] json)
    {
        if (json.AsSpan().LastIndexOf(InterruptMember) < 0)
        {
            return new ValuesPart(LazyJson.FromUtf8(json));
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthMax });
        reader.Read();
        var (isMember, before, end) = (false, 0, (int)reader.BytesConsumed);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isMember = reader.ValueTextEquals(InterruptMember);
            reader.Skip();
            (before, end) = (end, (int)reader.BytesConsumed);
        }

        return isMember
            ? new ValuesPart(LazyJson.FromUtf8([.. json.AsSpan(0, before), (byte)'}']), ReadInterrupts(json))
            : new ValuesPart(LazyJson.FromUtf8(json));
    }

    private static IReadOnlyList<Interrupt> ReadInterrupts(byte[] json) =>
        [.. GraphJson.Parse(json).GetProperty(InterruptMember).EnumerateArray().Select(Interrupt.Read)];
}
