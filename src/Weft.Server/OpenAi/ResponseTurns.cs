using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads requests for responses, with what they continue (docs/protocol/openai.md 4).</summary>
internal sealed class ResponseTurns(Mount mount, StoredResponses stored, ThreadsFacade threads)
{
    /// <summary>The id of the message that has the instructions, so that those of the next response replace them.</summary>
    private const string InstructionsId = "instructions";

    /// <exception cref="WeftException">A member is wrong, or what the response continues does not exist.</exception>
    public async Task<OpenAiTurn> ReadAsync(HttpContext http, ResponseRequest body)
    {
        var conversation = ReadConversation(body.Conversation);
        var isStored = body.Store ?? true;
        Check(body, conversation is not null, isStored);
        var turn = new OpenAiTurn
        {
            Model = body.Model,
            Messages = ResponseInput.Read(body.Input),
            Settings = ResponseSettings.Of(body),
            Metadata = body.Metadata,
            User = body.User,
            IsBackground = body.Background ?? false,
            KeepsThread = isStored,
            Echo = ResponseEcho.Of(body, conversation),
        };
        var actor = Requests.ActorOf(http);
        if (body.PreviousResponseId is { } previous)
        {
            var (run, _) = await stored.GetAsync(actor, previous, "previous_response_id", http.RequestAborted);
            return WithInstructions(await ContinueAsync(actor, turn, run, http.RequestAborted), body.Instructions);
        }

        if (conversation is { } threadId)
        {
            turn = turn with { ThreadId = threadId };
            var view = await threads.FindAsync(actor, threadId, http.RequestAborted);
            var questions = view is null ? [] : QuestionAnswer.OpenIn(view.Thread);
            return WithInstructions((Answering(turn, questions), view?.Values), body.Instructions);
        }

        return WithInstructions((turn, null), body.Instructions);
    }

    private static void Check(ResponseRequest body, bool hasConversation, bool isStored)
    {
        if (hasConversation && body.PreviousResponseId is not null)
        {
            throw Requests.Invalid("previous_response_id", "It can't be used together with conversation.");
        }

        if (!isStored && (hasConversation || body.PreviousResponseId is not null))
        {
            throw Requests.Invalid("store", "It can't be false for a response that continues a conversation, because its thread is kept.");
        }

        if (!isStored && body.Background == true)
        {
            throw Requests.Invalid("store", "It can't be false for a response in the background.");
        }
    }

    private ThreadId? ReadConversation(JsonElement? conversation) => conversation switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } id => ResponseId.ReadConversation(mount, id.GetString()!, "conversation"),
        { ValueKind: JsonValueKind.Object } given =>
            ResponseId.ReadConversation(mount, new OpenAiFields(given, "conversation").RequiredText("id"), "conversation.id"),
        _ => throw Requests.Invalid("conversation", "It must be an id, or an object with one."),
    };

    /// <summary>Continues from the state that the previous response left, also if its thread has gone on since.</summary>
    private async Task<(OpenAiTurn Turn, ChannelValues? Values)> ContinueAsync(
        Actor actor, OpenAiTurn turn, RunRecord previous, CancellationToken cancellationToken)
    {
        if (previous.Status is RunStatus.Pending or RunStatus.Running)
        {
            throw new WeftException(
                ProblemKind.Conflict, "The previous response has not ended. Wait for its end, or cancel it.", "previous_response_id");
        }

        var state = await stored.FindStateAsync(actor, previous, cancellationToken);
        if (state is null && previous.Status != RunStatus.Success)
        {
            throw new WeftException(
                ProblemKind.Conflict,
                "The previous response left no state, because its run ended too early. Continue the response before it.",
                "previous_response_id");
        }

        turn = turn with { ThreadId = previous.ThreadId, CheckpointId = state?.Checkpoint.Id };
        if (state is { HasNext: true } && previous.Status == RunStatus.Success && !state.Interrupts.Any())
        {
            // It asked, and another response has answered since. This one answers on a branch.
            return (turn with { Command = QuestionAnswer.CommandOf(turn.Messages) }, state.Values);
        }

        return (Answering(turn, [.. state?.Interrupts.Select(static interrupt => interrupt.Id) ?? []]), state?.Values);
    }

    private static OpenAiTurn Answering(OpenAiTurn turn, IReadOnlyList<string> questions) =>
        turn with { Command = QuestionAnswer.CommandOf(questions, turn.Messages) };

    /// <summary>Instructions are only for one response, so those of an earlier one are replaced or removed.</summary>
    private static OpenAiTurn WithInstructions((OpenAiTurn Turn, ChannelValues? Values) given, string? instructions)
    {
        var (turn, values) = given;
        if (turn.Messages.Count == 0 && StoredMessages.Of(values).Count == 0)
        {
            throw Requests.Invalid("input", "It has no message, and no earlier response or conversation has one either.");
        }

        if (instructions is { Length: > 0 })
        {
            var message = InputMessage.Of("system", writer => writer.WriteString("content"u8, instructions), InstructionsId);
            return turn with { Messages = [message, .. turn.Messages] };
        }

        return StoredMessages.Of(values).TryFind(InstructionsId, out _)
            ? turn with { Messages = [InputMessage.Of("remove", static _ => { }, InstructionsId), .. turn.Messages] }
            : turn;
    }
}
