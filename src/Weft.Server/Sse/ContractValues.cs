using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>States in events as the contract file shows them: without the questions of a pause, which <c>updates</c> and the thread's state have.</summary>
internal static class ContractValues
{
    // Deeper than what events hold.
    private const int DepthMax = 2_000;

    private static ReadOnlySpan<byte> Member => "__interrupt__"u8;

    /// <summary>Returns the data of the event without <c>__interrupt__</c>; null when it is to be sent as it is, which costs one search of its bytes.</summary>
    public static byte[]? Of(RunEvent added)
    {
        if (added.Name != "values" && !added.Name.StartsWith("values|", StringComparison.Ordinal))
        {
            return null;
        }

        var data = added.Payload.Utf8.Span;
        return data.LastIndexOf(Member) < 0 ? null : Without(data);
    }

    /// <summary>The member is the last one of the state.</summary>
    private static byte[]? Without(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = DepthMax });
        reader.Read();
        var (isMember, before, end) = (false, 0, (int)reader.BytesConsumed);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isMember = reader.ValueTextEquals(Member);
            reader.Skip();
            (before, end) = (end, (int)reader.BytesConsumed);
        }

        return isMember ? [.. data[..before], (byte)'}'] : null;
    }
}
