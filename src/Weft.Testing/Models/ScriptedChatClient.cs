using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.Testing;

/// <summary>
/// A model that gives one answer of its script after the other, and records what it was asked. It needs no network and no key,
/// and answers the same each time. Calls may come from several threads; each gets the next answer.
/// </summary>
/// <param name="script">The answers.</param>
public sealed class ScriptedChatClient(params IReadOnlyList<ScriptedAnswer> script) : IChatClient
{
    /// <summary>The model that the client says it is, unless <see cref="Metadata"/> says another.</summary>
    public const string ModelId = "scripted";

    private readonly Lock _lock = new();
    private readonly List<ModelCall> _calls = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private int _toolCalls;

    /// <summary>The clock of delays and pauses. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The provider and the model that the client says it is. Default: the model <see cref="ModelId"/> of <c>weft</c>.</summary>
    public ChatClientMetadata Metadata { get; init; } = new("weft", defaultModelId: ModelId);

    /// <summary>The calls so far, in order.</summary>
    public IReadOnlyList<ModelCall> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>
    /// Waits until the model was called so often in total. It says nothing about the answer, which may still wait.
    /// </summary>
    /// <param name="count">The number of calls, from 1.</param>
    /// <param name="cancellationToken">Cancels. Without it, the wait ends after 30 seconds.</param>
    /// <exception cref="TimeoutException">The calls did not come.</exception>
    public async Task WaitForCallAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_calls.Count >= count)
            {
                return;
            }

            _waiting.Add((count, reached));
        }

        await Waiting.For(_ => reached.Task, Waiting.Limit, $"call {count} of the model", cancellationToken);
    }

    /// <summary>Checks that the whole script was played.</summary>
    /// <exception cref="ExpectationException">Answers are left.</exception>
    public void ExpectNoAnswersLeft()
    {
        var called = Calls.Count;
        if (called < script.Count)
        {
            throw new ExpectationException($"The script has {script.Count} answers, but the model was called {called} times.");
        }
    }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        PlayAsync(messages, options, isStreaming: false, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        PlayAsync(messages, options, isStreaming: true, cancellationToken);

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? Metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing, so that one client can serve several hosts.</summary>
    public void Dispose()
    {
    }

    private async IAsyncEnumerable<ChatResponseUpdate> PlayAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        bool isStreaming,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (number, answer) = Take(new ModelCall([.. messages], options, isStreaming));
        await Task.Yield();
        await answer.Gate.WaitAsync(cancellationToken);
        await WaitAsync(answer.Delay, cancellationToken);
        var hasBegun = false;
        var messageId = answer.MessageId;
        foreach (var update in answer.Updates)
        {
            await WaitAsync(hasBegun ? answer.Pause : TimeSpan.Zero, cancellationToken);
            hasBegun = true;
            cancellationToken.ThrowIfCancellationRequested();
            messageId = update.MessageId ?? messageId;
            yield return update;
        }

        for (var i = 0; i < answer.Pieces.Count; i++)
        {
            if (hasBegun || i > 0)
            {
                await WaitAsync(answer.Pause, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, [.. answer.Pieces[i].Select(WithId)])
            {
                MessageId = messageId ?? $"answer_{number}",
                ModelId = Metadata.DefaultModelId,
                FinishReason = i < answer.Pieces.Count - 1 || answer.Error is not null ? null
                    : answer.Pieces.Any(piece => piece.Any(content => content is FunctionCallContent)) ? ChatFinishReason.ToolCalls
                    : ChatFinishReason.Stop,
            };
        }

        if (answer.Error is { } error)
        {
            throw error;
        }
    }

    private Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) =>
        time > TimeSpan.Zero ? Task.Delay(time, Time, cancellationToken) : Task.CompletedTask;

    private AIContent WithId(AIContent content) => content is FunctionCallContent { CallId: "" } call
        ? new FunctionCallContent($"call_{Interlocked.Increment(ref _toolCalls)}", call.Name, call.Arguments)
        : content;

    private (int Number, ScriptedAnswer Answer) Take(ModelCall call)
    {
        int number;
        lock (_lock)
        {
            _calls.Add(call);
            number = _calls.Count;
            foreach (var (_, reached) in _waiting.Where(waiting => waiting.Count <= number))
            {
                reached.TrySetResult();
            }

            _waiting.RemoveAll(waiting => waiting.Count <= number);
        }

        if (number > script.Count)
        {
            throw new ExpectationException(
                $"The script has {script.Count} answers, but this is call {number} of the model. Its last message is: {call.LastText}");
        }

        var answer = script[number - 1];
        while (answer.Choose is { } choose)
        {
            answer = choose(call);
        }

        return (number, answer);
    }
}
