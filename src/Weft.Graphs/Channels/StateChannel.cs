using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>
/// A named part of a graph's state. It defines how writes change its value, and how value and writes look in JSON. A
/// channel does not hold a value; values are immutable and live in the state of a run.
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

    /// <summary>For the engine's own channels.</summary>
    private protected StateChannel(string name, bool isWhole)
    {
        Name = name;
        IsWhole = isWhole;
        IsHidden = !isWhole;
    }

    /// <summary>Whether its value is the whole state, instead of an object of channels.</summary>
    internal bool IsWhole { get; }

    /// <summary>Whether it is never shown.</summary>
    internal bool IsHidden { get; }

    /// <summary>The key under which the channel appears in state, input and updates.</summary>
    public string Name { get; }

    /// <summary>The description of the channel in schemas.</summary>
    public string? Description { get; internal set; }

    /// <summary>The <c>langgraph_type</c> of the channel's schema; null if it has none.</summary>
    public string? LangGraphType { get; internal set; }

    /// <summary>The JSON Schema of the channel's value, without its description.</summary>
    internal abstract JsonObject ExportSchema();

    /// <summary>The value before the first write; null if the channel is absent until then.</summary>
    internal abstract object? Initial { get; }

    /// <summary>
    /// Returns the value after a superstep's writes, in task order. <paramref name="current"/> is null while the
    /// channel is absent.
    /// </summary>
    /// <exception cref="InvalidUpdateException">The channel can't take these writes.</exception>
    internal abstract object Reduce(object? current, IReadOnlyList<object> writes);

    /// <summary>Whether writes are combined with the value, so that a write may ask to replace it instead.</summary>
    internal virtual bool IsReduced => false;

    /// <summary>
    /// Whether input is read before a run is admitted, so that a wrong one is refused: that of types with members. Other values are read
    /// by the run, which fails as those of LangGraph do.
    /// </summary>
    internal virtual bool ChecksInput => false;

    /// <summary>Whether checkpoints keep the value.</summary>
    internal virtual bool IsTracked => true;

    /// <summary>
    /// Whether the value is for one superstep: it is removed when a superstep ends that did not write it.
    /// </summary>
    internal virtual bool IsEphemeral => false;

    /// <summary>The value that a write makes on its own.</summary>
    internal virtual object ValueOf(object write) => write;

    /// <summary>
    /// Returns a channel's value as a write to this channel: directly if both have the same type of write, else by way
    /// of JSON.
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

    /// <summary>The type of writes. Channels of different graphs are alike if it is the same.</summary>
    internal abstract Type WriteType { get; }

    /// <summary>The type of values.</summary>
    internal abstract Type ValueType { get; }

    /// <summary>Whether values and writes are of the same types as those of another channel.</summary>
    internal bool HasTypesOf(StateChannel other) => ValueType == other.ValueType && WriteType == other.WriteType;

    /// <summary>
    /// Prepares a write of a node before it is shown, for example by giving ids. JSON is detached from its document,
    /// which may be disposed before the state.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The document is disposed.</exception>
    /// <exception cref="InvalidOperationException">It is the default JSON element, which has no value.</exception>
    /// <exception cref="InvalidUpdateException">
    /// The JSON nests deeper than <see cref="GraphJson.ValueDepthMax"/> levels.
    /// </exception>
    internal virtual object Normalize(object write) => write is JsonElement json ? Detach(json) : write;

    private protected JsonElement Detach(JsonElement json) => GraphJson.IsWithin(json, GraphJson.ValueDepthMax)
        ? json.Clone()
        : throw new InvalidUpdateException($"A value of the channel '{Name}' must not nest deeper than {GraphJson.ValueDepthMax} levels.");

    /// <summary>
    /// Joins two writes that one update makes to the channel; null if the later one replaces the earlier one.
    /// </summary>
    internal virtual object? TryJoin(object first, object second) => null;

    /// <summary>Reads a write from JSON that a caller of the graph sent: an input, an edit or a command.</summary>
    /// <exception cref="InvalidUpdateException">The JSON does not fit the channel.</exception>
    internal virtual object ReadInput(JsonElement json) => ReadWrite(json);

    /// <summary>Reads a write from JSON.</summary>
    /// <exception cref="InvalidUpdateException">The JSON does not fit the channel.</exception>
    internal abstract object ReadWrite(JsonElement json);

    internal abstract void WriteWrite(Utf8JsonWriter writer, object write);

    internal abstract object ReadValue(JsonElement json);

    /// <summary>Reads a value from the bytes in which it is stored.</summary>
    internal virtual object ReadStored(ReadOnlyMemory<byte> json) => ReadValue(GraphJson.Parse(json.Span));

    internal abstract void WriteValue(Utf8JsonWriter writer, object value);

    /// <summary>Writes a value as readers of the state see it.</summary>
    internal virtual void ShowValue(Utf8JsonWriter writer, object value) => WriteValue(writer, value);

    /// <summary>Writes the difference from one value to the next, if that is shorter than the next value.</summary>
    internal virtual bool TryWriteDelta(Utf8JsonWriter writer, object from, object to) => false;

    /// <summary>
    /// The position of a write's items among those that the difference of two values appends, so that they need not be
    /// stored twice; null if they are not among them.
    /// </summary>
    internal virtual (int Start, int Count)? FindAppended(object from, object to, object write) => null;

    internal virtual object ApplyDelta(object from, ReadOnlyMemory<byte> delta) =>
        throw new NotSupportedException("The value was stored as a difference, which this kind of channel does not support.");

    /// <summary>The estimated length of the value in JSON, in bytes. Only used for channels with deltas.</summary>
    internal virtual long EstimateBytes(object value) => 0;

    /// <summary>The estimated size of the value in memory, in bytes.</summary>
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

    internal override Type ValueType => typeof(TValue);
}
