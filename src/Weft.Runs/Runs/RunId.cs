using System.Diagnostics.CodeAnalysis;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The id of a run, a UUID. The server creates UUIDs of version 7.</summary>
/// <param name="Value">The UUID.</param>
public readonly record struct RunId(Guid Value) : IParsable<RunId>
{
    /// <summary>Creates a time-ordered id.</summary>
    public static RunId New(TimeProvider time) => new(NewId.TimeOrdered(time));

    /// <inheritdoc />
    public static RunId Parse(string s, IFormatProvider? provider) => new(Guid.Parse(s, provider));

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out RunId result)
    {
        var parsed = Guid.TryParse(s, provider, out var value);
        result = new RunId(value);
        return parsed;
    }

    /// <inheritdoc />
    public override string ToString() => Value.ToString();
}
