using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>
/// A named part of a graph's state: how writes change its value, and how value and writes look in JSON. A channel holds
/// no value itself; values are immutable and live in the state of a run.
/// </summary>
public abstract class StateChannel
{
    private protected StateChannel(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.StartsWith("__", StringComparison.Ordinal) || name.StartsWith("branch:", StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"'{name}' is not a channel name: names that begin with '__' or 'branch:' are the engine's.", nameof(name));
        }

        Name = name;
    }

    /// <summary>For the engine's own.</summary>
    private protected StateChannel(string name, bool isWhole)
    {
        Name = name;
        IsWhole = isWhole;
        IsHidden = !isWhole;
    }

    /// <summary>Whether its value stands for the whole state, in place of an object of channels.</summary>
    internal bool IsWhole { get; }

    /// <summary>Whether it is never shown.</summary>
    internal bool IsHidden { get; }

    /// <summary>The key under which the channel appears in state, input and updates.</summary>
    public string Name { get; }

    /// <summary>What the channel is for, as schemas tell it.</summary>
    public string? Description { get; internal set; }

    /// <summary>The <c>langgraph_type</c> of the channel's schema; null when it has none.</summary>
    public string? LangGraphType { get; internal set; }

    /// <summary>The JSON Schema of the channel's value, without its description.</summary>
    internal abstract JsonObject ExportSchema();

    /// <summary>The value before the first write, or null: the channel is absent until then.</summary>
    internal abstract object? Initial { get; }

    /// <summary>
    /// Returns the value after a superstep's writes, in task order. <paramref name="current"/> is null while the
    /// channel is absent.
    /// </summary>
    /// <exception cref="InvalidUpdateException">The channel can't take these writes.</exception>
    internal abstract object Reduce(object? current, IReadOnlyList<object> writes);

    /// <summary>Whether writes are combined with the value, so that a write may ask to replace it instead.</summary>
    internal virtual bool IsReduced => false;

    /// <summary>Whether checkpoints keep the value.</summary>
    internal virtual bool IsTracked => true;

    /// <summary>
    /// Whether the value lasts for one superstep: it goes when a superstep ends that did not write it.
    /// </summary>
    internal virtual bool IsEphemeral => false;

    /// <summary>The value that a write makes on its own.</summary>
    internal virtual object ValueOf(object write) => write;

    /// <summary>
    /// Returns a channel's value as a write to this channel, directly where the two take the same, else by way of JSON.
    /// </summary>
    /// <exception cref="InvalidUpdateException">The value does not fit.</exception>
    internal ChannelWrite Adopt(StateChannel from, object value)
    {
        if (ReferenceEquals(from, this) || from.WriteType == WriteType)
        {
            // Values of lists are lists themselves, so each value is a write.
            return new ChannelWrite(this, value);
        }

        return new ChannelWrite(
            this,
            ReadWrite(GraphJson.Parse(GraphJson.Encode((from, value), static (writer, s) => s.from.WriteValue(writer, s.value)))));
    }

    /// <summary>The type of what is written, by which channels of different graphs are told to be alike.</summary>
    internal abstract Type WriteType { get; }

    /// <summary>
    /// Prepares a write of a node before anyone sees it, as by giving ids. JSON is detached from its document, which
    /// may not live as long as the state.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The document is disposed.</exception>
    /// <exception cref="InvalidOperationException">It is the default JSON element, which is no JSON.</exception>
    /// <exception cref="InvalidUpdateException">The JSON nests deeper than <see cref="GraphJson.ValueDepthMax"/>
    /// levels.</exception>
    internal virtual object Normalize(object write) => write is JsonElement json ? Detach(json) : write;

    private protected JsonElement Detach(JsonElement json) => GraphJson.IsWithin(json, GraphJson.ValueDepthMax)
        ? json.Clone()
        : throw new InvalidUpdateException($"A value of the channel '{Name}' must not nest deeper than {GraphJson.ValueDepthMax} levels.");

    /// <summary>
    /// Joins two writes that one update makes to the channel; null when the later one replaces the earlier one.
    /// </summary>
    internal virtual object? TryJoin(object first, object second) => null;

    /// <summary>Reads a write from JSON.</summary>
    /// <exception cref="InvalidUpdateException">The JSON does not fit the channel.</exception>
    internal abstract object ReadWrite(JsonElement json);

    internal abstract void WriteWrite(Utf8JsonWriter writer, object write);

    internal abstract object ReadValue(JsonElement json);

    /// <summary>Reads a value from the bytes in which it is stored.</summary>
    internal virtual object ReadStored(ReadOnlyMemory<byte> json) => ReadValue(GraphJson.Parse(json.Span));

    internal abstract void WriteValue(Utf8JsonWriter writer, object value);

    /// <summary>Writes a value for whoever looks at the state.</summary>
    internal virtual void ShowValue(Utf8JsonWriter writer, object value) => WriteValue(writer, value);

    /// <summary>Writes what leads from one value to the next, when that is less than the next value whole.</summary>
    internal virtual bool TryWriteDelta(Utf8JsonWriter writer, object from, object to) => false;

    /// <summary>
    /// Where the items of a write stand among those that the difference of two values appends, so that they need not be
    /// stored twice; null when they don't.
    /// </summary>
    internal virtual (int Start, int Count)? FindAppended(object from, object to, object write) => null;

    internal virtual object ApplyDelta(object from, ReadOnlyMemory<byte> delta) =>
        throw new NotSupportedException("It was stored as a difference, which this kind of channel does not have.");

    /// <summary>About how many bytes the value takes in JSON; only asked of channels with deltas.</summary>
    internal virtual long EstimateBytes(object value) => 0;

    /// <summary>About how many bytes the value takes in memory.</summary>
    internal virtual long SizeOf(object value) =>
        ValueSize.Find(value) ?? ValueSize.OfJson((Channel: this, value), static (writer, s) => s.Channel.WriteValue(writer, s.value));

    /// <inheritdoc />
    public override string ToString() => $"{GetType().Name} '{Name}'";
}

/// <summary>
/// A channel whose value is a <typeparamref name="TValue"/> and that is written with a <typeparamref name="TWrite"/>.
/// </summary>
public abstract class StateChannel<TValue, TWrite> : StateChannel
{
    private protected StateChannel(string name)
        : base(name)
    {
    }

    private protected StateChannel(string name, bool isWhole)
        : base(name, isWhole)
    {
    }

    internal override Type WriteType => typeof(TWrite);
}
