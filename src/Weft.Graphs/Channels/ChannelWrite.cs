using System.Text.Json;

namespace Weft.Graphs;

/// <summary>One write to a channel.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Value">The write; when <paramref name="Overwrites"/>, the channel's new value itself.</param>
/// <param name="Overwrites">Whether it replaces the value and bypasses the reducer (docs/protocol/engine.md
/// G1).</param>
internal readonly record struct ChannelWrite(StateChannel Channel, object Value, bool Overwrites = false)
{
    /// <summary>Reads a write.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="json">The write.</param>
    /// <param name="isInput">Whether a caller of the graph sent it.</param>
    public static ChannelWrite Read(StateChannel channel, JsonElement json, bool isInput = false) =>
        channel.IsReduced && TryReadOverwrite(json, out var value)
            ? new ChannelWrite(channel, channel.ValueOf(isInput ? channel.ReadInput(value) : channel.ReadWrite(value)), Overwrites: true)
            : new ChannelWrite(channel, isInput ? channel.ReadInput(json) : channel.ReadWrite(json));

    public void WriteTo(Utf8JsonWriter writer)
    {
        if (!Overwrites)
        {
            Channel.WriteWrite(writer, Value);
            return;
        }

        writer.WriteStartObject();
        writer.WritePropertyName("__overwrite__"u8);
        Channel.WriteValue(writer, Value);
        writer.WriteEndObject();
    }

    /// <summary>Writes it as readers of a node's writes see it.</summary>
    public void ShowTo(Utf8JsonWriter writer)
    {
        if (Channel.IsTracked)
        {
            WriteTo(writer);
        }
        else
        {
            Channel.ShowValue(writer, Value);
        }
    }

    private static bool TryReadOverwrite(JsonElement json, out JsonElement value)
    {
        value = default;
        return json.ValueKind == JsonValueKind.Object
            && (json.TryGetProperty("__overwrite__"u8, out value)
                || (json.TryGetProperty("type"u8, out var type)
                    && type.ValueKind == JsonValueKind.String
                    && type.ValueEquals("__overwrite__"u8)
                    && json.TryGetProperty("value"u8, out value)));
    }
}
