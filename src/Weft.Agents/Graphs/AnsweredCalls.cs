using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Repairs conversations so that the results of tool calls directly follow the message that asks for them, and no call
/// is without a result. Providers refuse any other conversation. Such conversations are left by a stop, a new message
/// instead of an approval, or a client that edits messages.
/// </summary>
internal static class AnsweredCalls
{
    /// <summary>
    /// Returns the messages with each result after its call. A call without a result gets one that says that it was
    /// stopped. Returns the same list if nothing is wrong.
    /// </summary>
    public static IReadOnlyList<Message> Mend(IReadOnlyList<Message> messages)
    {
        List<Message>? mended = null;
        HashSet<int>? moved = null;
        for (var i = 0; i < messages.Count; i++)
        {
            if (moved?.Contains(i) == true)
            {
                continue;
            }

            mended?.Add(messages[i]);
            if (messages[i].Type != "ai" || messages[i].AllCalls() is not { Count: > 0 } calls)
            {
                continue;
            }

            var results = ResultsAfter(messages, i, calls);
            if (results.Count < calls.Count)
            {
                mended ??= [.. messages.Take(i + 1)];
                foreach (var (call, at) in Find(messages, i, calls))
                {
                    mended.Add(at < 0 ? Stopped(call) : messages[at]);
                    (moved ??= []).Add(at);
                }
            }
        }

        return mended ?? messages;
    }

    /// <summary>
    /// Returns the messages without the results that belong to no call before them, such as a second result of one
    /// call. Returns the same list if there are none.
    /// </summary>
    public static IReadOnlyList<Message> WithoutStrays(IReadOnlyList<Message> messages)
    {
        List<Message>? kept = null;
        var expected = new List<string>();
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            var isStray = message.Type == "tool" && !expected.Remove(message.ToolCallId ?? "");
            if (message.Type != "tool")
            {
                expected = message.Type == "ai" ? [.. message.AllCalls().Select(call => call.Id ?? "")] : [];
            }

            if (isStray)
            {
                kept ??= [.. messages.Take(i)];
            }
            else
            {
                kept?.Add(message);
            }
        }

        return kept ?? messages;
    }

    /// <summary>The positions of the results that directly follow the message and belong to it.</summary>
    private static List<int> ResultsAfter(IReadOnlyList<Message> messages, int at, IReadOnlyList<ToolCall> calls)
    {
        var expected = calls.Select(call => call.Id ?? "").ToList();
        var results = new List<int>(calls.Count);
        for (var i = at + 1; i < messages.Count && messages[i].Type == "tool" && expected.Remove(messages[i].ToolCallId ?? ""); i++)
        {
            results.Add(i);
        }

        return results;
    }

    /// <summary>
    /// The position of the result of each call, or -1. Results are searched after the message, up to the next message
    /// that uses the same id.
    /// </summary>
    private static IEnumerable<(ToolCall Call, int At)> Find(IReadOnlyList<Message> messages, int at, IReadOnlyList<ToolCall> calls)
    {
        var taken = new HashSet<int>();
        foreach (var call in calls)
        {
            var found = -1;
            for (var i = at + 1; i < messages.Count && found < 0 && !Asks(messages[i], call.Id); i++)
            {
                if (messages[i].Type == "tool" && (messages[i].ToolCallId ?? "") == (call.Id ?? "") && taken.Add(i))
                {
                    found = i;
                }
            }

            yield return (call, found);
        }
    }

    private static bool Asks(Message message, string? id) =>
        message.Type == "ai" && message.AllCalls().Any(call => (call.Id ?? "") == (id ?? ""));

    private static Message Stopped(ToolCall call) =>
        Message.Tool(
            $"The call of {call.Name} was stopped before it was done; whether it had an effect is not known.",
            call.Id ?? "",
            call.Name,
            isError: true,
            id: NewId.Uuid());
}
