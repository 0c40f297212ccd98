using Weft.Graphs;

namespace Weft.Agents;

/// <summary>What a model sees of a long conversation: values of <see cref="AgentGraphOptions.View"/>.</summary>
public static class HistoryView
{
    /// <summary>
    /// The newest messages, at most <paramref name="count"/>. The first of them is a message of a user if there is one, and never
    /// the result of a call that is left out. The last message of a user and all that follows it are always among them, and so are
    /// system messages at the start.
    /// </summary>
    public static Func<NodeContext, IReadOnlyList<Message>, IEnumerable<Message>> Last(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (_, history) => Newest(history, count, static _ => 1);
    }

    /// <summary>The newest messages that have at most <paramref name="tokens"/> together, by the rules of <see cref="Last"/>.</summary>
    /// <param name="tokens">The number of tokens.</param>
    /// <param name="countTokens">Estimates the tokens of a message. Default: a fourth of the bytes of its JSON.</param>
    public static Func<NodeContext, IReadOnlyList<Message>, IEnumerable<Message>> LastTokens(
        int tokens, Func<Message, int>? countTokens = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        return (_, history) => Newest(history, tokens, countTokens ?? EstimateTokens);
    }

    internal static int EstimateTokens(Message message) => message.Utf8.Length / 4;

    /// <summary>The position from which on the messages have no more than <paramref name="max"/> together.</summary>
    internal static int FirstWithin(IReadOnlyList<Message> history, int max, Func<Message, int> sizeOf)
    {
        var start = history.Count;
        var size = 0L;
        while (start > 0 && (size += sizeOf(history[start - 1])) <= max)
        {
            start--;
        }

        return start;
    }

    private static IEnumerable<Message> Newest(IReadOnlyList<Message> history, int max, Func<Message, int> sizeOf)
    {
        var instructions = history.TakeWhile(message => message.Type == "system").Count();
        return [.. history.Take(instructions), .. history.Skip(Math.Max(instructions, StartOf(history, max, sizeOf)))];
    }

    /// <summary>The position of the first message that is seen.</summary>
    private static int StartOf(IReadOnlyList<Message> history, int max, Func<Message, int> sizeOf)
    {
        var start = FirstWithin(history, max, sizeOf);
        for (var i = start; i < history.Count; i++)
        {
            if (history[i].Type == "human")
            {
                return i;
            }
        }

        for (var i = Math.Min(start, history.Count - 1); i > 0; i--)
        {
            if (history[i].Type == "human")
            {
                return i;
            }
        }

        return 0;
    }
}
