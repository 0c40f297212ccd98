using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// What lists show of a thread, so that they need not read its state: the title that its graph has set, the first message of a
/// user and the last message of the conversation. It is stored with the thread as a JSON object.
/// </summary>
internal static class ThreadPreview
{
    /// <summary>The preview of a thread without a state.</summary>
    public const string Empty = "{}";

    /// <summary>The greatest number of characters of a text of a message.</summary>
    public const int TextCharsMax = 200;

    /// <summary>The greatest number of characters of a title that is made of a message.</summary>
    public const int TitleCharsMax = 60;

    // So many messages are looked through for one with a text. More would cost with the length of the thread.
    private const int LooksMax = 20;

    /// <summary>Returns the preview of a state.</summary>
    public static string Of(ChannelValues values)
    {
        var messages = MessagesOf(values);
        var title = TitleIn(values);
        var first = messages is null ? null : FirstOf(messages, "human");
        var last = messages is null ? null : LastOf(messages);
        return title is null && first is null && last is null
            ? Empty
            : Encoding.UTF8.GetString(GraphJson.Encode((title, first, last), static (writer, s) =>
            {
                writer.WriteStartObject();
                if (s.title is not null)
                {
                    writer.WriteString("title"u8, s.title);
                }

                Write(writer, "first_message", s.first);
                Write(writer, "last_message", s.last);
                writer.WriteEndObject();
            }));
    }

    /// <summary>
    /// Returns the title of a thread: that of its graph, else <c>title</c> of its metadata, else the first words of the first message
    /// of a user. Null if it has none of them.
    /// </summary>
    public static string? TitleOf(ThreadRecord thread, JsonElement preview) =>
        TextOf(preview, "title")
        ?? TitleOf(thread.Metadata)
        ?? (preview.TryGetProperty("first_message", out var first) ? FirstWords(TextOf(first, "text")) : null);

    /// <summary>Returns the title in the metadata of a thread; null if there is none.</summary>
    public static string? TitleOf(string metadata) =>
        // Most metadata is without one.
        metadata.Contains("\"title\"", StringComparison.Ordinal) ? TextOf(Parse(metadata), "title") : null;

    /// <summary>Returns the JSON of a thread's preview.</summary>
    public static JsonElement Parse(string json) => GraphJson.Parse(Encoding.UTF8.GetBytes(json));

    /// <summary>Returns a text on one line, cut after a whole word.</summary>
    public static string? FirstWords(string? text)
    {
        var line = string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= TitleCharsMax)
        {
            return line.Length == 0 ? null : line;
        }

        var end = line.LastIndexOf(' ', TitleCharsMax);
        return Cut(line, end < TitleCharsMax / 2 ? TitleCharsMax : end) + "…";
    }

    /// <summary>Returns the conversation in a state; null if it has none.</summary>
    public static MessageList? MessagesOf(ChannelValues values)
    {
        MessageList? found = null;
        for (var i = 0; i < values.Span.Length; i++)
        {
            if (values.Span[i] is MessageList list && (found is null || values.Schema.Channels[i].Name == "messages"))
            {
                found = list;
            }
        }

        return found;
    }

    /// <summary>Returns the first message of a type that has a text, if it is near the start.</summary>
    public static Message? FirstOf(MessageList messages, string type) =>
        messages.Take(LooksMax).FirstOrDefault(message => message.Type == type && HasText(message));

    /// <summary>Returns the title that the graph has set; null if it has none.</summary>
    public static string? TitleIn(ChannelValues values) =>
        values.Schema.TryFind("title", out var channel) && values.Schema.IndexOf(channel) is var index
            ? values.Span[index] switch
            {
                string text => FirstWords(text),
                JsonElement { ValueKind: JsonValueKind.String } json => FirstWords(json.GetString()),
                _ => null,
            }
            : null;

    private static Message? LastOf(MessageList messages)
    {
        for (var i = messages.Count - 1; i >= 0 && i >= messages.Count - LooksMax; i--)
        {
            if (messages[i].Type is "human" or "ai" && HasText(messages[i]))
            {
                return messages[i];
            }
        }

        return null;
    }

    private static bool HasText(Message message) => !string.IsNullOrWhiteSpace(message.Text);

    private static void Write(Utf8JsonWriter writer, string name, Message? message)
    {
        if (message is null)
        {
            return;
        }

        writer.WriteStartObject(name);
        writer.WriteString("type"u8, message.Type);
        writer.WriteString("id"u8, message.Id);
        var text = message.Text;
        writer.WriteString("text"u8, text.Length <= TextCharsMax ? text : Cut(text, TextCharsMax - 1) + "…");
        writer.WriteEndObject();
    }

    private static string Cut(string text, int length) => text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private static string? TextOf(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(member, out var text)
        && text.ValueKind == JsonValueKind.String
        && text.GetString() is { Length: > 0 } found
            ? found
            : null;
}
