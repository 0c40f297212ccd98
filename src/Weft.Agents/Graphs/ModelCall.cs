using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>A node that sends the conversation to a model and adds the answer.</summary>
internal sealed class ModelCall(IChatClient client, MessagesChannel messages, string? systemPrompt, ChatOptions? options)
{
    private readonly IChatClient _client = client.StreamToGraph();
    private readonly Message? _systemPrompt = systemPrompt is null ? null : Message.System(systemPrompt);

    /// <summary>Makes the instructions of each call; null means that they are constant.</summary>
    public Func<NodeContext, CancellationToken, ValueTask<string?>>? Prompt { get; init; }

    /// <summary>Chooses the model of each call; null means that it is always the same.</summary>
    public Func<NodeContext, CancellationToken, ValueTask<IChatClient>>? Choose { get; init; }

    /// <summary>Selects what the model sees; null means all.</summary>
    public Func<NodeContext, IReadOnlyList<Message>, IEnumerable<Message>>? View { get; init; }

    /// <summary>Replaces older messages by their summary; null means that there is none.</summary>
    public HistorySummary? Summary { get; init; }

    /// <summary>Ends the loop after a number of turns; null means no limit.</summary>
    public TurnLimit? Turns { get; init; }

    /// <summary>Adds what the caller of the run asks for.</summary>
    public required CallerRequest Caller { get; init; }

    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var stored = context.Get(messages);
        var mended = AnsweredCalls.Mend(stored);
        var instructions = await InstructAsync(context, cancellationToken);
        var model = await ChooseAsync(context, cancellationToken);
        var call = Caller.OptionsFor(context, answersUser: stored is not [.., { Type: "tool" }]);
        var answer = await model.GetMessagesAsync(Seen(context, mended, instructions), call, cancellationToken);
        if (Turns is not null)
        {
            answer = Turns.Limit(mended, answer);
        }

        // A message can be inserted between others only if the whole list is written.
        return new StateUpdate().Add(messages, ReferenceEquals(mended, stored) ? answer : [Message.RemoveAll(), .. mended, .. answer]);
    }

    /// <summary>
    /// Asks the model about the conversation, without adding the question or the answer to it, and without streaming. It gets the
    /// tools, because some providers refuse a history of calls without them, but must not call any.
    /// </summary>
    public async Task<Message> AskAsync(NodeContext context, Message question, CancellationToken cancellationToken)
    {
        var call = options?.Clone() ?? new ChatOptions();
        call.ToolMode = call.Tools is { Count: > 0 } ? ChatToolMode.None : null;
        var instructions = await InstructAsync(context, cancellationToken);
        var model = await ChooseAsync(context, cancellationToken);
        return await model.GetMessageAsync(
            [.. Seen(context, AnsweredCalls.Mend(context.Get(messages)), instructions), question], call.WithoutStream(), cancellationToken);
    }

    private async ValueTask<IChatClient> ChooseAsync(NodeContext context, CancellationToken cancellationToken) =>
        Choose is null ? _client : (await Choose(context, cancellationToken)).StreamToGraph();

    private async ValueTask<Message?> InstructAsync(NodeContext context, CancellationToken cancellationToken) =>
        Prompt is null ? _systemPrompt
        : await Prompt(context, cancellationToken) is { } text ? Message.System(text)
        : null;

    private IEnumerable<Message> Seen(NodeContext context, IReadOnlyList<Message> mended, Message? instructions)
    {
        var (summary, open) = Summary?.Shorten(context, mended) ?? (null, mended);
        var history = AnsweredCalls.WithoutStrays(open);
        var seen = View?.Invoke(context, history) ?? history;
        if (summary is not null)
        {
            IReadOnlyList<Message> list = [.. seen];
            var first = list.TakeWhile(message => message.Type == "system").Count();
            seen = [.. list.Take(first), summary, .. list.Skip(first)];
        }

        return instructions is null ? seen : seen.Prepend(instructions);
    }
}
