namespace Weft.Graphs;

/// <summary>Stands for a value that is null, so that null can mean that a channel is absent.</summary>
internal static class Boxed
{
    public static readonly object Null = new();

    public static object Of<T>(T value) => value is null ? Null : value;

    public static T To<T>(object boxed) => ReferenceEquals(boxed, Null) ? default! : (T)boxed;
}
