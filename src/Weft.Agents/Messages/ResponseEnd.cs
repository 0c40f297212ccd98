using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Weft.Agents;

/// <summary>The data at the end of a model's response: usage, finish reason and model.</summary>
internal readonly record struct ResponseEnd(UsageDetails? Usage, ChatFinishReason? FinishReason, string? ModelId)
{
    public bool TellsMore => FinishReason is not null || ModelId is not null;

    public void WriteMetadata(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("response_metadata"u8);
        if (FinishReason is { } reason)
        {
            writer.WriteString("finish_reason"u8, reason.Value);
        }

        if (ModelId is not null)
        {
            writer.WriteString("model_name"u8, ModelId);
        }

        writer.WriteEndObject();
    }

    public static void WriteUsage(Utf8JsonWriter writer, UsageDetails usage)
    {
        var input = usage.InputTokenCount ?? 0;
        var output = usage.OutputTokenCount ?? 0;
        writer.WriteStartObject("usage_metadata"u8);
        writer.WriteNumber("input_tokens"u8, input);
        writer.WriteNumber("output_tokens"u8, output);
        writer.WriteNumber("total_tokens"u8, usage.TotalTokenCount ?? input + output);
        writer.WriteStartObject("input_token_details"u8);
        WriteOptional(writer, "cache_read"u8, usage.CachedInputTokenCount);
        WriteOptional(writer, "cache_creation"u8, CacheCreationOf(usage));
        writer.WriteEndObject();
        writer.WriteStartObject("output_token_details"u8);
        WriteOptional(writer, "reasoning"u8, usage.ReasoningTokenCount);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The tokens that were written to a cache of prompts. Providers report them under names of their own.</summary>
    private static long? CacheCreationOf(UsageDetails usage)
    {
        foreach (var (name, count) in usage.AdditionalCounts ?? [])
        {
            var letters = name.Replace("_", "", StringComparison.Ordinal);
            if (letters.Contains("CacheCreation", StringComparison.OrdinalIgnoreCase)
                || letters.Contains("CacheWrite", StringComparison.OrdinalIgnoreCase))
            {
                return count;
            }
        }

        return null;
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? value)
    {
        if (value is not null)
        {
            writer.WriteNumber(name, value.Value);
        }
    }
}
