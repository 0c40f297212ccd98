using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.ConformanceHost.Models;

/// <summary>A fake model that says that it writes two mails, asks for both of them, and reports what came of them.</summary>
internal sealed class MailChatClient : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var id = $"chatcmpl-{Guid.CreateVersion7()}";
        var results = messages.Reverse()
            .TakeWhile(message => message.Role == ChatRole.Tool)
            .Reverse()
            .SelectMany(message => message.Contents.OfType<FunctionResultContent>())
            .ToList();
        IEnumerable<string> pieces = results.Count == 0
            ? ["I ", "write ", "two mails."]
            : [.. results.Select(result => $"{result.Result} ")];
        foreach (var piece in pieces)
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, piece) { MessageId = id };
        }

        if (results.Count == 0)
        {
            // As the clients of Microsoft.Extensions.AI do: all calls at the end, each of them whole.
            yield return new ChatResponseUpdate(
                ChatRole.Assistant, [Mail("call_1", "ann@example.org"), Mail("call_2", "bob@example.org")])
            {
                MessageId = id,
            };
        }

        yield return new ChatResponseUpdate
        {
            MessageId = id,
            FinishReason = results.Count == 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        };
        yield return new ChatResponseUpdate(
            ChatRole.Assistant, [new UsageContent(new() { InputTokenCount = 9, OutputTokenCount = 3 })])
        {
            MessageId = id,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static FunctionCallContent Mail(string id, string to) =>
        new(id, "send_email", new Dictionary<string, object?> { ["to"] = to, ["body"] = "Hello" });
}
