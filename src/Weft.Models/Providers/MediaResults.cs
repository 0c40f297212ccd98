using Microsoft.Extensions.AI;

namespace Weft.Models;

/// <summary>
/// Between agents and providers whose results of tools are text. A tool may return images and files: the result then has its text,
/// and a message of the user with the media follows the results. A medium that the provider can't read at all is replaced by a text.
/// </summary>
internal sealed class MediaResults(IChatClient client, Func<AIContent, bool> isRead) : DelegatingChatClient(client)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(Convert(messages), options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(Convert(messages), options, cancellationToken);

    private static bool IsMedium(AIContent content) => content is DataContent or UriContent or HostedFileContent;

    private IEnumerable<ChatMessage> Convert(IEnumerable<ChatMessage> messages)
    {
        var converted = new List<ChatMessage>();
        var media = new List<AIContent>();
        foreach (var message in messages)
        {
            if (message.Role != ChatRole.Tool && media.Count > 0)
            {
                // Not before, because the results of a message's calls must follow it directly.
                converted.Add(new ChatMessage(ChatRole.User, [.. media]));
                media.Clear();
            }

            converted.Add(message.Contents.Any(NeedsChange)
                ? With(message, [.. message.Contents.Select(content => Convert(content, media))])
                : message);
        }

        if (media.Count > 0)
        {
            converted.Add(new ChatMessage(ChatRole.User, [.. media]));
        }

        return converted;
    }

    private bool NeedsChange(AIContent content) =>
        content is FunctionResultContent { Result: IEnumerable<AIContent> or AIContent } || (IsMedium(content) && !isRead(content));

    private AIContent Convert(AIContent content, List<AIContent> media)
    {
        if (!NeedsChange(content))
        {
            return content;
        }

        if (content is not FunctionResultContent result)
        {
            return new TextContent($"[{NameOf(content)}, which this model can't read]");
        }

        var parts = result.Result is AIContent one ? [one] : ((IEnumerable<AIContent>)result.Result!).ToList();
        var texts = new List<string>();
        foreach (var part in parts)
        {
            switch (part)
            {
                case TextContent text:
                    texts.Add(text.Text);
                    break;
                case var medium when IsMedium(medium) && isRead(medium):
                    texts.Add($"[{NameOf(medium)}, in the next message]");
                    if (media.Count == 0)
                    {
                        media.Add(new TextContent("These are the images and files of the results above."));
                    }

                    media.Add(medium);
                    break;
                default:
                    texts.Add($"[{NameOf(part)}, which this model can't read]");
                    break;
            }
        }

        return new FunctionResultContent(result.CallId, string.Join('\n', texts)) { Exception = result.Exception };
    }

    private static ChatMessage With(ChatMessage message, List<AIContent> contents)
    {
        var copy = message.Clone();
        copy.Contents = contents;
        return copy;
    }

    private static string NameOf(AIContent content) => content switch
    {
        DataContent data => Describe(data.MediaType, data.Name),
        UriContent uri => Describe(uri.MediaType, null),
        HostedFileContent file => Describe(file.MediaType, file.Name),
        _ => "Content",
    };

    private static string Describe(string? mediaType, string? name)
    {
        var kind = mediaType?.Split('/')[0] switch
        {
            "image" => "An image",
            "audio" => "A recording",
            "video" => "A video",
            _ => "A file",
        };
        var parts = new[] { name, mediaType }.OfType<string>().ToList();
        return parts.Count == 0 ? kind : $"{kind} ({string.Join(", ", parts)})";
    }
}
