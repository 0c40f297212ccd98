using System.ComponentModel;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>For the code that the source generator writes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GeneratedState
{
    /// <summary>As <see cref="Channel.LastValue{T}(string, System.Text.Json.Serialization.Metadata.JsonTypeInfo{T}?)"/>.</summary>
    public static LastValueChannel<T> LastValue<T>(string name, JsonSerializerOptions json, bool takesNull) =>
        new(name, StrictJson.Of(json).TypeInfo<T>()) { Member = MemberOf<T>(json, takesNull) };

    /// <summary>As <see cref="Channel.LastValue{T}(string, T, System.Text.Json.Serialization.Metadata.JsonTypeInfo{T}?)"/>.</summary>
    public static LastValueChannel<T> LastValue<T>(string name, T initial, JsonSerializerOptions json, bool takesNull) =>
        new(name, initial, StrictJson.Of(json).TypeInfo<T>()) { Member = MemberOf<T>(json, takesNull) };

    /// <summary>As <see cref="Channel.Reducer{T}"/>.</summary>
    public static ReducerChannel<T> Reducer<T>(
        string name, T initial, Func<T, T, T> reduce, JsonSerializerOptions json, bool takesNull) =>
        new(name, initial, reduce, StrictJson.Of(json).TypeInfo<T>()) { Member = MemberOf<T>(json, takesNull) };

    /// <summary>As <see cref="Channel.List{T}"/>.</summary>
    public static ListChannel<T> Append<T>(string name, JsonSerializerOptions json, bool takesNull) =>
        new(name, StrictJson.Of(json).TypeInfo<T>(), absentAtFirst: false) { Member = MemberOf<T>(json, takesNull) };

    /// <summary>As <see cref="Channel.Topic{T}"/>.</summary>
    public static TopicChannel<T> Topic<T>(string name, bool accumulates, JsonSerializerOptions json, bool takesNull) =>
        new(name, accumulates, StrictJson.Of(json).TypeInfo<T>()) { Member = MemberOf<T>(json, takesNull) };

    /// <summary>As <see cref="Channel.Ephemeral{T}"/>.</summary>
    public static EphemeralChannel<T> Ephemeral<T>(string name, bool takesSeveral, JsonSerializerOptions json, bool takesNull) =>
        new(name, takesSeveral, StrictJson.Of(json).TypeInfo<T>()) { Member = MemberOf<T>(json, takesNull) };

    /// <summary>As <see cref="Channel.AnyValue{T}"/>.</summary>
    public static AnyValueChannel<T> AnyValue<T>(string name, JsonSerializerOptions json, bool takesNull) =>
        new(name, StrictJson.Of(json).TypeInfo<T>()) { Member = MemberOf<T>(json, takesNull) };

    /// <summary>As <see cref="Channel.Untracked{T}"/>.</summary>
    public static UntrackedChannel<T> Untracked<T>(string name, bool takesSeveral) => new(name, takesSeveral, null);

    /// <summary>Returns the value of a channel, or what the member is while it is absent.</summary>
    /// <param name="values">The values.</param>
    /// <param name="index">Where the channel is in a graph that was made for the state.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="absent">The value of the member while the channel has none.</param>
    public static TValue Read<TValue, TWrite>(ChannelValues values, int index, StateChannel<TValue, TWrite> channel, TValue absent)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values.Find(index, channel) is { } value ? NullSentinel.Unwrap<TValue>(value) : absent;
    }

    /// <summary>Returns the value of a channel that must have one.</summary>
    /// <exception cref="MissingStateMemberException">It has none.</exception>
    public static TValue ReadRequired<TValue, TWrite>(ChannelValues values, int index, StateChannel<TValue, TWrite> channel)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(channel);
        return values.Find(index, channel) is { } value
            ? NullSentinel.Unwrap<TValue>(value)
            : throw new MissingStateMemberException(channel.Name);
    }

    /// <summary>Adds a member to an update, unless it has its default value.</summary>
    public static void Write<T>(StateUpdate update, StateChannel<T, T> channel, T value, T standard)
    {
        ArgumentNullException.ThrowIfNull(update);
        if (!EqualityComparer<T>.Default.Equals(value, standard))
        {
            update.Set(channel, value);
        }
    }

    /// <summary>Adds the items of a member to an update, if there are any.</summary>
    public static void WriteItems<TValue, T>(StateUpdate update, StateChannel<TValue, IReadOnlyList<T>> channel, IEnumerable<T>? items)
    {
        ArgumentNullException.ThrowIfNull(update);
        if (items?.ToArray() is { Length: > 0 } some)
        {
            update.Set(channel, some);
        }
    }

    private static MemberJson<T> MemberOf<T>(JsonSerializerOptions json, bool takesNull) =>
        new(StrictJson.Of(json).InputTypeInfo<T>(), takesNull);
}
