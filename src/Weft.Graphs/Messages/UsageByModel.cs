using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The tokens that models took together, and of which model it is known.</summary>
/// <param name="Total">The sum.</param>
/// <param name="Models">
/// The part of each model by its name. Tokens of models that did not say their name are only in <paramref name="Total"/>.
/// </param>
public sealed record UsageByModel(TokenUsage Total, IReadOnlyDictionary<string, TokenUsage> Models)
{
    /// <summary>No tokens.</summary>
    public static UsageByModel None { get; } = new(default, new Dictionary<string, TokenUsage>());

    /// <summary>Reads the object that <see cref="WriteTo"/> writes.</summary>
    public static UsageByModel FromJson(JsonElement json)
    {
        var total = TokenUsage.FromJson(json);
        return json.TryGetProperty("by_model", out var models) && models.ValueKind == JsonValueKind.Object
            ? new UsageByModel(total, models.EnumerateObject().ToDictionary(model => model.Name, model => TokenUsage.FromJson(model.Value)))
            : None with { Total = total };
    }

    /// <summary>Returns this with the tokens of a call added.</summary>
    /// <param name="model">The name of the model; null if it is not known.</param>
    /// <param name="usage">The tokens.</param>
    public UsageByModel Plus(string? model, TokenUsage usage) => Plus(
        model is null ? None with { Total = usage } : new UsageByModel(usage, new Dictionary<string, TokenUsage> { [model] = usage }));

    /// <summary>Returns both together.</summary>
    public UsageByModel Plus(UsageByModel other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Models.Count == 0)
        {
            return this with { Total = Total.Plus(other.Total) };
        }

        var models = new Dictionary<string, TokenUsage>(Models);
        foreach (var (model, usage) in other.Models)
        {
            models[model] = models.GetValueOrDefault(model).Plus(usage);
        }

        return new UsageByModel(Total.Plus(other.Total), models);
    }

    /// <summary>
    /// Writes the object of <see cref="TokenUsage.WriteTo"/>, with the member <c>by_model</c> if models are known.
    /// </summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        Total.WriteMembers(writer);
        if (Models.Count > 0)
        {
            writer.WriteStartObject("by_model"u8);
            foreach (var (model, usage) in Models.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
            {
                writer.WritePropertyName(model);
                usage.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <inheritdoc />
    public bool Equals(UsageByModel? other) =>
        other is not null
        && Total == other.Total
        && Models.Count == other.Models.Count
        && Models.All(entry => other.Models.TryGetValue(entry.Key, out var usage) && usage == entry.Value);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Total, Models.Count);
}
