using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>What a thread stores for its agent.</summary>
internal sealed record StoredSession
{
    private static readonly JsonTypeInfo ContentType = AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent));

    /// <summary>The session as the agent has serialized it; null before the first turn.</summary>
    public JsonElement? State { get; init; }

    /// <summary>The id of the last message that the agent knows; null before the first turn.</summary>
    public string? LastMessage { get; init; }

    /// <summary>The tool calls that wait for approval.</summary>
    public IReadOnlyList<ToolApprovalRequestContent> Requests { get; init; } = [];

    /// <summary>The answers to <see cref="Requests"/>; empty while there are none.</summary>
    public IReadOnlyList<ToolApprovalResponseContent> Responses { get; init; } = [];

    /// <summary>The id of the last message when <see cref="Responses"/> were given. They are for a turn without later messages.</summary>
    public string? AnsweredAfter { get; init; }

    /// <summary>Reads the value of the channel.</summary>
    /// <exception cref="StoredStateException">It is not a value that <see cref="ToJson"/> has made.</exception>
    public static StoredSession Read(JsonElement stored)
    {
        if (stored.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return new StoredSession();
        }

        try
        {
            return new StoredSession
            {
                State = stored.TryGetProperty("state"u8, out var state) ? state : null,
                LastMessage = TextOf(stored, "last_message"u8),
                AnsweredAfter = TextOf(stored, "answered_after"u8),
                Requests = ReadAll<ToolApprovalRequestContent>(stored, "requests"u8),
                Responses = ReadAll<ToolApprovalResponseContent>(stored, "responses"u8),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or InvalidCastException or NotSupportedException)
        {
            throw new StoredStateException($"The stored session of the agent can't be read: {e.Message}", e);
        }
    }

    public JsonElement ToJson() => GraphJson.Parse(GraphJson.Encode(this, static (writer, stored) =>
    {
        writer.WriteStartObject();
        if (stored.State is { } state)
        {
            writer.WritePropertyName("state"u8);
            state.WriteTo(writer);
        }

        if (stored.LastMessage is not null)
        {
            writer.WriteString("last_message"u8, stored.LastMessage);
        }

        if (stored.AnsweredAfter is not null)
        {
            writer.WriteString("answered_after"u8, stored.AnsweredAfter);
        }

        WriteAll(writer, "requests"u8, stored.Requests);
        WriteAll(writer, "responses"u8, stored.Responses);
        writer.WriteEndObject();
    }));

    private static string? TextOf(JsonElement stored, ReadOnlySpan<byte> name) =>
        stored.TryGetProperty(name, out var text) ? text.GetString() : null;

    private static List<T> ReadAll<T>(JsonElement stored, ReadOnlySpan<byte> name)
        where T : AIContent =>
        stored.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(content => (T)content.Deserialize(ContentType)!)] : [];

    private static void WriteAll(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<AIContent> contents)
    {
        if (contents.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var content in contents)
        {
            JsonSerializer.Serialize(writer, content, ContentType);
        }

        writer.WriteEndArray();
    }
}
