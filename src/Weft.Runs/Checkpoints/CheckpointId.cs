using System.Diagnostics.CodeAnalysis;

namespace Weft.Runs;

/// <summary>
/// The id of a checkpoint: a UUID. Ids of one thread and namespace are in the order of creation, compared as bytes or as text.
/// </summary>
/// <param name="Value">The UUID.</param>
public readonly record struct CheckpointId(Guid Value) : IParsable<CheckpointId>
{
    /// <inheritdoc />
    public static CheckpointId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not a checkpoint id.");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out CheckpointId result)
    {
        var value = Guid.Empty;
        // A UUID with spaces around it would be parsed too.
        var isParsed = s is { Length: 36 } && Guid.TryParseExact(s, "D", out value);
        result = new CheckpointId(value);
        return isParsed;
    }

    /// <inheritdoc />
    public override string ToString() => Value.ToString();
}
