namespace Weft.Graphs;

/// <summary>Stands for a value that is null, so that null can mean that a channel is absent.</summary>
internal static class NullSentinel
{
    public static readonly object Instance = new();

    public static object Wrap<T>(T value) => value is null ? Instance : value;

    public static T Unwrap<T>(object value) => ReferenceEquals(value, Instance) ? default! : (T)value;
}
