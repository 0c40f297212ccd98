using System.Text;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// The values of all channels at one moment. Immutable; values that did not change are the same objects as before.
/// </summary>
public sealed class ChannelValues
{
    private const long NotCounted = -1;

    private readonly object?[] _values;
    private long[]? _sizes;
    private object? _typed;

    internal ChannelValues(ChannelSchema schema, object?[] values)
    {
        Schema = schema;
        _values = values;
    }

    /// <summary>The channels.</summary>
    public ChannelSchema Schema { get; }

    internal ReadOnlySpan<object?> Span => _values;

    /// <summary>Returns the value of a channel, or the type's default while it is absent.</summary>
    public TValue? Get<TValue, TWrite>(StateChannel<TValue, TWrite> channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return _values[Schema.IndexOf(channel)] is { } value ? NullSentinel.Unwrap<TValue>(value) : default;
    }

    /// <summary>Returns the messages of a channel.</summary>
    public MessageList Get(MessagesChannel channel) => Get<MessageList, IReadOnlyList<Message>>(channel)!;

    /// <summary>Returns the items of a channel; an empty list while it is absent.</summary>
    public IReadOnlyList<T> Get<T>(ListChannel<T> channel) => Get<IReadOnlyList<T>, IReadOnlyList<T>>(channel) ?? [];

    /// <summary>Returns the value of a channel with a reducer.</summary>
    public T Get<T>(ReducerChannel<T> channel) => Get<T, T>(channel)!;

    /// <summary>Returns the values as a typed state. The same record is returned each time.</summary>
    /// <exception cref="MissingStateMemberException">A required member has no value.</exception>
    /// <exception cref="InvalidUpdateException">The graph does not have the channels of the state.</exception>
    public TState As<TState>()
        where TState : IGraphState<TState>
    {
        if (_typed?.GetType() == typeof(TState))
        {
            return (TState)_typed;
        }

        var state = TState.Read(this);
        _typed = state;
        return state;
    }

    /// <summary>Whether the channel has a value.</summary>
    public bool Has(StateChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return _values[Schema.IndexOf(channel)] is not null;
    }

    /// <summary>
    /// About how many bytes the state takes in memory. A value is counted once while it stays the same.
    /// </summary>
    public long EstimateBytes()
    {
        var sizes = _sizes ??= [.. Enumerable.Repeat(NotCounted, _values.Length)];
        long bytes = 256;
        for (var i = 0; i < _values.Length; i++)
        {
            if (_values[i] is { } value)
            {
                if (sizes[i] == NotCounted)
                {
                    sizes[i] = Schema.Channels[i].SizeOf(value);
                }

                bytes += 64 + sizes[i];
            }
        }

        return bytes;
    }

    /// <summary>
    /// Writes the state as a JSON object without the absent channels. The state of a workflow is the value that it
    /// returned, or null.
    /// </summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (Schema.Whole is { } whole)
        {
            WriteWhole(writer, whole);
            return;
        }

