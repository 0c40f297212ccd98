using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The tokens that models took, as far as they said.</summary>
/// <param name="Input">The tokens of the input.</param>
/// <param name="Output">The tokens of the output.</param>
/// <param name="Total">Both together.</param>
/// <param name="CacheRead">The tokens of the input that came from a cache.</param>
/// <param name="Reasoning">The tokens of the output that were reasoning.</param>
public readonly record struct TokenUsage(long Input, long Output, long Total, long CacheRead, long Reasoning)
{
    /// <summary>Reads <c>usage_metadata</c> of a message (docs/protocol/messages.md F1). What is not a count is 0.</summary>
    public static TokenUsage FromJson(JsonElement usage)
    {
        var (input, output) = (Count(usage, "input_tokens"), Count(usage, "output_tokens"));
        return new TokenUsage(
            input,
            output,
            Count(usage, "total_tokens") is > 0 and var total ? total : Sum(input, output),
            Detail(usage, "input_token_details", "cache_read"),
            Detail(usage, "output_token_details", "reasoning"));
    }

    /// <summary>Returns both together. A sum that is too large is the largest number.</summary>
    public TokenUsage Plus(TokenUsage other) => new(
        Sum(Input, other.Input),
        Sum(Output, other.Output),
        Sum(Total, other.Total),
        Sum(CacheRead, other.CacheRead),
        Sum(Reasoning, other.Reasoning));

    /// <summary>Writes the object that <see cref="FromJson"/> reads.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        WriteMembers(writer);
        writer.WriteEndObject();
    }

    internal void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteNumber("input_tokens"u8, Input);
        writer.WriteNumber("output_tokens"u8, Output);
        writer.WriteNumber("total_tokens"u8, Total);
        writer.WriteStartObject("input_token_details"u8);
        writer.WriteNumber("cache_read"u8, CacheRead);
        writer.WriteEndObject();
        writer.WriteStartObject("output_token_details"u8);
        writer.WriteNumber("reasoning"u8, Reasoning);
        writer.WriteEndObject();
    }

    /// <summary>Returns what an AI message says that its model took; null if it does not say.</summary>
    internal static TokenUsage? Of(Message message) =>
        message.Type == "ai"
        // Most messages of graphs without models are found here.
        && message.Utf8.Span.IndexOf("\"usage_metadata\""u8) >= 0
        && message.Json.TryGetProperty("usage_metadata"u8, out var usage) && usage.ValueKind == JsonValueKind.Object
            ? FromJson(usage)
            : null;

    private static long Detail(JsonElement usage, string details, string name) =>
        usage.TryGetProperty(details, out var given) && given.ValueKind == JsonValueKind.Object ? Count(given, name) : 0;

    private static long Count(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count)
            ? Math.Max(count, 0)
            : 0;

    private static long Sum(long one, long other) => long.CreateSaturating((Int128)one + other);
}
