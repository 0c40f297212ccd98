using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Adds up the tokens that the models of a run have taken, for each model.</summary>
internal sealed class AgUiUsage
{
    /// <summary>The counts by their names in AG-UI, with their places in <c>usage_metadata</c>.</summary>
    private static readonly (string Name, string? Details, string Member)[] Counts =
    [
        ("inputTokens", null, "input_tokens"),
        ("outputTokens", null, "output_tokens"),
        ("totalTokens", null, "total_tokens"),
        ("reasoningTokens", "output_token_details", "reasoning"),
        ("cachedInputTokens", "input_token_details", "cache_read"),
        ("cacheWriteInputTokens", "input_token_details", "cache_creation"),
    ];

    private readonly Dictionary<(string? Provider, string? Model), long?[]> _sums = [];

    public bool IsEmpty => _sums.Count == 0;

    public void Add(ModelInfo? model, JsonElement usage)
    {
        var key = (model?.Provider, model?.Name);
        if (!_sums.TryGetValue(key, out var sums))
        {
            _sums[key] = sums = new long?[Counts.Length];
        }

        for (var i = 0; i < Counts.Length; i++)
        {
            var (_, details, member) = Counts[i];
            var place = details is null ? usage : AgUiFields.Find(usage, details) ?? default;
            if (AgUiFields.Find(place, member) is { ValueKind: JsonValueKind.Number } number
                && number.TryGetInt64(out var count) && count >= 0)
            {
                sums[i] = (sums[i] ?? 0) + count;
            }
        }
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var ((provider, model), sums) in _sums)
        {
            writer.WriteStartObject();
            WriteOptional(writer, "provider", provider);
            WriteOptional(writer, "model", model);
            for (var i = 0; i < Counts.Length; i++)
            {
                if (sums[i] is { } sum)
                {
                    writer.WriteNumber(Counts[i].Name, sum);
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }
}
