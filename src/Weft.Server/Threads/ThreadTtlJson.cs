using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// A thread's time to live on the wire: minutes, or <c>{"ttl":minutes,"strategy":"delete"|"keep_latest"}</c> (docs/protocol/threads.md B3).
/// </summary>
internal static class ThreadTtlJson
{
    // A hundred years.
    private const double MinutesMax = 52_560_000;

    public static ThreadTtl? Read(JsonElement? ttl) => ttl switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } minutes => new ThreadTtl(ReadMinutes(minutes, "ttl"), PruneStrategy.Delete),
        { ValueKind: JsonValueKind.Object } given => new ThreadTtl(
            given.TryGetProperty("ttl", out var minutes)
                ? ReadMinutes(minutes, "ttl.ttl")
                : throw Requests.Invalid("ttl.ttl", "Field required"),
            ReadStrategy(
                given.TryGetProperty("strategy", out var strategy) && strategy.ValueKind != JsonValueKind.Null ? strategy.ToString() : null,
                "ttl.strategy")),
        _ => throw Requests.Invalid("ttl", "It must be a number of minutes, or an object with one."),
    };

    public static PruneStrategy ReadStrategy(string? strategy, string field) => strategy switch
    {
        null or "delete" => PruneStrategy.Delete,
        "keep_latest" => PruneStrategy.KeepLatest,
        _ => throw Requests.Invalid(field, $"'{strategy}' is none of delete, keep_latest."),
    };

    public static void Write(Utf8JsonWriter writer, ThreadRecord thread)
    {
        writer.WritePropertyName("ttl"u8);
        if (thread.Ttl is not { } ttl)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("strategy"u8, ttl.Strategy.ToWire());
        writer.WriteNumber("ttl_minutes"u8, ttl.Duration.TotalMinutes);
        writer.Time("expires_at"u8, thread.ExpiresAt);
        writer.WriteEndObject();
    }

    private static TimeSpan ReadMinutes(JsonElement minutes, string field) =>
        minutes.ValueKind == JsonValueKind.Number && minutes.TryGetDouble(out var value) && value is > 0 and <= MinutesMax
            ? TimeSpan.FromMicroseconds(Math.Ceiling(value * 60_000_000))
            : throw Requests.Invalid(field, $"It must be a number of minutes greater than 0 and at most {MinutesMax}.");
}
