using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.ConformanceHost.Models;

/// <summary>A fake model that asks for the weather in SF, and says that it is done once it was told.</summary>
internal sealed class WeatherChatClient : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        AIContent answer = messages.Last().Role == ChatRole.Tool
            ? new TextContent("Done.")
            : new FunctionCallContent("call_embed_1", "weather", new Dictionary<string, object?> { ["query"] = "SF" });
        yield return new ChatResponseUpdate(ChatRole.Assistant, [answer]);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
