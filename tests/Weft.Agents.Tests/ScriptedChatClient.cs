using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.Agents.Tests;

/// <summary>A model that answers what it is told to, one script a call, and remembers what it was asked.</summary>
internal sealed class ScriptedChatClient(params IEnumerable<ChatResponseUpdate>[] scripts) : IChatClient
{
    private int _calls;

    public List<IReadOnlyList<ChatMessage>> Histories { get; } = [];

    /// <summary>The options of each call.</summary>
    public List<ChatOptions?> Options { get; } = [];

    public int StreamingCalls { get; private set; }

    public static IReadOnlyList<ChatResponseUpdate> Says(string? id, params string[] pieces) =>
        [.. pieces.Select(piece => Piece(id, new TextContent(piece)))];

    public static IReadOnlyList<ChatResponseUpdate> Calls(params (string Id, string Name, Dictionary<string, object?> Args)[] calls) =>
        [Piece(null, [.. calls.Select(call => new FunctionCallContent(call.Id, call.Name, call.Args))])];

    public static ChatResponseUpdate Piece(string? id, params AIContent[] contents) => new(ChatRole.Assistant, contents) { MessageId = id };

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        return Next(messages, options).ToChatResponse();
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        StreamingCalls++;
        foreach (var update in Next(messages, options))
        {
            await Task.Yield();
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("acme", defaultModelId: "small") : null;

    public void Dispose()
    {
    }

    private IEnumerable<ChatResponseUpdate> Next(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        Options.Add(options);
        Histories.Add([.. messages]);
        return scripts[_calls++];
    }
}
