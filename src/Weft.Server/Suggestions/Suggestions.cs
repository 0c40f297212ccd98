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
    /// <summary>Returns at most <paramref name="count"/> questions.</summary>
    /// <param name="http">The call, which the client may abort.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="messages">The newest messages of the conversation.</param>
    /// <param name="count">How many to ask for.</param>
    /// <param name="modelName">The key of another model; without effect if no such model is registered.</param>
    public async Task<IReadOnlyList<string>> SuggestAsync(
        HttpContext http, ThreadId threadId, IReadOnlyList<SuggestionMessage> messages, int count, string? modelName)
    {
        var conversation = SuggestionPrompt.Format(messages, options.SuggestionCharactersMax);
        if (conversation.Length == 0)
        {
            return [];
        }

        try
        {
            if (FindModel(http.RequestServices, modelName) is not { } model)
            {
                return [];
            }

            using var late = new CancellationTokenSource(options.SuggestionTimeout, time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, http.RequestAborted);
            var response = await model
                .GetResponseAsync(SuggestionPrompt.Of(conversation, count), null, stop.Token)
                // A model may ignore the token.
                .WaitAsync(stop.Token);
            return SuggestionPrompt.Read(response.Text, count);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            LogFailed(threadId, e);
            return [];
        }
    }

    private static IChatClient? FindModel(IServiceProvider services, string? name) =>
        (name is null ? null : services.GetKeyedService<IChatClient>(name)) ?? services.GetService<IChatClient>();

    [LoggerMessage(LogLevel.Warning, "The model made no suggestions for thread {ThreadId}.")]
    private partial void LogFailed(ThreadId threadId, Exception exception);
}
