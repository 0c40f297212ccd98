using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.Host.Models;

/// <summary>
/// Stands in for a language model where there is none: deterministic, without a network. It repeats what was said, says
/// what it is, and calls tools for a few turns of phrase (<see cref="OfflineIntent"/>).
/// </summary>
/// <param name="wordDelay">The pause before each word, so that streaming can be seen. Default: none.</param>
/// <param name="time">The clock of the pauses.</param>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "It stands for a provider, who makes ids of its own.")]
internal sealed class OfflineChatClient(TimeSpan wordDelay = default, TimeProvider? time = null) : IChatClient
{
    public const string ModelId = "weft-offline";

    private static readonly ChatClientMetadata Metadata = new("weft", defaultModelId: ModelId);

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ChatMessage> history = [.. messages];
        var id = Guid.NewGuid().ToString();
        if (CallFor(history, options) is { } call)
        {
            yield return Update(id, call);
            yield return Update(id, finish: ChatFinishReason.ToolCalls);
            yield break;
        }

        foreach (var word in Words(Answer(history)))
        {
            if (wordDelay > TimeSpan.Zero)
            {
                await Task.Delay(wordDelay, time ?? TimeProvider.System, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            yield return Update(id, new TextContent(word));
        }

        yield return Update(id, finish: ChatFinishReason.Stop);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? Metadata
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
    }

    private static FunctionCallContent? CallFor(IReadOnlyList<ChatMessage> history, ChatOptions? options) =>
        history is [.., var last] && last.Role == ChatRole.User && OfflineIntent.Of(last.Text) is { } intent
            && options?.Tools?.Any(tool => tool.Name == intent.Tool) == true
            ? new FunctionCallContent($"call_{Guid.NewGuid():N}", intent.Tool, intent.Arguments)
            : null;

    private static string Answer(IReadOnlyList<ChatMessage> history)
    {
        List<object?> results = [.. history.Reverse().TakeWhile(message => message.Role == ChatRole.Tool).Reverse()
            .SelectMany(message => message.Contents.OfType<FunctionResultContent>()).Select(result => result.Result)];
        if (results.Count > 0)
        {
            return string.Join('\n', results);
        }

        var said = history.LastOrDefault(message => message.Role == ChatRole.User)?.Text;
        return (string.IsNullOrWhiteSpace(said) ? "You said nothing." : $"You said: \"{said}\".")
            + " I am Weft's built-in offline stand-in, not a language model: I only repeat and, where there are tools, know a few phrases"
            + " (\"calculate 2*(3+4)\", \"what time is it in Europe/Berlin\", \"note: buy milk\", \"list notes\","
            + " \"email bob@example.org: hello\")."
            + " Set OPENAI_API_KEY to talk to a model.";
    }

    /// <summary>Cuts after each blank, so that the pieces joined are the text.</summary>
    private static IEnumerable<string> Words(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf(' ', start);
            end = end < 0 ? text.Length : end + 1;
            yield return text[start..end];
            start = end;
        }
    }

    private static ChatResponseUpdate Update(string id, AIContent? content = null, ChatFinishReason? finish = null) => new()
    {
        Role = ChatRole.Assistant,
        MessageId = id,
        ResponseId = id,
        ModelId = ModelId,
        FinishReason = finish,
        Contents = content is null ? [] : [content],
    };
}
