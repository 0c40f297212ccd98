using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.Samples;

/// <summary>Takes the place of a language model if none is configured. A function chooses the answers.</summary>
/// <param name="answer">Gets the conversation, with the system message first, and returns a text or a call of a tool.</param>
internal sealed class StandInModel(Func<IReadOnlyList<ChatMessage>, AIContent> answer) : IChatClient
{
    private static readonly TimeSpan PauseBetweenWords = TimeSpan.FromMilliseconds(20);

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var id = Guid.NewGuid().ToString();
        ChatMessage[] instructions = options?.Instructions is { } text ? [new(ChatRole.System, text)] : [];
        var content = answer([.. instructions, .. messages]);
        if (content is not TextContent spoken)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [content]) { MessageId = id };
            yield break;
        }

        foreach (var word in spoken.Text.Split(' ').Select((word, index) => index == 0 ? word : $" {word}"))
        {
            await Task.Delay(PauseBetweenWords, cancellationToken);
            yield return new ChatResponseUpdate(ChatRole.Assistant, word) { MessageId = id };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    /// <summary>A call of a tool.</summary>
    public static FunctionCallContent Call(string tool, params (string Name, object? Value)[] arguments) =>
        new($"call_{Guid.NewGuid():N}", tool, arguments.ToDictionary(argument => argument.Name, argument => argument.Value));
}
