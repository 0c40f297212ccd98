using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The writes of a node: values for channels. The channels apply them after the superstep.</summary>
public class StateUpdate
{
    private readonly List<ChannelWrite> _writes = [];

    /// <summary>An update that writes nothing.</summary>
    public static StateUpdate None => new();

    internal IReadOnlyList<ChannelWrite> Writes => _writes;

    /// <summary>Where to go; null means where the edges lead.</summary>
    internal virtual IReadOnlyList<Destination>? Destinations => null;

    /// <summary>Whether it is for the graph around that of the node.</summary>
    internal virtual bool IsForParent => false;

    /// <summary>Adds a write.</summary>
    public StateUpdate Set<TValue, TWrite>(StateChannel<TValue, TWrite> channel, TWrite value)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return Add(new ChannelWrite(channel, channel.Normalize(NullSentinel.Wrap(value))));
    }

    /// <summary>
    /// Replaces the value of a channel that has a reducer, whatever the value and other writes of the superstep are.
    /// Only one such write is allowed per superstep.
    /// </summary>
    public StateUpdate Overwrite<TValue, TWrite>(StateChannel<TValue, TWrite> channel, TWrite value)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return Add(new ChannelWrite(channel, channel.ValueOf(channel.Normalize(NullSentinel.Wrap(value))), channel.IsReduced));
    }

    /// <summary>A mistake: a channel of items takes lists of them.</summary>
    [Obsolete(
        "This channel collects items. Append one with Add(channel, item), or replace all with Overwrite(channel, items).", error: true)]
    [EditorBrowsable(EditorBrowsableState.Never)]
    [OverloadResolutionPriority(-1)]
    public StateUpdate Set<T>(ListChannel<T> channel, T item) => Add(channel, item);

    /// <summary>Adds messages.</summary>
    public StateUpdate Add(MessagesChannel channel, params IReadOnlyList<Message> messages) => Set(channel, messages);

    /// <summary>Adds a message of a user.</summary>
    public StateUpdate Add(MessagesChannel channel, string text) => Set(channel, [Message.Human(text)]);

    /// <summary>Adds items.</summary>
    public StateUpdate Add<T>(ListChannel<T> channel, params IReadOnlyList<T> items) => Set(channel, items);

    /// <summary>
    /// Reads an update from JSON: an object of channel name to value. Members that do not name a channel are left out
    /// (docs/protocol/runs.md C7).
    /// </summary>
    /// <exception cref="InvalidUpdateException">It is not an object, or a value does not fit its channel.</exception>
    public static StateUpdate FromJson(ChannelSchema schema, JsonElement json) => FromJson(schema, json, isInput: true);

    /// <summary>
    /// Checks the input of a graph before a run is admitted: the values of <see cref="StateChannel.ChecksInput"/> if it is an object, or
    /// the whole input of a workflow.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="json">The input.</param>
    /// <param name="takesUnknown">Whether the input of a workflow may have members that the workflow does not know.</param>
    /// <exception cref="InvalidUpdateException">A value does not fit its channel, or the input does not fit the workflow.</exception>
    internal static void CheckInput(CompiledGraph graph, JsonElement json, bool takesUnknown)
    {
        if (graph.WorkflowInput is { } input)
        {
            if (input.ChecksInput)
            {
                input.Check(json, takesUnknown);
            }

            return;
        }

        StateUpdate? update = null;
        foreach (var member in json.EnumerateObject())
        {
            if (graph.Schema.TryFind(member.Name, out var channel) && channel.ChecksInput && graph.InputChannels.Contains(channel))
            {
                try
                {
                    (update ??= new StateUpdate()).ReadMember(channel, member.Value, isInput: true);
                }
                catch (Exception e) when (e is not InvalidUpdateException)
                {
                    // The type's own code refuses it. What it says may not be for callers.
                    throw new InvalidUpdateException($"The value for '{member.Name}' does not fit its type.", e);
                }
            }
        }
    }

    /// <summary>Reads an update that was stored, or that a node of the graph made.</summary>
    internal static StateUpdate FromStored(ChannelSchema schema, JsonElement json) => FromJson(schema, json, isInput: false);

    /// <summary>Reads the input of a send. Its members are channels by the names that <see cref="Send"/> gives them.</summary>
    internal static StateUpdate FromSend(ChannelSchema schema, JsonElement json) => FromJson(schema, json, isInput: false, isPassed: true);

    /// <param name="schema">The channels.</param>
    /// <param name="json">The update.</param>
    /// <param name="isInput">Whether it is from outside.</param>
    /// <param name="isPassed">Whether its members may have the names that passed values get (<see cref="GraphJson.PassedNameOf"/>).</param>
    internal static StateUpdate FromJson(ChannelSchema schema, JsonElement json, bool isInput, bool isPassed = false)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var update = new StateUpdate();
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var pair in json.EnumerateArray())
            {
                if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2 || pair[0].ValueKind != JsonValueKind.String)
                {
                    throw new InvalidUpdateException("An update is an object, or a list of pairs of channel name and value.");
                }

                if (schema.TryFind(pair[0].GetString()!, out var written))
                {
                    update.ReadMember(written, pair[1], isInput);
                }
            }

            return update;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidUpdateException($"An update is an object of channel names and values, not {json.ValueKind}.");
        }

        foreach (var member in json.EnumerateObject())
        {
            if (schema.TryFind(member.Name, out var channel) || (isPassed && schema.TryFindPassed(member.Name, out channel)))
            {
                update.ReadMember(channel, member.Value, isInput);
            }
        }

        return update;
    }

    /// <summary>
    /// Returns the update as JSON that <see cref="FromJson(ChannelSchema, JsonElement)"/> reads: a list of pairs, which may write to one channel
    /// several times.
    /// </summary>
    internal JsonElement ToPairs() => GraphJson.Parse(GraphJson.Encode(_writes, static (writer, writes) =>
    {
        writer.WriteStartArray();
        foreach (var write in writes)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(write.Channel.Name);
            write.WriteTo(writer);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }));

    /// <summary>
    /// Writes the update as a JSON object of channel name to raw value. The last of several writes to a channel wins.
    /// The output of a workflow is written without an object around it.
    /// </summary>
    internal static void WriteTo(Utf8JsonWriter writer, IReadOnlyList<ChannelWrite> writes, bool show = false)
    {
        foreach (var write in writes)
        {
            if (write.Channel.IsWhole)
            {
                write.WriteTo(writer);
                return;
            }
        }

        writer.WriteStartObject();
        for (var i = 0; i < writes.Count; i++)
        {
            if (!IsOverwritten(writes, i))
            {
                writer.WritePropertyName(writes[i].Channel.Name);
                if (show)
                {
                    writes[i].ShowTo(writer);
                }
                else
                {
                    writes[i].WriteTo(writer);
                }
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>Adds the writes of another update after those of this one.</summary>
    public StateUpdate Add(StateUpdate other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var write in other._writes)
        {
            Add(write);
        }

        return this;
    }

    /// <summary>Returns only the update's writes to these channels.</summary>
    internal StateUpdate Only(IReadOnlyList<StateChannel> channels)
    {
        if (_writes.TrueForAll(write => channels.Contains(write.Channel)))
        {
            return this;
        }

        var update = new StateUpdate();
        foreach (var write in _writes.Where(write => channels.Contains(write.Channel)))
        {
            update.Add(write);
        }

        return update;
    }

    /// <summary>
    /// Returns the update for another graph: the writes to channels that exist there under the same names. The others
    /// are left out.
    /// </summary>
    internal StateUpdate For(ChannelSchema schema)
    {
        var update = new StateUpdate();
        foreach (var write in _writes)
        {
            if (!schema.TryFind(write.Channel.Name, out var channel))
            {
                continue;
            }

            update.Add(ReferenceEquals(channel, write.Channel) || channel.WriteType == write.Channel.WriteType
                ? write with { Channel = channel }
                : ChannelWrite.Read(channel, GraphJson.Parse(GraphJson.Encode(write, static (writer, write) => write.WriteTo(writer)))));
        }

        return update;
    }

    /// <summary>Returns what the update writes to a channel: the last write, without those that replace the value.</summary>
    public bool TryGet<TValue, TWrite>(StateChannel<TValue, TWrite> channel, [MaybeNullWhen(false)] out TWrite value) =>
        TryGet(channel, out value, overwrites: false);

    internal bool TryGet<TValue, TWrite>(
        StateChannel<TValue, TWrite> channel, [MaybeNullWhen(false)] out TWrite value, bool overwrites)
    {
        var write = _writes.FindLast(write => ReferenceEquals(write.Channel, channel) && write.Overwrites == overwrites).Value;
        value = write is null ? default : NullSentinel.Unwrap<TWrite>(write);
        return write is not null;
    }

    /// <summary>Removes the writes to a channel.</summary>
    internal void Remove(StateChannel channel, bool overwrites)
    {
        for (var i = _writes.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_writes[i].Channel, channel) && _writes[i].Overwrites == overwrites)
            {
                _writes.RemoveAt(i);
            }
        }
    }

    internal StateUpdate Add(ChannelWrite write)
    {
        // Items that an update adds separately are streamed and stored as one write.
        for (var i = 0; i < _writes.Count; i++)
        {
            if (ReferenceEquals(_writes[i].Channel, write.Channel)
                && !_writes[i].Overwrites && !write.Overwrites
                && write.Channel.TryJoin(_writes[i].Value, write.Value) is { } joined)
            {
                _writes[i] = new ChannelWrite(write.Channel, joined);
                return this;
            }
        }

        _writes.Add(write);
        return this;
    }

    private static bool IsOverwritten(IReadOnlyList<ChannelWrite> writes, int index)
    {
        for (var later = index + 1; later < writes.Count; later++)
        {
            if (ReferenceEquals(writes[later].Channel, writes[index].Channel))
            {
                return true;
            }
        }

        return false;
    }

    private void ReadMember(StateChannel channel, JsonElement value, bool isInput) => Add(ChannelWrite.Read(channel, value, isInput));
}
