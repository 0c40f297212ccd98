using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Declares the channels of a graph's state.</summary>
public static class Channel
{
    /// <summary>A channel that holds the last write. It is absent before the first one.</summary>
    /// <param name="name">Its key in the state.</param>
    /// <param name="typeInfo">How its values become JSON; null means <see cref="GraphJson.WebOptions"/>.</param>
    public static LastValueChannel<T> LastValue<T>(string name, JsonTypeInfo<T>? typeInfo = null) => new(name, typeInfo);

    /// <summary>A channel that holds the last write, and <paramref name="initial"/> before the first one.</summary>
    public static LastValueChannel<T> LastValue<T>(string name, T initial, JsonTypeInfo<T>? typeInfo = null) =>
        new(name, initial, typeInfo);

    /// <summary>
    /// A channel whose value is combined with each write by <paramref name="reduce"/> (old value, write), a pure
    /// function.
    /// </summary>
    public static ReducerChannel<T> Reducer<T>(string name, T initial, Func<T, T, T> reduce, JsonTypeInfo<T>? typeInfo = null)
    {
        ArgumentNullException.ThrowIfNull(reduce);
        return new(name, initial, reduce, typeInfo);
    }

    /// <summary>
    /// A channel that collects items. At first it is empty, or absent if <paramref name="absentAtFirst"/> is true.
    /// </summary>
    public static ListChannel<T> List<T>(string name, bool absentAtFirst = false, JsonTypeInfo<T>? typeInfo = null) =>
        new(name, typeInfo, absentAtFirst);

    /// <summary>
    /// A channel of the items that the last superstep published; of all items if it <paramref name="accumulates"/>.
    /// </summary>
    public static TopicChannel<T> Topic<T>(string name, bool accumulates = false, JsonTypeInfo<T>? typeInfo = null) =>
        new(name, accumulates, typeInfo);

    /// <summary>A channel whose value exists only in the next superstep.</summary>
    /// <param name="name">Its key in the state.</param>
    /// <param name="takesSeveral">Whether several writes in one superstep are allowed. The last one wins.</param>
    /// <param name="typeInfo">How its values become JSON.</param>
    public static EphemeralChannel<T> Ephemeral<T>(string name, bool takesSeveral = false, JsonTypeInfo<T>? typeInfo = null) =>
        new(name, takesSeveral, typeInfo);

    /// <summary>A channel for writes that are all the same.</summary>
    public static AnyValueChannel<T> AnyValue<T>(string name, JsonTypeInfo<T>? typeInfo = null) => new(name, typeInfo);

    /// <summary>A channel that checkpoints do not store, for values that can't be stored or need not be.</summary>
    /// <param name="name">Its key in the state.</param>
    /// <param name="takesSeveral">Whether several writes in one superstep are allowed. The last one wins.</param>
    /// <param name="typeInfo">How its values become JSON.</param>
    public static UntrackedChannel<T> Untracked<T>(string name, bool takesSeveral = false, JsonTypeInfo<T>? typeInfo = null) =>
        new(name, takesSeveral, typeInfo);

    /// <summary>Sets the description of a channel, which schemas contain.</summary>
    public static TChannel Describe<TChannel>(this TChannel channel, string description)
        where TChannel : StateChannel
    {
        ArgumentNullException.ThrowIfNull(channel);
        channel.Description = description;
        return channel;
    }

    /// <summary>
    /// Sets the <c>langgraph_type</c> of the channel's schema, by which clients choose how to show it: <c>messages</c>,
    /// for example.
    /// </summary>
    public static TChannel WithLangGraphType<TChannel>(this TChannel channel, string type)
        where TChannel : StateChannel
    {
        ArgumentNullException.ThrowIfNull(channel);
        channel.LangGraphType = type;
        return channel;
    }

    /// <summary>A channel of chat messages.</summary>
    public static MessagesChannel Messages(string name = "messages") => new(name);
}
