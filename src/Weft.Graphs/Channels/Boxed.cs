using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Stands for a value that is null, so that null can mean that a channel is absent.</summary>
internal static class Boxed
{
    public static readonly object Null = new();

    /// <summary>JSON is detached from its document, which may not live as long as the state.</summary>
    /// <exception cref="ObjectDisposedException">Its document is disposed.</exception>
    /// <exception cref="InvalidOperationException">It is the default JSON element, which is no JSON.</exception>
    public static object Of<T>(T value) => value switch
    {
        null => Null,
        JsonElement json => json.Clone(),
        _ => value,
    };

    public static T To<T>(object boxed) => ReferenceEquals(boxed, Null) ? default! : (T)boxed;
}
