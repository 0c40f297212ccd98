using System.Text;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Takes the pieces of chat messages of one task, for the stream modes <c>messages-tuple</c> and <c>messages</c>
/// (docs/protocol/streaming.md D5 and D6).
/// </summary>
public sealed class MessageEmitter
{
    private readonly StreamEmitter _stream;
    private readonly NodeTask _task;
    private readonly int _step;
    private readonly GraphRunOptions _options;
    private Dictionary<string, MessageAccumulator>? _begun;
    private Dictionary<string, MessageBlocks>? _blocks;
    private readonly MessageSource? _foreign;
    private MessageSource? _source;
    private StreamedMessage? _last;

    /// <param name="stream">Where the pieces go.</param>
    /// <param name="task">The task.</param>
    /// <param name="step">Its superstep.</param>
    /// <param name="options">The options of the run.</param>
    /// <param name="foreign">Where the messages come from if it is not the task itself.</param>
    internal MessageEmitter(StreamEmitter stream, NodeTask task, int step, GraphRunOptions options, MessageSource? foreign = null)
    {
        _foreign = foreign;
        _stream = stream;
        _task = task;
        _step = step;
        _options = options;
    }

    /// <summary>Whether anyone wants the pieces. When not, making them is wasted work.</summary>
    public bool IsRequested => _stream.Wants(StreamMode.MessagesTuple | StreamMode.Messages) && !_task.Node.Options.IsNoStream;

    /// <summary>Whether streams do not show the task.</summary>
    internal bool IsHidden => _task.Node.Options.IsHidden;

    /// <summary>Sends a piece of a message.</summary>
    /// <param name="messageId">The id of the message: the same for all its pieces, and the one it has in the
    /// state.</param>
    /// <param name="chunk">The piece: a JSON object in the form of docs/protocol/messages.md F1.</param>
    /// <param name="model">Who makes it. Pass the same object for all pieces.</param>
    public void Emit(string messageId, ReadOnlyMemory<byte> chunk, ModelInfo? model = null)
    {
        if (!IsRequested)
        {
            return;
        }

        if (_stream.Wants(StreamMode.MessagesTuple))
        {
            _stream.TryAddMessage(messageId);
            _stream.Emit(new MessageChunkPart(MessageOf(messageId, model), chunk));
            BlocksOf(messageId, model)?.Add(chunk);
        }

        if (_stream.Wants(StreamMode.Messages))
        {
            EmitSoFar(messageId, chunk, model);
        }
    }

    /// <summary>
    /// Begins a message whose pieces differ in one string: what stands around it is encoded and kept once, however many
    /// there are.
    /// </summary>
    /// <param name="messageId">As for <see cref="Emit"/>.</param>
    /// <param name="before">The bytes of each piece that come before the string.</param>
    /// <param name="after">The bytes of each piece that come after it.</param>
    /// <param name="model">As for <see cref="Emit"/>.</param>
    public TextEmitter BeginText(string messageId, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, ModelInfo? model = null)
    {
        var message = new StreamedMessage(messageId, SourceOf(model)) { Before = before.ToArray(), After = after.ToArray() };
        if (!IsRequested)
        {
            return new TextEmitter(StreamEmitter.Silent, message);
        }

        _stream.TryAddMessage(messageId);
        var blocks = BlocksOf(messageId, model);
        if (!_stream.Wants(StreamMode.Messages))
        {
            return new TextEmitter(_stream, message, blocks);
        }

        return new TextEmitter(
            _stream, message, blocks, text => EmitSoFar(messageId, (byte[])[.. message.Before.Span, .. text, .. message.After.Span], model));
    }

    /// <summary>Ends a message. Otherwise it ends with its node.</summary>
    /// <param name="messageId">As for <see cref="Emit"/>.</param>
    public void End(string messageId)
    {
        if (_blocks is { } known)
        {
            lock (known)
            {
                known.GetValueOrDefault(messageId)?.End();
            }
        }
    }

    /// <summary>Ends the messages that were begun.</summary>
    internal void EndAll()
    {
        foreach (var blocks in Begun())
        {
            blocks.End();
        }
    }

