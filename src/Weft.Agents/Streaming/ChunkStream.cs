using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Sends the updates of one response to the run's stream, message by message: as messages, as events, or both.
/// </summary>
internal sealed class ChunkStream(MessageEmitter? messages, ModelEvents? events, ModelInfo model)
{
    private readonly WholeCharacters _characters = new();
    private MessageChunks? _message;
    private TextEmitter? _text;

    /// <summary>Whether <see cref="End"/> needs the response.</summary>
    public bool NeedsResponse => events is not null;

    public void Emit(ChatResponseUpdate update)
    {
        if (update.Role is { } role && role != ChatRole.Assistant)
        {
            // A client inside this one has run a tool. Its result comes as a whole.
            Complete();
            EmitWhole(role, update);
            return;
        }

        var id = update.MessageId!;
        if (_message?.Id != id)
        {
            Complete();
            _message = new MessageChunks(id);
        }

        Emit(_message, _characters.Next(update));
    }

    /// <summary>Ends the response.</summary>
    public void End(ChatResponse? response)
    {
        Complete();
        if (response is not null)
        {
            events?.End(response);
        }
    }

    /// <summary>Readers of both modes use what the events say first, so each event comes before its message.</summary>
    private void Emit(MessageChunks message, ChatResponseUpdate update)
    {
        if (message.NextText(update) is { } text)
        {
            EmitText(message, text);
        }
        else if (message.Next(update) is { } chunk)
        {
            if (events is not null)
            {
                foreach (var piece in message.InPieces(chunk))
                {
                    events.Stream(piece);
                }
            }

            messages?.Emit(message.Id, chunk, model);
        }
    }

    private void EmitText(MessageChunks message, string text)
    {
        events?.Stream(message.TextChunk(text));
        if (messages is not null)
        {
            _text ??= message.BeginText(messages, model);
            _text.Emit(text);
        }
    }

    /// <summary>Ends the message that was streamed last.</summary>
    private void Complete()
    {
        if (_message is { } message)
        {
            if (_characters.Flush() is { } rest)
            {
                Emit(message, new ChatResponseUpdate(ChatRole.Assistant, [rest]));
            }

            if (message.Last() is { } last)
            {
                events?.Stream(last);
                messages?.Emit(message.Id, last, model);
            }

            messages?.End(message.Id);
            _message = null;
            _text = null;
        }
    }

    private void EmitWhole(ChatRole role, ChatResponseUpdate update)
    {
        var whole = new ChatMessage(role, update.Contents) { MessageId = update.MessageId, AuthorName = update.AuthorName };
        foreach (var message in whole.ToMessages())
        {
            messages?.Emit(message.Id!, message.Utf8, model);
        }
    }
}
