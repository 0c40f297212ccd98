using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A thread that keeps the conversation of a chat whose client sends all of it each time (docs/protocol/openai.md 2).</summary>
internal sealed class ChatThread(ThreadsFacade threads)
{
    /// <summary>Returns the turn with only those messages that its thread lacks, or with the answer to the thread's questions.</summary>
    public async Task<OpenAiTurn> ContinueAsync(Actor actor, OpenAiTurn turn, CancellationToken cancellationToken)
    {
        if (await threads.FindAsync(actor, turn.ThreadId!.Value, cancellationToken) is not { } view
            || StoredMessages.Of(view.Values) is not { Count: > 0 } stored)
        {
            return turn;
        }

        var last = turn.Messages.ToList().FindLastIndex(static message => message.Role == "assistant");
        var added = turn.Messages.Skip(last + 1).ToList();
        if (QuestionAnswer.CommandOf(QuestionAnswer.OpenIn(view.Thread), added) is { } command)
        {
            return turn with { Command = command };
        }

        var known = view.Thread.Status == ThreadStatus.Busy ? 0 : CountKnown(stored, added);
        return turn with { Messages = [.. added.Skip(known)] };
    }

    /// <summary>
    /// Returns how many of the added messages are at the end of the thread already, without an answer: those of a request that failed
    /// and is sent again.
    /// </summary>
    private static int CountKnown(MessageList stored, List<InputMessage> added)
    {
        var first = stored.Count;
        while (first > 0 && stored[first - 1].Type != "ai")
        {
            first--;
        }

        var tail = stored.Skip(first).ToList();
        return tail.Count <= added.Count && tail.Zip(added).All(static pair => IsSame(pair.First, Message.FromJson(pair.Second.Json)))
            ? tail.Count
            : 0;
    }

    private static bool IsSame(Message stored, Message added) =>
        stored.Type == added.Type && stored.ToolCallId == added.ToolCallId && JsonElement.DeepEquals(stored.Content, added.Content);
}
