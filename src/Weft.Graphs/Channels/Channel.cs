using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Declares the channels of a graph's state.</summary>
public static class Channel
{
    /// <summary>A channel that holds what was written last; absent until then.</summary>
    /// <param name="name">Its key in the state.</param>
    /// <param name="typeInfo">How its values become JSON; by default as <see cref="GraphJson.DefaultOptions"/> has
    /// it.</param>
    public static LastValueChannel<T> LastValue<T>(string name, JsonTypeInfo<T>? typeInfo = null) => new(name, typeInfo);

    /// <summary>A channel that holds what was written last, and <paramref name="initial"/> before.</summary>
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
    /// A channel that collects items; empty at first, or absent where <paramref name="absentAtFirst"/> says so.
    /// </summary>
    public static ListChannel<T> List<T>(string name, bool absentAtFirst = false, JsonTypeInfo<T>? typeInfo = null) =>
        new(name, typeInfo, absentAtFirst);

    /// <summary>
    /// A channel of items that are there for the superstep after the one that published them; of all items, when it
    /// <paramref name="accumulates"/>.
    /// </summary>
    public static TopicChannel<T> Topic<T>(string name, bool accumulates = false, JsonTypeInfo<T>? typeInfo = null) =>
        new(name, accumulates, typeInfo);

    /// <summary>A channel whose value is there for the next superstep only.</summary>
    /// <param name="name">Its key in the state.</param>
    /// <param name="takesSeveral">Whether several writes in one superstep are allowed; the last one holds.</param>
    /// <param name="typeInfo">How its values become JSON.</param>
    public static EphemeralChannel<T> Ephemeral<T>(string name, bool takesSeveral = false, JsonTypeInfo<T>? typeInfo = null) =>
        new(name, takesSeveral, typeInfo);

    /// <summary>A channel for writes that are all the same.</summary>
    public static AnyValueChannel<T> AnyValue<T>(string name, JsonTypeInfo<T>? typeInfo = null) => new(name, typeInfo);

    /// <summary>A channel that no checkpoint keeps: for what can't be stored, or need not be.</summary>
    /// <param name="name">Its key in the state.</param>
    /// <param name="takesSeveral">Whether several writes in one superstep are allowed; the last one holds.</param>
    /// <param name="typeInfo">How its values become JSON.</param>
    public static UntrackedChannel<T> Untracked<T>(string name, bool takesSeveral = false, JsonTypeInfo<T>? typeInfo = null) =>
        new(name, takesSeveral, typeInfo);

    /// <summary>Says what a channel is for; schemas tell it.</summary>
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
