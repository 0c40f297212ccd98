using System.Diagnostics.CodeAnalysis;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The id of a cron, a UUID. The server creates UUIDs of version 7.</summary>
/// <param name="Value">The UUID.</param>
public readonly record struct CronId(Guid Value) : IParsable<CronId>
{
    /// <summary>Creates a time-ordered id.</summary>
    public static CronId New(TimeProvider time) => new(NewId.TimeOrdered(time));

    /// <inheritdoc />
    public static CronId Parse(string s, IFormatProvider? provider) => new(Guid.Parse(s, provider));

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out CronId result)
    {
        var parsed = Guid.TryParse(s, provider, out var value);
        result = new CronId(value);
        return parsed;
    }

    /// <inheritdoc />
    public override string ToString() => Value.ToString();
}
