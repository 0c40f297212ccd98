using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Asks a model for suggestions: the <see cref="IChatClient"/> of the application, or one that is registered with a key. Without a
/// model, or if it fails, there are none.
/// </summary>
internal sealed partial class Suggestions(WeftServerOptions options, TimeProvider time, ILogger<Suggestions> logger)
{
    private readonly CallerCounts _calls = new();

    /// <summary>Returns at most <paramref name="count"/> questions.</summary>
    /// <param name="http">The call, which the client may abort.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="messages">The newest messages of the conversation.</param>
    /// <param name="count">How many to ask for.</param>
    /// <param name="modelName">The key of another model; without effect if no such model is registered.</param>
    /// <exception cref="WeftException">The models make as many suggestions as they may at once.</exception>
    public async Task<IReadOnlyList<string>> SuggestAsync(
        HttpContext http, ThreadId threadId, IReadOnlyList<SuggestionMessage> messages, int count, string? modelName)
    {
        var conversation = SuggestionPrompt.Format(messages, options.SuggestionCharactersMax);
        if (conversation.Length == 0)
        {
            return [];
        }

        var caller = Caller.Of(http);
        if (!_calls.TryAdd(caller, options.SuggestionsPerActorMax, options.SuggestionsMax))
        {
            throw new WeftException(ProblemKind.Overloaded, "Too many suggestions are being made. Try again later.");
        }

        using var late = new CancellationTokenSource(options.SuggestionTimeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, http.RequestAborted);
        try
        {
            // A model may ignore the token.
            var answer = await CallAsync(caller, http.RequestServices, modelName, SuggestionPrompt.Of(conversation, count), stop.Token)
                .WaitAsync(stop.Token);
            return answer is null ? [] : SuggestionPrompt.Read(answer.Text, count);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            LogFailed(threadId, e);
            return [];
        }
    }

    /// <summary>Calls the model; null if there is none. The call counts until the model has ended, also if its client has gone.</summary>
    private async Task<ChatResponse?> CallAsync(
        Caller caller, IServiceProvider services, string? modelName, ChatMessage[] messages, CancellationToken cancellationToken)
    {
        try
        {
            return FindModel(services, modelName) is { } model ? await model.GetResponseAsync(messages, null, cancellationToken) : null;
        }
        finally
        {
            _calls.Remove(caller);
        }
    }

    private static IChatClient? FindModel(IServiceProvider services, string? name) =>
        (name is null ? null : services.GetKeyedService<IChatClient>(name)) ?? services.GetService<IChatClient>();

    [LoggerMessage(1, LogLevel.Warning, "The model made no suggestions for thread {ThreadId}.")]
    private partial void LogFailed(ThreadId threadId, Exception exception);
}
