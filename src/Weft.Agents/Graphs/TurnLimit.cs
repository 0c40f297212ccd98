using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Ends the loop of an agent after a number of answers of the model. They are counted in the conversation, from the last message
/// of a user, so that a run that pauses or continues after a crash counts on.
/// </summary>
internal sealed class TurnLimit(int max, string text)
{
    private const string Reason = "max_turns";

    /// <summary>
    /// Returns the answer. If no further turn is left for its tool calls, they get errors as results, and the text follows.
    /// </summary>
    public IReadOnlyList<Message> Limit(IReadOnlyList<Message> history, IReadOnlyList<Message> answer) =>
        answer is [.., { } last] && last.AllCalls() is { Count: > 0 } calls && TurnsIn(history) + 1 >= max
            ? [.. answer, .. calls.Select(NotMade), .. Stop()]
            : answer;

    /// <summary>Whether the message ended a loop.</summary>
    public static bool IsStop(Message message) =>
        message.Json.TryGetProperty("response_metadata", out var metadata)
        && metadata.ValueKind == JsonValueKind.Object
        && JsonText.Of(metadata, "finish_reason") == Reason;

    private static int TurnsIn(IReadOnlyList<Message> history)
    {
        var turns = 0;
        for (var i = history.Count - 1; i >= 0 && history[i].Type != "human"; i--)
        {
            turns += history[i].Type == "ai" ? 1 : 0;
        }

        return turns;
    }

    private Message NotMade(ToolCall call) =>
        Message.Tool(
            $"This call of {call.Name} was not made, because the agent may call the model only {max} times for a message.",
            call.Id ?? "",
            call.Name,
            isError: true);

    private IReadOnlyList<Message> Stop() =>
        new ChatResponse(new ChatMessage(ChatRole.Assistant, text)) { FinishReason = new ChatFinishReason(Reason) }.ToMessages();
}
