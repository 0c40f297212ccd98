using System.ClientModel;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Weft_App;

/// <summary>Chooses the language model.</summary>
public static class Models
{
    /// <summary>Returns OpenAI's model, or one with the same API, if there is a key; otherwise a stand-in.</summary>
    public static IChatClient Create(IConfiguration configuration)
    {
        if (configuration["OPENAI_API_KEY"] is not { Length: > 0 } key)
        {
            return new StandInModel();
        }

        var options = new OpenAIClientOptions();
        if (configuration["OPENAI_BASE_URL"] is { Length: > 0 } address)
        {
            options.Endpoint = new Uri(address);
        }

        return new OpenAIClient(new ApiKeyCredential(key), options)
            .GetChatClient(configuration["OPENAI_MODEL"] ?? "gpt-4o-mini")
            .AsIChatClient();
    }

    /// <summary>Stands in for a language model, so that the server works before there is a key. It repeats what was said.</summary>
    private sealed class StandInModel : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var id = Guid.NewGuid().ToString();
            foreach (var word in $"You said: {messages.Last().Text} I am a stand-in. Set OPENAI_API_KEY to talk to a model.".Split(' '))
            {
                await Task.Delay(20, cancellationToken);
                yield return new ChatResponseUpdate(ChatRole.Assistant, word + " ") { MessageId = id };
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
