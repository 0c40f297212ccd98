using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>
/// Writes the states of a run: a snapshot of the first, what changes with each superstep, and snapshots at the end
/// (docs/protocol/agui.md 5).
/// </summary>
internal sealed class AgUiStateEvents(AgUiFrames frames)
{
    // A difference of this size is sent even if the state is smaller.
    private const int SmallBytes = 1024;

    private AgUiState? _shown;

    /// <summary>Writes a state, or how it differs from the one before.</summary>
    public void Show(AgUiState state)
    {
        if (_shown is null || !TryWriteDelta(_shown, state))
        {
            WriteSnapshot(state);
        }

        _shown = state;
    }

    /// <summary>Sets the last state without writing it.</summary>
    public void Set(AgUiState state) => _shown = state;

    /// <summary>Writes the last state, with its messages unless the client's are to stay.</summary>
    public void Finish(bool withMessages)
    {
        if (_shown is not { } state)
        {
            return;
        }

        WriteSnapshot(state);
        if (withMessages && state.Messages is { } messages)
        {
            frames.Write("MESSAGES_SNAPSHOT", GraphJson.Parse(messages.Span), static (writer, messages) =>
            {
                writer.WritePropertyName("messages"u8);
                AgUiSnapshot.Write(writer, messages.EnumerateArray());
            });
        }
    }

    /// <summary>Writes the last state as the result of the run.</summary>
    public void WriteResult(Utf8JsonWriter writer)
    {
        // The protocol has no result that is null.
        if (_shown is { IsNull: false } state)
        {
            writer.WritePropertyName("result"u8);
            state.WriteTo(writer);
        }
    }

    /// <summary>Writes the changes; false if they are longer than the state, or if clients would refuse them.</summary>
    private bool TryWriteDelta(AgUiState before, AgUiState after)
    {
        var (count, isRefused) = (0, false);
        var delta = GraphJson.Encode((before, after), (writer, s) =>
        {
            var patch = new JsonPatch(writer);
            writer.WriteStartArray();
            s.after.Compare(s.before, patch);
            writer.WriteEndArray();
            (count, isRefused) = (patch.Count, patch.IsRefused);
        });
        if (isRefused || delta.Length > after.Length + SmallBytes)
        {
            return count == 0;
        }

        if (count > 0)
        {
            frames.Write("STATE_DELTA", delta, static (writer, delta) =>
            {
                writer.WritePropertyName("delta"u8);
                writer.WriteRawValue(delta, skipInputValidation: true);
            });
        }

        return true;
    }

    private void WriteSnapshot(AgUiState state) => frames.Write("STATE_SNAPSHOT", state, static (writer, state) =>
    {
        writer.WritePropertyName("snapshot"u8);
        state.WriteTo(writer);
    });
}
