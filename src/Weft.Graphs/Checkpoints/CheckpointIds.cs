namespace Weft.Graphs;

/// <summary>
/// Makes checkpoint ids: UUIDs of version 6 (RFC 9562, section 5.6) that sort, as strings, in the order of creation.
/// </summary>
/// <remarks>
/// The clock sequence carries the step (docs/protocol/state.md E6). An id is always greater than the one it follows,
/// also within one tick and when the clock steps back.
/// </remarks>
public static class CheckpointIds
{
    // From 1582-10-15, the start of the Gregorian calendar, to 0001-01-01, the start of .NET's ticks.
    private const long GregorianEpochTicks = 499_163_040_000_000_000;

    /// <summary>Makes the id of a checkpoint.</summary>
    /// <param name="now">The time of creation.</param>
    /// <param name="step">Its step, from −1.</param>
    /// <param name="after">The newest id of the same thread and namespace, or null.</param>
    public static string Next(DateTimeOffset now, int step, string? after)
    {
        var ticks = now.UtcTicks - GregorianEpochTicks;
        if (after is not null && TryReadTicks(after, out var last) && ticks <= last)
        {
            ticks = last + 1;
        }

        // Text rather than Guid: Guid's own byte order would only be in the way.
        var node = NewId.Number(1L << 48);
        var sequence = step < 0 ? 0xFFFF : 0x8000 | (step & 0x3FFF);
        return string.Create(
            null,
            stackalloc char[64],
            $"{ticks >> 28:x8}-{(ticks >> 12) & 0xFFFF:x4}-6{ticks & 0xFFF:x3}-{sequence:x4}-{node:x12}");
    }

    private static bool TryReadTicks(string id, out long ticks)
    {
        ticks = 0;
        if (id.Length != 36
            || !long.TryParse(id.AsSpan(0, 8), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var high)
            || !long.TryParse(id.AsSpan(9, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var middle)
            || !long.TryParse(id.AsSpan(15, 3), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var low))
        {
            return false;
        }

        ticks = (high << 28) | (middle << 12) | low;
        return true;
    }
}
