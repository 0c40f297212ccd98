using Microsoft.Extensions.AI;

namespace Weft.Testing;

/// <summary>
/// One answer of a <see cref="ScriptedChatClient"/>. Immutable: each method returns another answer. A text is an answer too:
/// <c>new ScriptedChatClient("Hello.", "Bye.")</c>.
/// </summary>
public sealed record ScriptedAnswer
{
    private ScriptedAnswer()
    {
    }

    /// <summary>The pieces that a stream yields one by one. An answer that is not streamed is made of all of them.</summary>
    internal IReadOnlyList<IReadOnlyList<AIContent>> Pieces { get; private init; } = [];

    /// <summary>Updates that are yielded as they are, before the pieces.</summary>
    internal IEnumerable<ChatResponseUpdate> Updates { get; private init; } = [];

    internal Exception? Error { get; private init; }

    internal TimeSpan Delay { get; private init; }

    internal TimeSpan Pause { get; private init; }

    internal Task Gate { get; private init; } = Task.CompletedTask;

    internal string? MessageId { get; private init; }

    internal Func<ModelCall, ScriptedAnswer>? Choose { get; private init; }

    /// <summary>A text, streamed in these pieces.</summary>
    public static ScriptedAnswer Says(params IReadOnlyList<string> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        return new() { Pieces = [.. pieces.Select(piece => (AIContent[])[new TextContent(piece)])] };
    }

    /// <summary>A call of a tool. The client gives it the id <c>call_1</c>, and the following ones <c>call_2</c> and so on.</summary>
    /// <param name="tool">The name of the tool.</param>
    /// <param name="arguments">Its arguments, by the names of the parameters.</param>
    public static ScriptedAnswer Calls(string tool, params IReadOnlyList<(string Name, object? Value)> arguments) =>
        new ScriptedAnswer().AndCalls(tool, arguments);

    /// <summary>An answer of any contents, one piece for each.</summary>
    public static ScriptedAnswer Of(params IReadOnlyList<AIContent> contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        return new() { Pieces = [.. contents.Select(content => (AIContent[])[content])] };
    }

    /// <summary>
    /// Updates exactly as a provider sends them, with their own ids, model and finish reason, or without. The client adds none. They are
    /// enumerated while the model answers.
    /// </summary>
    public static ScriptedAnswer OfUpdates(params IEnumerable<ChatResponseUpdate> updates)
    {
        ArgumentNullException.ThrowIfNull(updates);
        return new() { Updates = updates };
    }

    /// <summary>A call of the model that fails, such as a rate limit.</summary>
    public static ScriptedAnswer Fails(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new() { Error = error };
    }

    /// <summary>An answer that depends on the call.</summary>
    public static ScriptedAnswer From(Func<ModelCall, ScriptedAnswer> choose)
    {
        ArgumentNullException.ThrowIfNull(choose);
        return new() { Choose = choose };
    }

    /// <summary>A text in one piece.</summary>
    public static implicit operator ScriptedAnswer(string text) => Says(text);

    /// <summary>The same as the conversion of a text.</summary>
    public static ScriptedAnswer FromString(string text) => Says(text);

    /// <summary>Adds a call of a tool. All calls of an answer are one piece, so that tools run at the same time.</summary>
    /// <param name="tool">The name of the tool.</param>
    /// <param name="arguments">Its arguments, by the names of the parameters.</param>
    public ScriptedAnswer AndCalls(string tool, params IReadOnlyList<(string Name, object? Value)> arguments)
    {
        ArgumentException.ThrowIfNullOrEmpty(tool);
        ArgumentNullException.ThrowIfNull(arguments);
        var call = new FunctionCallContent("", tool, arguments.ToDictionary(argument => argument.Name, argument => argument.Value));
        return this with
        {
            Pieces = Pieces is [.., var last] && last.All(content => content is FunctionCallContent)
                ? [.. Pieces.SkipLast(1), [.. last, call]]
                : [.. Pieces, [call]],
        };
    }

    /// <summary>Adds the tokens that the answer takes, as its last piece.</summary>
    public ScriptedAnswer AndUses(long inputTokens, long outputTokens) => this with
    {
        Pieces =
        [
            .. Pieces,
            [
                new UsageContent(new UsageDetails
                {
                    InputTokenCount = inputTokens,
                    OutputTokenCount = outputTokens,
                    TotalTokenCount = inputTokens + outputTokens,
                }),
            ],
        ],
    };

    /// <summary>Fails after all pieces, as a connection that breaks.</summary>
    public ScriptedAnswer ThenFails(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return this with { Error = error };
    }

    /// <summary>Begins only after a time on the clock of the client.</summary>
    public ScriptedAnswer After(TimeSpan delay) => this with { Delay = delay };

    /// <summary>Begins only after something has happened, such as a <see cref="TaskCompletionSource"/> of the test.</summary>
    public ScriptedAnswer After(Task gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        return this with { Gate = gate };
    }

    /// <summary>Waits between two pieces, on the clock of the client.</summary>
    public ScriptedAnswer WithPause(TimeSpan pause) => this with { Pause = pause };

    /// <summary>Gives the message an id. Default: <c>answer_1</c> for the first call of the client, and so on.</summary>
    public ScriptedAnswer WithMessageId(string id) => this with { MessageId = id };
}
