using System.Diagnostics.CodeAnalysis;

namespace Weft.Runs;

/// <summary>The id of an assistant, a UUID. The assistant that each graph has gets version 5 of the graph id.</summary>
/// <param name="Value">The UUID.</param>
public readonly record struct AssistantId(Guid Value) : IParsable<AssistantId>
{
    /// <inheritdoc />
    public static AssistantId Parse(string s, IFormatProvider? provider) => new(Guid.Parse(s, provider));

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AssistantId result)
    {
        // Exactly 36 characters, because Guid would ignore spaces around them.
        var isId = Guid.TryParseExact(s, "D", out var value) && s!.Length == 36;
        result = new AssistantId(value);
        return isId;
    }

    /// <inheritdoc />
    public override string ToString() => Value.ToString();
}
