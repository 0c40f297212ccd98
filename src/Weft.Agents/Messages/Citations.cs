using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Weft.Agents;

/// <summary>Converts the <c>annotations</c> of a text block (docs/protocol/messages.md F3).</summary>
internal static class Citations
{
    /// <summary>Whether the content has any.</summary>
    public static bool AreIn(AIContent content) => content.Annotations is { Count: > 0 };

    /// <summary>Returns the annotations of a block; null if it has none.</summary>
    public static IList<AIAnnotation>? Read(JsonElement block) =>
        JsonText.Member(block, "annotations") is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0
            ? [.. list.EnumerateArray().Select(ReadOne)]
            : null;

    /// <summary>Writes the annotations as the member of a block.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<AIAnnotation> annotations)
    {
        writer.WriteStartArray("annotations"u8);
        foreach (var annotation in annotations)
        {
            WriteOne(writer, annotation);
        }

        writer.WriteEndArray();
    }

    private static CitationAnnotation ReadOne(JsonElement json) => new()
    {
        RawRepresentation = json,
        Url = Uri.TryCreate(JsonText.Of(json, "url"), UriKind.Absolute, out var url) ? url : null,
        Title = JsonText.Of(json, "title"),
        Snippet = JsonText.Of(json, "cited_text") ?? JsonText.Of(json, "citedText"),
        FileId = JsonText.Of(json, "file_id"),
        AnnotatedRegions = Position(json, "start_index", "startIndex") is { } start && Position(json, "end_index", "endIndex") is { } end
            ? [new TextSpanAnnotatedRegion { StartIndex = start, EndIndex = end }]
            : null,
    };

    private static int? Position(JsonElement json, string name, string otherName)
    {
        var value = JsonText.Member(json, name) is { ValueKind: JsonValueKind.Number } given ? given : JsonText.Member(json, otherName);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var position) ? position : null;
    }

    private static void WriteOne(Utf8JsonWriter writer, AIAnnotation annotation)
    {
        if (annotation.RawRepresentation is JsonElement asRead)
        {
            asRead.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        if (annotation is CitationAnnotation citation)
        {
            writer.WriteString("type"u8, "citation"u8);
            WriteOptional(writer, "url"u8, citation.Url?.OriginalString);
            WriteOptional(writer, "title"u8, citation.Title);
            WriteOptional(writer, "cited_text"u8, citation.Snippet);
            WriteOptional(writer, "file_id"u8, citation.FileId);
            WriteOptional(writer, "tool_name"u8, citation.ToolName);
        }
        else
        {
            writer.WriteString("type"u8, "non_standard_annotation"u8);
        }

        if (annotation.AnnotatedRegions?.OfType<TextSpanAnnotatedRegion>().FirstOrDefault() is { StartIndex: { } start, EndIndex: { } end })
        {
            writer.WriteNumber("start_index"u8, start);
            writer.WriteNumber("end_index"u8, end);
        }

        writer.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
