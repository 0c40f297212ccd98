using System.Text.Json;

namespace Weft.Server;

/// <summary>The tokens that the messages of a run took, as far as their models said.</summary>
internal readonly record struct ReplyUsage(long Input, long Output, long Total, long Cached, long Reasoning)
{
    /// <summary>Adds <c>usage_metadata</c> of a message (docs/protocol/messages.md F1).</summary>
    public ReplyUsage Plus(JsonElement usage)
    {
        var (input, output) = (Number(usage, "input_tokens"), Number(usage, "output_tokens"));
        return new ReplyUsage(
            Input + input,
            Output + output,
            Total + (Number(usage, "total_tokens") is > 0 and var total ? total : input + output),
            Cached + Detail(usage, "input_token_details", "cache_read"),
            Reasoning + Detail(usage, "output_token_details", "reasoning"));
    }

    /// <summary>Writes the member <c>usage</c> of a chat completion.</summary>
    public void WriteOfChat(Utf8JsonWriter writer) =>
        Write(writer, "prompt_tokens"u8, "prompt_tokens_details"u8, "completion_tokens"u8, "completion_tokens_details"u8);

    /// <summary>Writes the member <c>usage</c> of a response.</summary>
    public void WriteOfResponse(Utf8JsonWriter writer) =>
        Write(writer, "input_tokens"u8, "input_tokens_details"u8, "output_tokens"u8, "output_tokens_details"u8);

    private void Write(
        Utf8JsonWriter writer,
        ReadOnlySpan<byte> input,
        ReadOnlySpan<byte> inputDetails,
        ReadOnlySpan<byte> output,
        ReadOnlySpan<byte> outputDetails)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber(input, Input);
        writer.WriteStartObject(inputDetails);
        writer.WriteNumber("cached_tokens"u8, Cached);
        writer.WriteEndObject();
        writer.WriteNumber(output, Output);
        writer.WriteStartObject(outputDetails);
        writer.WriteNumber("reasoning_tokens"u8, Reasoning);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens"u8, Total);
        writer.WriteEndObject();
    }

    private static long Detail(JsonElement usage, string details, string name) =>
        usage.TryGetProperty(details, out var given) && given.ValueKind == JsonValueKind.Object ? Number(given, name) : 0;

    private static long Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : 0;
}
