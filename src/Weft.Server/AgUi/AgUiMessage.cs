using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>A message of a client, checked (docs/protocol/agui.md 4).</summary>
/// <param name="Id">Its id.</param>
/// <param name="Role">Its role.</param>
/// <param name="ToolCallId">The call that a tool message answers; null for other messages.</param>
/// <param name="Json">The message.</param>
internal sealed record AgUiMessage(string Id, string Role, string? ToolCallId, JsonElement Json)
{
    private static readonly string[] Roles = ["developer", "system", "assistant", "user", "tool", "activity", "reasoning"];

    /// <summary>Returns the messages that graphs get. Instructions at the start, reasoning and activities belong to the client.</summary>
    public static List<AgUiMessage> ReadAll(IReadOnlyList<JsonElement> messages)
    {
        var read = messages.Select((message, index) => Read(message, $"messages[{index}]")).ToList();
        return
        [
            .. read.Where((message, index) =>
                message.Role is "user" or "assistant" or "tool" || (message.Role == "system" && index > 0)),
        ];
    }

    /// <summary>Writes the message in a form of docs/protocol/messages.md F2.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, Role);
        writer.WriteString("id"u8, Id);
        writer.WritePropertyName("content"u8);
        AgUiContent.Write(writer, AgUiFields.Find(Json, "content"));
        if (Json.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
        {
            writer.WriteString("name"u8, name.GetString());
        }

        if (Role == "assistant")
        {
            WriteCalls(writer);
        }
        else if (ToolCallId is not null)
        {
            writer.WriteString("tool_call_id"u8, ToolCallId);
            writer.WriteString("status"u8, AgUiFields.Find(Json, "error") is null ? "success"u8 : "error"u8);
        }

        writer.WriteEndObject();
    }

    private static AgUiMessage Read(JsonElement json, string place)
    {
        AgUiFields.EnsureObject(json, place);
        var id = AgUiFields.RequiredText(json, "id", place);
        var role = AgUiFields.RequiredText(json, "role", place);
        if (!Roles.Contains(role))
        {
            throw AgUiFields.Wrong(place, "role", $"one of {string.Join(", ", Roles)}, not '{role}'");
        }

        if (role is "user" or "tool" or "system")
        {
            AgUiContent.Check(json, place, mayHaveParts: role != "system");
        }
        else if (role == "assistant")
        {
            _ = AgUiFields.Text(json, "content", place);
            CheckCalls(json, place);
        }

        return new AgUiMessage(id, role, role == "tool" ? AgUiFields.RequiredText(json, "toolCallId", place) : null, json);
    }

    private static void CheckCalls(JsonElement json, string place)
    {
        foreach (var (call, index) in AgUiFields.Items(json, "toolCalls", place).Select((call, index) => (call, index)))
        {
            var ofCall = $"{place}.toolCalls[{index}]";
            AgUiFields.EnsureObject(call, ofCall);
            _ = AgUiFields.RequiredText(call, "id", ofCall);
            var function = AgUiFields.Object(call, "function", ofCall) ?? throw Requests.Invalid(ofCall + ".function", "Field required");
            _ = AgUiFields.RequiredText(function, "name", ofCall + ".function");
            _ = AgUiFields.Text(function, "arguments", ofCall + ".function");
        }
    }

    /// <summary>Writes the calls whose arguments are whole. A client that stopped a run may have the beginning of others.</summary>
    private void WriteCalls(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("tool_calls"u8);
        foreach (var call in AgUiFields.Items(Json, "toolCalls", ""))
        {
            var function = call.GetProperty("function");
            if (ReadArguments(AgUiFields.Text(function, "arguments", "")) is { } arguments)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, function.GetProperty("name").GetString());
                writer.WritePropertyName("args"u8);
                arguments.WriteTo(writer);
                writer.WriteString("id"u8, call.GetProperty("id").GetString());
                writer.WriteString("type"u8, "tool_call"u8);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    private static JsonElement? ReadArguments(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return GraphJson.EmptyObject;
        }

        return EmbeddedJson.TryParse(text) is { ValueKind: JsonValueKind.Object } arguments ? arguments : null;
    }
}
