using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// The data of <c>values</c> events below <c>/api/threads</c> (docs/protocol/gateway.md H4): without the questions of a pause,
/// which are in <c>updates</c> and in the thread's state.
/// </summary>
internal static class ContractValues
{
    // More than the depth of any event.
    private const int DepthMax = 2_000;

    private static ReadOnlySpan<byte> Member => "__interrupt__"u8;

    /// <summary>
    /// Returns the data of the event without <c>__interrupt__</c>; null if the data does not have it, which costs one search of its
    /// bytes.
    /// </summary>
    public static byte[]? Of(RunEvent added)
    {
        if (added.Name != "values" && !added.Name.StartsWith("values|", StringComparison.Ordinal))
        {
            return null;
        }

        var data = added.Payload.Utf8.Span;
        return data.LastIndexOf(Member) < 0 ? null : Without(data);
    }

    /// <summary>Returns the data without the member, which is the last one of the state.</summary>
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