    /// <summary>Reports the messages that were begun and not ended as failed.</summary>
    internal void Fail(Exception error)
    {
        foreach (var blocks in Begun())
        {
            blocks.Fail(_options.DescribeError?.Invoke(error) ?? error.Message);
        }
    }

    /// <summary>
    /// Sends the messages that the node returned whole: those that were neither streamed nor there before.
    /// </summary>
    internal void EmitWhole(ChannelValues before, IReadOnlyList<ChannelWrite> writes)
    {
        if (!_stream.Wants(StreamMode.MessagesTuple) || _task.Node.Options.IsHidden)
        {
            return;
        }

        foreach (var write in writes)
        {
            if (write.Channel is not MessagesChannel messages)
            {
                continue;
            }

            foreach (var message in (IReadOnlyList<Message>)write.Value)
            {
                if (message.Type != "remove"
                    && message.Id is { } id
                    && !before.Get(messages)!.TryFind(id, out _)
                    && _stream.TryAddMessage(id))
                {
                    EmitWhole(id, message.Utf8);
                }
            }
        }
    }

    /// <summary>Sends a piece of a message, or a whole message unless it was sent before.</summary>
    internal void EmitForeign(string messageId, ReadOnlyMemory<byte> message, bool isPiece)
    {
        if (isPiece)
        {
            Emit(messageId, message);
        }
        else if (_stream.Wants(StreamMode.MessagesTuple) && _stream.TryAddMessage(messageId))
        {
            EmitWhole(messageId, message);
        }
    }

    private void EmitWhole(string id, ReadOnlyMemory<byte> message)
    {
        var whole = new StreamedMessage(id, SourceOf(null)) { IsWhole = true };
        _stream.Emit(new MessageChunkPart(whole, message));
        if (_stream.Wants(StreamMode.MessageBlocks))
        {
            var blocks = new MessageBlocks(_stream, whole);
            blocks.Add(message);
            blocks.End();
        }
    }

    /// <summary>Returns what cuts a message into blocks; null if nobody wants them.</summary>
    private MessageBlocks? BlocksOf(string messageId, ModelInfo? model)
    {
        if (!_stream.Wants(StreamMode.MessageBlocks))
        {
            return null;
        }

        var known = LazyInitializer.EnsureInitialized(ref _blocks, static () => []);
        lock (known)
        {
            if (!known.TryGetValue(messageId, out var blocks))
            {
                known.Add(messageId, blocks = new MessageBlocks(_stream, MessageOf(messageId, model)));
            }

            return blocks;
        }
    }

    private MessageBlocks[] Begun()
    {
        if (_blocks is not { } known)
        {
            return [];
        }

        lock (known)
        {
            return [.. known.Values];
        }
    }

    private void EmitSoFar(string messageId, ReadOnlyMemory<byte> chunk, ModelInfo? model)
    {
        var begun = LazyInitializer.EnsureInitialized(ref _begun, () => []);
        lock (begun)
        {
            var isNew = !begun.TryGetValue(messageId, out var message);
            message ??= new MessageAccumulator(messageId);
            if (message.Add(chunk) is not { } soFar)
            {
                return;
            }

            if (isNew)
            {
                begun.Add(messageId, message);
                _stream.Emit(new MessageMetadataPart(MessageOf(messageId, model)));
            }

            _stream.Emit(soFar);
        }
    }

    /// <summary>Returns the message that pieces of one id share, which mostly follow one another.</summary>
    private StreamedMessage MessageOf(string id, ModelInfo? model)
    {
        var source = SourceOf(model);
        var known = _last;
        if (known?.Id != id || !ReferenceEquals(known.Source, source))
        {
            _last = known = new StreamedMessage(id, source);
        }

        return known;
    }

    /// <summary>The metadata is encoded once for all pieces that a model sends from this task.</summary>
    private MessageSource SourceOf(ModelInfo? model)
    {
        if (_foreign is not null)
        {
            return _foreign;
        }

        var known = _source;
        if (known is null || !ReferenceEquals(known.Model, model))
        {
            var own = GraphJson.Encode((this, model), static (writer, state) => state.Item1.WriteMetadata(writer, state.model));
            ReadOnlySpan<byte> shared = _options.Metadata.Length <= 2
                ? "{"u8
                : [.. Encoding.UTF8.GetBytes(_options.Metadata).AsSpan()[..^1], (byte)','];
            _source = known = new MessageSource(_task.Node.Name, model, (byte[])[.. shared, .. own.AsSpan(1)]);
        }

        return known;
    }

