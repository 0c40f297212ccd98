using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Converts the content of messages between a string or a list of blocks (docs/protocol/messages.md F3) and a list of
/// <see cref="AIContent"/>. Content that was read from a block keeps it as its
/// <see cref="AIContent.RawRepresentation"/>, so that the same block is written again.
/// </summary>
internal static class ContentBlocks
{
    public static List<AIContent> Read(JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return content.GetString() is { Length: > 0 } text ? [new TextContent(text)] : [];
        }

        var contents = new List<AIContent>();
        foreach (var block in content.EnumerateArray())
        {
            var read = ContentBlockReader.Read(block);
            read.RawRepresentation = block;
            contents.Add(read);
        }

        return contents;
    }

    /// <summary>Writes a string if there is only text, else a list of blocks.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<AIContent> contents)
    {
        List<AIContent> blocks = Blocks(contents);
        if (blocks.TrueForAll(content => content is TextContent and not { RawRepresentation: JsonElement } && !Citations.AreIn(content)))
        {
            writer.WriteStringValue(string.Concat(blocks.Cast<TextContent>().Select(text => text.Text)));
            return;
        }

        writer.WriteStartArray();
        foreach (var block in blocks)
        {
            WriteBlock(writer, block);
        }

        writer.WriteEndArray();
    }

    /// <summary>
    /// Reads the result of a tool. Blocks of text are a text, because not every client knows blocks. With images or files among them,
    /// they are a list of contents, which clients send as such if they can. Blocks that are not understood stay JSON.
    /// </summary>
    public static FunctionResultContent ReadResult(string callId, JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return new FunctionResultContent(callId, content.GetString());
        }

        var blocks = Read(content);
        object result = blocks.Count > 0 && blocks.TrueForAll(static block => block is TextContent) ? TextOf(blocks)
            : blocks.Exists(static block => block is DataContent or UriContent or HostedFileContent)
                && blocks.TrueForAll(static block => block is TextContent or DataContent or UriContent or HostedFileContent)
                ? blocks
            : content;
        return new FunctionResultContent(callId, result) { RawRepresentation = content };
    }

    /// <summary>
    /// Writes the result of a tool: text as it is, blocks as blocks, any other value as the text of its JSON.
    /// </summary>
    public static void WriteResult(Utf8JsonWriter writer, FunctionResultContent result)
    {
        switch (result.Result)
        {
            case null:
                writer.WriteStringValue(result.Exception is null ? "" : $"Error: {result.Exception.Message}");
                break;
            case string text when result.RawRepresentation is JsonElement { ValueKind: JsonValueKind.Array } read
                && text == TextOf(Read(read)):
                read.WriteTo(writer);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case JsonElement { ValueKind: JsonValueKind.String } text:
                text.WriteTo(writer);
                break;
            case JsonElement list when IsBlocks(list):
                list.WriteTo(writer);
                break;
            case AIContent content:
                Write(writer, [content]);
                break;
            case IEnumerable<AIContent> contents:
                Write(writer, contents);
                break;
            default:
                writer.WriteStringValue(GraphJson.Encode(result.Result, ToolArguments.WriteValue));
                break;
        }
    }

    /// <summary>
    /// Whether a content is a part of the block of the one before it. Pieces of text and of reasoning are, and so are annotations
    /// that come after their text. Text with annotations of its own is a block, and a signature ends reasoning.
    /// </summary>
    public static bool IsPartOf(AIContent? before, AIContent content) => content switch
    {
        TextContent text => before is TextContent && (IsOnlyAnnotations(text) || !(Citations.AreIn(before) || Citations.AreIn(text))),
        TextReasoningContent => before is TextReasoningContent { ProtectedData: null or "" },
        _ => false,
    };

    /// <summary>Joins the contents that are parts of one block. Returns the same list if there are none.</summary>
    public static IList<AIContent> Join(IList<AIContent> contents)
    {
        List<AIContent>? joined = null;
        for (var i = 1; i < contents.Count; i++)
        {
            if (IsPartOf((joined ?? contents)[joined?.Count - 1 ?? i - 1], contents[i]))
            {
                joined ??= [.. contents.Take(i)];
                joined[^1] = Join(joined[^1], contents[i]);
            }
            else
            {
                joined?.Add(contents[i]);
            }
        }

        return joined ?? contents;
    }

    /// <summary>Whether the JSON is a list of content blocks.</summary>
    public static bool IsBlocks(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array && json.GetArrayLength() > 0 && json.EnumerateArray().All(IsBlock);

    /// <summary>
    /// Writes a block. If it is part of a chunk, it has an <paramref name="index"/>, by which clients join the parts.
    /// </summary>
    public static void WriteBlock(Utf8JsonWriter writer, AIContent content, int? index = null)
    {
        if (content.RawRepresentation is JsonElement block && index is null && IsAsRead(content, block))
        {
            block.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        WriteMembers(writer, content);
        if (index is not null)
        {
            writer.WriteNumber("index"u8, index.Value);
        }

        writer.WriteEndObject();
    }

    private static AIContent Join(AIContent before, AIContent content) => (before, content) switch
    {
        (TextContent text, TextContent more) => new TextContent(text.Text + more.Text)
        {
            Annotations = text.Annotations is null && more.Annotations is null ? null : [.. text.Annotations ?? [], .. more.Annotations ?? []],
        },
        (TextReasoningContent reasoning, TextReasoningContent more) =>
            new TextReasoningContent(reasoning.Text + more.Text) { ProtectedData = more.ProtectedData },
        _ => throw new ArgumentException("Only pieces of text and of reasoning are joined.", nameof(content)),
    };

    private static string TextOf(IEnumerable<AIContent> blocks) =>
        string.Join('\n', blocks.OfType<TextContent>().Select(block => block.Text));

    private static bool IsOnlyAnnotations(TextContent text) => text.Text.Length == 0 && Citations.AreIn(text);

    /// <summary>The contents that are blocks. Annotations that come after their text are in the block of the text.</summary>
    private static List<AIContent> Blocks(IEnumerable<AIContent> contents)
    {
        var blocks = new List<AIContent>();
        foreach (var content in contents)
        {
            if (content is FunctionCallContent or FunctionResultContent or UsageContent)
            {
                continue;
            }

            if (content is TextContent text && IsOnlyAnnotations(text) && blocks is [.., TextContent before])
            {
                blocks[^1] = Join(before, text);
                continue;
            }

            blocks.Add(content);
        }

        return blocks;
    }

    private static bool IsBlock(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("type", out _);

    /// <summary>
    /// Text can be changed after it was read. Other kinds of content have no members of the block that can be changed.
    /// </summary>
    private static bool IsAsRead(AIContent content, JsonElement block) => content switch
    {
        TextContent text => text.Text == ContentBlockReader.TextOf(block),
        TextReasoningContent reasoning => reasoning.Text == ContentBlockReader.ReasoningOf(block),
        _ => true,
    };

    private static void WriteMembers(Utf8JsonWriter writer, AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                writer.WriteString("type"u8, "text"u8);
                writer.WriteString("text"u8, text.Text);
                if (text.Annotations is { Count: > 0 } annotations)
                {
                    Citations.Write(writer, annotations);
                }

                break;
            case TextReasoningContent reasoning:
                WriteReasoning(writer, reasoning);
                break;
            case DataContent data when data.HasTopLevelMediaType("image"):
                WriteImage(writer, data.Uri);
                break;
            case UriContent uri when uri.HasTopLevelMediaType("image"):
                WriteImage(writer, uri.Uri.OriginalString);
                break;
            case DataContent data:
                WriteKind(writer, data.MediaType, "base64"u8);
                writer.WriteString("data"u8, data.Base64Data.Span);
                WriteOptional(writer, "filename"u8, data.Name);
                break;
            case UriContent uri:
                WriteKind(writer, uri.MediaType, "url"u8);
                writer.WriteString("url"u8, uri.Uri.OriginalString);
                break;
            case HostedFileContent file:
                writer.WriteString("type"u8, "file"u8);
                writer.WriteString("source_type"u8, "id"u8);
                // Version 0 of the blocks has the id in one of these members, version 1 in the other.
                writer.WriteString("id"u8, file.FileId);
                writer.WriteString("file_id"u8, file.FileId);
                WriteOptional(writer, "mime_type"u8, file.MediaType);
                WriteOptional(writer, "filename"u8, file.Name);
                break;
            case ErrorContent { ErrorCode: "Refusal" } refusal:
                writer.WriteString("type"u8, "refusal"u8);
                writer.WriteString("refusal"u8, refusal.Message);
                break;
            case ToolCallContent call:
                WriteServerCall(writer, call);
                break;
            case ToolResultContent result:
                writer.WriteString("type"u8, "server_tool_result"u8);
                writer.WriteString("tool_call_id"u8, result.CallId);
                writer.WriteString("status"u8, "success"u8);
                writer.WritePropertyName("output"u8);
                Serialize(result).WriteTo(writer);
                break;
            default:
                writer.WriteString("type"u8, "non_standard"u8);
                writer.WritePropertyName("value"u8);
                Serialize(content).WriteTo(writer);
                break;
        }
    }

    /// <summary>
    /// Writes a call of a tool that the provider runs, such as a search. <c>extras</c> has what the block does not have.
    /// </summary>
    private static void WriteServerCall(Utf8JsonWriter writer, ToolCallContent call)
    {
        const string Suffix = "ToolCall";
        var json = Serialize(call);
        var kind = JsonText.Of(json, "$type") ?? call.GetType().Name;
        writer.WriteString("type"u8, "server_tool_call"u8);
        writer.WriteString("id"u8, call.CallId);
        writer.WriteString(
            "name"u8,
            JsonText.Of(json, "name") ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(
                kind.EndsWith(Suffix, StringComparison.Ordinal) ? kind[..^Suffix.Length] : kind));
        writer.WritePropertyName("args"u8);
        (JsonText.Member(json, "arguments") is { ValueKind: JsonValueKind.Object } args ? args : GraphJson.EmptyObject).WriteTo(writer);
        writer.WriteStartObject("extras"u8);
        writer.WritePropertyName("content"u8);
        json.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static void WriteReasoning(Utf8JsonWriter writer, TextReasoningContent reasoning)
    {
        writer.WriteString("type"u8, "reasoning"u8);
        writer.WriteString("reasoning"u8, reasoning.Text);
        if (reasoning.ProtectedData is { } signature)
        {
            writer.WriteStartObject("extras"u8);
            writer.WriteString("signature"u8, signature);
            writer.WriteEndObject();
        }
    }

    private static void WriteImage(Utf8JsonWriter writer, string uri)
    {
        writer.WriteString("type"u8, "image_url"u8);
        writer.WriteStartObject("image_url"u8);
        writer.WriteString("url"u8, uri);
        writer.WriteEndObject();
    }

    private static void WriteKind(Utf8JsonWriter writer, string mediaType, ReadOnlySpan<byte> source)
    {
        var kind = mediaType.Split('/')[0];
        writer.WriteString("type"u8, kind is "audio" or "video" ? kind : "file");
        writer.WriteString("source_type"u8, source);
        writer.WriteString("mime_type"u8, mediaType);
    }

    /// <summary>
    /// Content of a kind that blocks do not have is written as Microsoft.Extensions.AI writes it, and read in the same
    /// way.
    /// </summary>
    private static JsonElement Serialize(AIContent content)
    {
        try
        {
            return JsonSerializer.SerializeToElement(content, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)));
        }
        catch (NotSupportedException)
        {
            // The type is unknown to the serializer, so only the existence of the content can be written.
            return JsonElement.Parse($"{{\"kind\":\"{JsonEncodedText.Encode(content.GetType().Name)}\"}}");
        }
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