        writer.WriteStartObject();
        WriteMembers(writer);
        writer.WriteEndObject();
    }

    /// <summary>
    /// Writes the members of the state's JSON object without its braces. Writes nothing if a workflow returned a value
    /// that is not an object.
    /// </summary>
    public void WriteMembers(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (Schema.Whole is { } whole)
        {
            var members = _values[Schema.IndexOf(whole)] is JsonElement { ValueKind: JsonValueKind.Object } value
                ? value.EnumerateObject()
                : default;
            foreach (var member in members)
            {
                member.WriteTo(writer);
            }

            return;
        }

        for (var i = 0; i < _values.Length; i++)
        {
            if (_values[i] is { } value)
            {
                writer.WritePropertyName(Schema.Encoded[i]);
                Schema.Channels[i].ShowValue(writer, value);
            }
        }
    }

    /// <summary>Returns the state as JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(GraphJson.Encode(this, static (writer, values) => values.WriteTo(writer)));

    private void WriteWhole(Utf8JsonWriter writer, StateChannel whole)
    {
        if (_values[Schema.IndexOf(whole)] is { } value)
        {
            whole.WriteValue(writer, value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    /// <summary>Returns the messages that are here and were not in <paramref name="before"/>, in order.</summary>
    public IEnumerable<Message> MessagesSince(ChannelValues before)
    {
        ArgumentNullException.ThrowIfNull(before);
        for (var i = 0; i < _values.Length; i++)
        {
            if (_values[i] is MessageList now && before._values[i] is MessageList then && !ReferenceEquals(now, then))
            {
                foreach (var message in now.Since(then))
                {
                    yield return message;
                }
            }
        }
    }

    /// <summary>
    /// Returns the value of a channel that is at this index if the graph was made for its state; null while it is absent.
    /// </summary>
    internal object? Find(int index, StateChannel channel) => _values[
        index < Schema.Channels.Length && ReferenceEquals(Schema.Channels[index], channel) ? index : Schema.IndexOfSame(channel)];

    /// <summary>Returns the values after writes, given in task order.</summary>
    /// <param name="writes">The writes.</param>
    /// <param name="endsSuperstep">
    /// Whether a superstep ends with them, so that values for one superstep are removed.
    /// </param>
    internal ChannelValues Apply(IEnumerable<ChannelWrite> writes, bool endsSuperstep = false)
    {
        object?[]? changed = null;
        List<object>?[]? pending = null;
        object?[]? overwritten = null;
        foreach (var (channel, value, overwrites) in writes)
        {
            var index = Schema.IndexOf(channel);
            if (overwrites)
            {
                overwritten ??= new object?[_values.Length];
                overwritten[index] = overwritten[index] is null
                    ? value
                    : throw new InvalidUpdateException($"The channel '{channel.Name}' can receive only one Overwrite value per superstep.");
            }
            else
            {
                pending ??= new List<object>?[_values.Length];
                (pending[index] ??= new List<object>(1)).Add(value);
            }
        }

        endsSuperstep &= Schema.HasEphemeral;
        if (pending is null && overwritten is null && !endsSuperstep)
        {
            return this;
        }

        for (var i = 0; i < _values.Length; i++)
        {
            // An overwrite replaces all other writes of the superstep.
            var value = overwritten?[i] is { } whole ? whole
                : pending?[i] is { } ofChannel ? Schema.Channels[i].Reduce(_values[i], ofChannel)
                : endsSuperstep && Schema.Channels[i].IsEphemeral ? null
                : _values[i];
            if (!ReferenceEquals(value, _values[i]))
            {
                (changed ??= (object?[])_values.Clone())[i] = value;
            }
        }

        if (changed is null && pending is null)
        {
            return this;
        }

        var values = changed ?? (object?[])_values.Clone();
        return new ChannelValues(Schema, values) { _sizes = SizesOf(values) };
    }

    /// <summary>The known sizes of the values.</summary>
    private long[]? SizesOf(object?[] values)
    {
        if (_sizes is null)
        {
            return null;
        }

        var sizes = (long[])_sizes.Clone();
        for (var i = 0; i < sizes.Length; i++)
        {
            if (!ReferenceEquals(values[i], _values[i]))
            {
                sizes[i] = NotCounted;
            }
        }

        return sizes;
    }

    /// <summary>Returns the values without those that checkpoints do not store.</summary>
    internal ChannelValues Tracked() => !Schema.HasUntracked
        ? this
        : new ChannelValues(Schema, [.. _values.Select((value, index) => Schema.Channels[index].IsTracked ? value : null)]);

    /// <summary>
    /// Returns the values as writes to the channels of the same names in another graph. Channels that it does not have
    /// are left out.
    /// </summary>
    internal StateUpdate ToUpdate(IEnumerable<StateChannel> channels, ChannelSchema target)
    {
        var update = new StateUpdate();
        foreach (var channel in channels)
        {
            if (_values[Schema.IndexOf(channel)] is { } value && target.TryFind(channel.Name, out var taker))
            {
                update.Add(taker.Adopt(channel, value));
            }
        }

        return update;
    }
}
