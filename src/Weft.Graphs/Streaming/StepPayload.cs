using System.Text.Json;

namespace Weft.Graphs;

/// <summary>What a durable step returned.</summary>
internal sealed class StepPayload(string name, JsonElement result, bool cached) : StreamPayload
{
    internal override long EstimateReferred() => ValueSize.Of(result);

    protected override byte[] Encode() => GraphJson.Encode((name, result, cached), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName(s.name);
        s.result.WriteTo(writer);
        if (s.cached)
        {
            writer.WriteStartObject("__metadata__"u8);
            writer.WriteBoolean("cached"u8, true);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });
}
