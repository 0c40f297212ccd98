using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Weft.ConformanceHost.Models;

/// <summary>
/// A fake model that answers with content of each kind, in the pieces in which providers stream it: reasoning with a signature,
/// text with a citation that comes after it, a search of the provider, a file, calls of tools, one of them with arguments that are
/// not JSON, and usage in two parts. To the text <c>plain</c> it answers with text and calls only, to <c>media</c> with an image, audio,
/// a video and a file.
/// </summary>
internal sealed class ContentsChatClient : IChatClient
{
    private static readonly ChatClientMetadata Metadata = new("fake", defaultModelId: "contents");

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var contents in messages.Last().Text switch { "plain" => Plain(), "media" => Media(), _ => All() })
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, contents) { MessageId = "given", ModelId = "contents-1" };
            await Task.Yield();
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, []) { MessageId = "given", FinishReason = ChatFinishReason.ToolCalls };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static IEnumerable<AIContent[]> Plain() =>
    [
        [new TextContent("I will ")],
        [new TextContent("look.")],
        [Call("c1", "wool")],
        [Call("c2", "silk"), Tokens(10, 5)],
    ];

    private static IEnumerable<AIContent[]> Media() =>
    [
        [new TextContent("Here they are.")],
        [new DataContent("image bytes"u8.ToArray(), "image/png")],
        [new DataContent("audio bytes"u8.ToArray(), "audio/wav")],
        [new DataContent("video bytes"u8.ToArray(), "video/mp4")],
        [new DataContent("file bytes"u8.ToArray(), "application/pdf") { Name = "prices.pdf" }],
    ];

    private static IEnumerable<AIContent[]> All() =>
    [
        [Tokens(100, 1, cached: 40)],
        [new TextReasoningContent("Let me ")],
        [new TextReasoningContent("see.")],
        [new TextReasoningContent("") { ProtectedData = "signature" }],
        [new TextReasoningContent("Now I know.")],
        [new TextContent("Wool is ")],
        [new TextContent("warm.")],
        [new TextContent("") { Annotations = [new CitationAnnotation { Url = new Uri("https://wool.example/a"), Title = "Wool" }] }],
        [new McpServerToolCallContent("s1", "search", "library") { Arguments = new Dictionary<string, object?> { ["q"] = "wool" } }],
        [new McpServerToolResultContent("s1") { Outputs = [new TextContent("found")] }],
        [new HostedFileContent("file-1") { MediaType = "text/csv", Name = "prices.csv" }],
        [new TextContent("Prices "), new TextContent("follow.")],
        [Call("c1", "wool"), new FunctionCallContent("c2", "price") { Exception = new FormatException("The arguments are cut off.") }],
        [Tokens(0, 20, reasoning: 8)],
    ];

    private static FunctionCallContent Call(string id, string item) =>
        new(id, "price", new Dictionary<string, object?> { ["item"] = item, ["more"] = new[] { 1, 2 } });

    private static UsageContent Tokens(int input, int output, int? cached = null, int? reasoning = null) => new(new UsageDetails
    {
        InputTokenCount = input,
        OutputTokenCount = output,
        TotalTokenCount = input + output,
        CachedInputTokenCount = cached,
        ReasoningTokenCount = reasoning,
    });
}
