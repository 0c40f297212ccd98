using System.Buffers.Binary;
using Weft.Runs;

namespace Weft.Storage;

/// <summary>The ids that the runs of a search may have. An id begins with the time when it was made.</summary>
/// <param name="From">The least id.</param>
/// <param name="Before">The id after the greatest one.</param>
internal readonly record struct RunIdRange(Guid From, Guid Before)
{
    // The time that passes between the creation of a run's id and that of its row, and more.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>Returns the range of the page that the search asks for.</summary>
    public static RunIdRange Of(RunQuery query)
    {
        var before = query.CreatedBefore is { } end ? FirstAt(end + Margin) : Guid.AllBitsSet;
        return new RunIdRange(
            query.CreatedFrom is { } start ? FirstAt(start - Margin) : Guid.Empty,
            query.After is { Value: var after } && after.CompareTo(before) < 0 ? after : before);
    }

    /// <summary>Returns an id that is not greater than those that are created at a time or later.</summary>
    private static Guid FirstAt(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, time.ToUnixTimeMilliseconds()) << 16);
        return new Guid(bytes, bigEndian: true);
    }
}
