using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Assistants as JSON (docs/protocol/assistants.md B2).</summary>
internal static class AssistantJson
{
    public static readonly string[] Members =
        ["assistant_id", "graph_id", "name", "description", "config", "context", "metadata", "version", "created_at", "updated_at"];

    public static void Write(Utf8JsonWriter writer, AssistantRecord assistant) => Write(writer, assistant, isVersion: false);

    public static void WriteVersion(Utf8JsonWriter writer, AssistantRecord version) => Write(writer, version, isVersion: true);

    public static AssistantSort ParseSort(string? sortBy) => sortBy switch
    {
        null or "created_at" => AssistantSort.CreatedAt,
        "updated_at" => AssistantSort.UpdatedAt,
        "assistant_id" => AssistantSort.AssistantId,
        "graph_id" => AssistantSort.GraphId,
        "name" => AssistantSort.Name,
        _ => throw Requests.Invalid("sort_by", $"'{sortBy}' is none of assistant_id, graph_id, name, created_at, updated_at."),
    };

    /// <summary>Returns the id of an assistant or of that of a graph, which may be deleted; null if none is given.</summary>
    public static AssistantId? ReadId(AssistantDirectory assistants, string? assistant) => assistant is null ? null
        : assistants.Find(assistant)?.AssistantId
            ?? (AssistantId.TryParse(assistant, null, out var id)
                ? id
                : throw Requests.Invalid("assistant_id", $"'{assistant}' is neither a UUID nor the id of a graph."));

    /// <summary>Returns an object, or null if none is given.</summary>
    public static JsonElement? ReadObject(JsonElement? value, string field) => value switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } => value,
        _ => throw Requests.Invalid(field, "It must be an object."),
    };

    private static void Write(Utf8JsonWriter writer, AssistantRecord assistant, bool isVersion)
    {
        writer.WriteStartObject();
        writer.WriteString("assistant_id"u8, assistant.AssistantId.Value);
        writer.WriteString("graph_id"u8, assistant.GraphId);
        writer.WriteString("name"u8, assistant.Name);
        writer.WriteString("description"u8, assistant.Description);
        writer.WritePropertyName("config"u8);
        assistant.Config.WriteTo(writer);
        writer.WritePropertyName("context"u8);
        assistant.Context.WriteTo(writer);
        writer.WritePropertyName("metadata"u8);
        assistant.Metadata.WriteTo(writer);
        writer.WriteNumber("version"u8, assistant.Version);
        writer.Time("created_at"u8, assistant.CreatedAt);
        if (!isVersion)
        {
            writer.Time("updated_at"u8, assistant.UpdatedAt);
        }

        writer.WriteEndObject();
    }
}
