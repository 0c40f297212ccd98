using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>What an agent gets in a turn.</summary>
internal sealed record AgentInput
{
    /// <summary>The conversation before <see cref="Input"/>.</summary>
    public required IReadOnlyList<ChatMessage> History { get; init; }

    /// <summary>The messages that are new to the agent.</summary>
    public required IReadOnlyList<ChatMessage> Input { get; init; }

    /// <summary>
    /// The whole conversation if results of stopped tool calls had to be added to it; null if it is as the thread has it.
    /// </summary>
    public IReadOnlyList<Message>? Mended { get; private init; }

    /// <summary>The ids of the tool calls that were answered.</summary>
    public IReadOnlySet<string> Answered { get; private init; } = new HashSet<string>();

    /// <summary>The names of the tools, by the ids of their calls.</summary>
    public required Dictionary<string, string> ToolNames { get; init; }

    /// <summary>Returns the input of an agent.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="stored">The session.</param>
    /// <param name="isHistory">Whether the conversation is the history of the agent; otherwise it has a history of its own.</param>
    public static AgentInput Of(IReadOnlyList<Message> messages, StoredSession stored, bool isHistory)
    {
        var requested = stored.Requests.Select(request => request.ToolCall.CallId).ToHashSet();
        var asking = requested.Count == 0
            ? -1
            : LastIndex(messages, message => message.ToolCalls.Any(call => requested.Contains(call.Id ?? "")));
        if (asking >= 0 && stored.Responses.Count > 0 && messages[^1].Id == stored.AnsweredAfter)
        {
            return Answer(messages, stored, requested, asking, isHistory);
        }

        var first = FirstNew(messages, stored.LastMessage);
        if (!isHistory)
        {
            // The history of the agent has requests that are still open. A new message takes the place of their answers.
            var refused = stored.Requests.Select(request => request.CreateResponse(false, "The user has sent another message instead."));
            return new AgentInput
            {
                History = messages.Take(first).ToChatMessages(),
                Input = [.. asking < 0 ? [] : UserMessage(refused), .. messages.Skip(first).ToChatMessages()],
                Answered = requested,
                ToolNames = NamesOf(messages),
            };
        }

        var mended = AnsweredCalls.Mend(messages);
        var sent = AnsweredCalls.WithoutStrays(mended);
        var start = first == messages.Count ? sent.Count : IndexOf(sent, messages[first]);
        return new AgentInput
        {
            History = sent.Take(start).ToChatMessages(),
            Input = sent.Skip(start).ToChatMessages(),
            Mended = ReferenceEquals(mended, messages) ? null : mended,
            ToolNames = NamesOf(messages),
        };
    }

    private static AgentInput Answer(
        IReadOnlyList<Message> messages, StoredSession stored, HashSet<string> requested, int asking, bool isHistory)
    {
        var before = messages.Take(asking).ToList();
        List<ChatMessage> history = [.. AnsweredCalls.WithoutStrays(AnsweredCalls.Mend(before)).ToChatMessages()];
        var request = messages[asking].ToChatMessage();
        request.Contents =
        [
            .. request.Contents.Where(content => content is not FunctionCallContent call || !requested.Contains(call.CallId)),
            .. stored.Requests,
        ];
        history.Add(request);
        return new AgentInput
        {
            History = isHistory ? history : messages.Take(asking + 1).ToChatMessages(),
            Input = [.. UserMessage(stored.Responses), .. messages.Skip(asking + 1).ToChatMessages()],
            Answered = requested,
            ToolNames = NamesOf(messages),
        };
    }

    /// <summary>
    /// The position of the first message that the agent does not know. If the last one that it knew was removed, those after the last
    /// message of a model are new.
    /// </summary>
    public static int FirstNew(IReadOnlyList<Message> messages, string? last)
    {
        var known = last is null ? -1 : LastIndex(messages, message => message.Id == last);
        return (known >= 0 ? known : LastIndex(messages, message => message.Type == "ai")) + 1;
    }

    private static int LastIndex(IReadOnlyList<Message> messages, Func<Message, bool> matches)
    {
        var index = messages.Count - 1;
        while (index >= 0 && !matches(messages[index]))
        {
            index--;
        }

        return index;
    }

    private static int IndexOf(IReadOnlyList<Message> messages, Message message)
    {
        var index = 0;
        while (index < messages.Count && !ReferenceEquals(messages[index], message))
        {
            index++;
        }

        return index;
    }

    private static ChatMessage[] UserMessage(IEnumerable<AIContent> contents) => [new ChatMessage(ChatRole.User, [.. contents])];

    public static Dictionary<string, string> NamesOf(IReadOnlyList<Message> messages)
    {
        var names = new Dictionary<string, string>();
        foreach (var call in messages.Where(message => message.Type == "ai").SelectMany(message => message.ToolCalls))
        {
            names[call.Id ?? ""] = call.Name;
        }

        return names;
    }
}
