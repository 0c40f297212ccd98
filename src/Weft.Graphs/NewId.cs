using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Weft.Graphs;

/// <summary>Makes ids, and random numbers that need not be hard to guess. No other type does.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "All others use this class.")]
internal static class NewId
{
    private const int GuidLength = 16;

    /// <summary>The length of a reserve: 64 ids.</summary>
    private const int ReserveLength = 64 * GuidLength;

    /// <summary>
    /// Random bytes of the operating system that this thread has not used yet. One call of the operating system returns those of many
    /// ids in the time of one.
    /// </summary>
    [ThreadStatic]
    private static byte[]? _reserve;

    /// <summary>The number of bytes of the reserve that have been used.</summary>
    [ThreadStatic]
    private static int _used;

    /// <summary>Makes a new id that nobody can guess, for example of a tool call: a random UUID.</summary>
    public static string Uuid()
    {
        Span<byte> bytes = stackalloc byte[GuidLength];
        Reserved().CopyTo(bytes);
        return ToGuid(bytes, version: 4).ToString();
    }

    /// <summary>Makes the id of a message, a random UUID too. It need not be hard to guess.</summary>
    public static string OfMessage()
    {
        Span<byte> bytes = stackalloc byte[GuidLength];
        Random.Shared.NextBytes(bytes);
        return ToGuid(bytes, version: 4).ToString();
    }

    /// <summary>Makes a new id that nobody can guess and that sorts behind those of earlier milliseconds: a UUID of version 7.</summary>
    public static Guid TimeOrdered(TimeProvider time)
    {
        Span<byte> bytes = stackalloc byte[GuidLength];
        Reserved().CopyTo(bytes);
        // The first 48 bits are the time (RFC 9562, section 5.7).
        var milliseconds = time.GetUtcNow().ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteInt32BigEndian(bytes, (int)(milliseconds >> 16));
        BinaryPrimitives.WriteInt16BigEndian(bytes[sizeof(int)..], (short)milliseconds);
        return ToGuid(bytes, version: 7);
    }

    /// <summary>Returns a random number from 0 to less than <paramref name="limit"/>.</summary>
    public static long Number(long limit) => Random.Shared.NextInt64(limit);

    /// <summary>Returns a random number from 0 to less than 1.</summary>
    public static double Fraction() => Random.Shared.NextDouble();

    /// <summary>Takes the random bytes of an id out of the reserve.</summary>
    private static ReadOnlySpan<byte> Reserved()
    {
        if (_reserve is null || _used == ReserveLength)
        {
            _reserve = RandomNumberGenerator.GetBytes(ReserveLength);
            _used = 0;
        }

        _used += GuidLength;
        return _reserve.AsSpan(_used - GuidLength, GuidLength);
    }

    /// <summary>Makes a UUID of the version and of variant 1 (RFC 9562, section 4).</summary>
    private static Guid ToGuid(Span<byte> bytes, int version)
    {
        bytes[6] = (byte)((bytes[6] & 0x0F) | (version << 4));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
