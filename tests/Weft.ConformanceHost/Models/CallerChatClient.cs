using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Weft.ConformanceHost.Models;

/// <summary>
/// A fake model that calls the tool which the user names as <c>{"tool":…,"args":{…}}</c>, and says that it is done once it was told. To
/// <c>tools</c> it answers with the names of its tools.
/// </summary>
internal sealed class CallerChatClient : IChatClient
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
        yield return new ChatResponseUpdate(ChatRole.Assistant, [Answer(messages.Last(), options)]);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static AIContent Answer(ChatMessage last, ChatOptions? options)
    {
        if (last.Role == ChatRole.Tool)
        {
            return new TextContent("Done.");
        }

        if (last.Text == "tools")
        {
            return new TextContent(string.Join(' ', options?.Tools?.Select(static tool => tool.Name) ?? []));
        }

        var call = JsonElement.Parse(last.Text);
        var args = call.GetProperty("args").EnumerateObject().ToDictionary(static arg => arg.Name, static arg => (object?)arg.Value);
        return new FunctionCallContent($"call_{last.MessageId}", call.GetProperty("tool").GetString()!, args);
    }
}