    /// <summary>The metadata of what the task sends, or what a model sends in it.</summary>
    internal ReadOnlyMemory<byte> Metadata(ModelInfo? model) => SourceOf(model).Metadata;

    private void WriteMetadata(Utf8JsonWriter writer, ModelInfo? model)
    {
        writer.WriteStartObject();
        writer.WriteNumber("langgraph_step"u8, _step);
        writer.WriteString("langgraph_node"u8, _task.Node.Name);
        writer.WriteStartArray("langgraph_triggers"u8);
        foreach (var trigger in _task.Pending.Triggers)
        {
            writer.WriteStringValue(trigger);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("langgraph_path"u8);
        TaskPath.WriteTo(writer, _task.Pending, _task.Index);
        writer.WriteString("langgraph_checkpoint_ns"u8, _task.Namespace);
        writer.WriteString("checkpoint_ns"u8, _task.Namespace);
        if (model is not null)
        {
            writer.WriteStartArray("tags"u8);
            foreach (var tag in model.Tags)
            {
                writer.WriteStringValue(tag);
            }

            writer.WriteEndArray();
            writer.WriteString("ls_model_type"u8, "chat"u8);
            if (model.Provider is not null)
            {
                writer.WriteString("ls_provider"u8, model.Provider);
            }

            if (model.Name is not null)
            {
                writer.WriteString("ls_model_name"u8, model.Name);
            }
        }

        writer.WriteEndObject();
    }
}

/// <summary>
/// Takes the strings of one message's pieces, as <see cref="MessageEmitter.BeginText"/> has begun it.
/// </summary>
public sealed class TextEmitter
{
    private const int BlockBytes = 1024;

    private readonly StreamEmitter _stream;
    private readonly StreamedMessage _message;
    private readonly MessageBlocks? _blocks;
    private readonly Action<byte[]>? _accumulate;
    private byte[] _block = [];
    private int _used;

    /// <param name="stream">Where the tuples go.</param>
    /// <param name="message">The message, with the JSON around a string.</param>
    /// <param name="blocks">Cuts the message into content blocks; null if nobody wants them.</param>
    /// <param name="accumulate">Takes the encoded strings, when the message is to be told as it grows too.</param>
    internal TextEmitter(
        StreamEmitter stream, StreamedMessage message, MessageBlocks? blocks = null, Action<byte[]>? accumulate = null)
    {
        _stream = stream;
        _message = message;
        _blocks = blocks;
        _accumulate = accumulate;
    }

    /// <summary>Sends a piece.</summary>
    public void Emit(string text)
    {
        var utf8 = GraphJson.Encode(text, static (writer, text) => writer.WriteStringValue(text));
        if (_stream.Wants(StreamMode.MessagesTuple))
        {
            var message = _blocks?.AddText(_message, utf8) ?? _message;
            _stream.Emit(new MessageChunkPart(message, Keep(utf8)));
        }

        _accumulate?.Invoke(utf8);
    }

    /// <summary>
    /// Moves what is short into a block of many: the pieces of an answer are kept for long, and are a few bytes each.
    /// </summary>
    private ReadOnlyMemory<byte> Keep(byte[] utf8)
    {
        if (utf8.Length > BlockBytes / 4)
        {
            return utf8;
        }

        if (utf8.Length > _block.Length - _used)
        {
            _block = new byte[BlockBytes];
            _used = 0;
        }

        var kept = _block.AsMemory(_used, utf8.Length);
        utf8.CopyTo(kept);
        _used += utf8.Length;
        return kept;
    }
}

/// <summary>A chat model, as the metadata of its messages names it.</summary>
/// <param name="Provider">Who runs it, such as <c>openai</c>.</param>
/// <param name="Name">Which one it is.</param>
public sealed record ModelInfo(string? Provider, string? Name)
{
    /// <summary>What its messages are tagged with, for readers to tell them apart. Default: nothing.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
