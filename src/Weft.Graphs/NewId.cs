using System.Diagnostics.CodeAnalysis;

namespace Weft.Graphs;

/// <summary>The one place where ids and other random numbers are made.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "All others use this class.")]
internal static class NewId
{
    /// <summary>Makes an id that nobody has, such as that of a message: a random UUID.</summary>
    public static string Uuid() => Guid.NewGuid().ToString();

    /// <summary>Returns a random number from 0 to less than <paramref name="limit"/>.</summary>
    public static long Number(long limit) => Random.Shared.NextInt64(limit);

    /// <summary>Returns a random number from 0 to less than 1.</summary>
    public static double Fraction() => Random.Shared.NextDouble();
}
