using System.Diagnostics.CodeAnalysis;

namespace Weft.Graphs;

/// <summary>Makes ids and other random numbers. No other type does.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "All others use this class.")]
internal static class NewId
{
    /// <summary>Makes a new id, for example of a message: a random UUID.</summary>
    public static string Uuid() => Guid.NewGuid().ToString();

    /// <summary>
    /// Makes the id of a message, a random UUID too. It need not be hard to guess, and a random number of the operating system would
    /// take longer than the rest of the message.
    /// </summary>
    public static string OfMessage()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.Shared.NextBytes(bytes);
        // Version 4 and variant 1 (RFC 9562, section 5.4).
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>Returns a random number from 0 to less than <paramref name="limit"/>.</summary>
    public static long Number(long limit) => Random.Shared.NextInt64(limit);

    /// <summary>Returns a random number from 0 to less than 1.</summary>
    public static double Fraction() => Random.Shared.NextDouble();
}
