using System.Diagnostics.CodeAnalysis;

namespace Weft.Graphs;

/// <summary>Makes ids and other random numbers. No other type does.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "All others use this class.")]
internal static class NewId
{
    /// <summary>Makes a new id, for example of a message: a random UUID.</summary>
    public static string Uuid() => Guid.NewGuid().ToString();

    /// <summary>Returns a random number from 0 to less than <paramref name="limit"/>.</summary>
    public static long Number(long limit) => Random.Shared.NextInt64(limit);

    /// <summary>Returns a random number from 0 to less than 1.</summary>
    public static double Fraction() => Random.Shared.NextDouble();
}
