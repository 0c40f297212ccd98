using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The values of all channels at one moment. Immutable; values that did not change are the same objects as before.</summary>
public sealed class ChannelValues
{
    private readonly object?[] _values;

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
        return _values[Schema.IndexOf(channel)] is { } value ? Boxed.To<TValue>(value) : default;
    }

    /// <summary>Whether the channel has a value.</summary>
    public bool Has(StateChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return _values[Schema.IndexOf(channel)] is not null;
    }

    /// <summary>About how many bytes the lists of the state take; what else is in it counts as a little.</summary>
    public long EstimateBytes()
    {
        long bytes = 256;
        for (var i = 0; i < _values.Length; i++)
        {
            if (_values[i] is { } value)
            {
                bytes += 64 + Schema.Channels[i].EstimateBytes(value);
            }
        }

        return bytes;
    }

    /// <summary>Writes the state as a JSON object, absent channels left out.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        WriteMembers(writer);
        writer.WriteEndObject();
    }

    /// <summary>Writes the members of the state's JSON object without its braces.</summary>
    public void WriteMembers(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        for (var i = 0; i < _values.Length; i++)
        {
            if (_values[i] is { } value)
            {
                writer.WritePropertyName(Schema.Encoded[i]);
                Schema.Channels[i].WriteValue(writer, value);
            }
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

    /// <summary>Returns the values after a superstep's writes, given in task order.</summary>
    internal ChannelValues Apply(IEnumerable<ChannelWrite> writes)
    {
        object?[]? changed = null;
        List<object>?[]? pending = null;
        foreach (var (channel, value) in writes)
        {
            pending ??= new List<object>?[_values.Length];
            (pending[Schema.IndexOf(channel)] ??= new List<object>(1)).Add(value);
        }

        for (var i = 0; i < pending?.Length; i++)
        {
            if (pending[i] is { } ofChannel)
            {
                changed ??= (object?[])_values.Clone();
                changed[i] = Schema.Channels[i].Reduce(_values[i], ofChannel);
            }
        }

        return changed is null ? this : new ChannelValues(Schema, changed);
    }
}
