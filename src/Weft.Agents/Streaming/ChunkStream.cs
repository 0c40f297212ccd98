using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Sends the updates of one response to the run's stream, message by message.</summary>
internal sealed class ChunkStream(MessageEmitter emitter, ModelInfo model)
{
    private MessageChunks? _message;
    private TextEmitter? _text;

    public void Emit(ChatResponseUpdate update)
    {
        if (update.Role is { } role && role != ChatRole.Assistant)
        {
            // The result of a tool that a client further in has run: it comes whole.
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

        if (_message.NextText(update) is { } text)
        {
            _text ??= _message.BeginText(emitter, model);
            _text.Emit(text);
        }
        else if (_message.Next(update) is { } chunk)
        {
            emitter.Emit(id, chunk, model);
        }
    }

    /// <summary>Ends the message that was streamed last.</summary>
    public void Complete()
    {
        if (_message is { } message)
        {
            emitter.Emit(message.Id, message.Last(), model);
            _message = null;
            _text = null;
        }
    }

    private void EmitWhole(ChatRole role, ChatResponseUpdate update)
    {
        var whole = new ChatMessage(role, update.Contents) { MessageId = update.MessageId, AuthorName = update.AuthorName };
        foreach (var message in whole.ToMessages())
        {
            emitter.Emit(message.Id!, message.Utf8, model);
        }
    }
}
