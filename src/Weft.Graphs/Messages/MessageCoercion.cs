using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Makes messages from the forms that clients send (docs/protocol/messages.md F2).</summary>
internal static class MessageCoercion
{
    public static string InternType(string type) => type switch
    {
        "human" => "human",
        "ai" => "ai",
        "system" => "system",
        "tool" => "tool",
        "remove" => "remove",
        _ => type,
    };

    /// <summary>Reads a type. No new string is made for the usual ones.</summary>
    public static string ReadType(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("ai"u8) ? "ai"
            : reader.ValueTextEquals("human"u8) ? "human"
            : reader.ValueTextEquals("tool"u8) ? "tool"
            : InternType(reader.GetString()!);

    public static Message Coerce(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => Message.Human(json.GetString()!),
        JsonValueKind.Array when json.GetArrayLength() == 2 && json[0].ValueKind == JsonValueKind.String =>
            FromPair(json[0].GetString()!, json[1]),
        JsonValueKind.Object => FromObject(json),
        _ => throw new MessageCoercionException($"A message is a string, an object or a pair of role and content, not {Describe(json)}."),
    };

    private static Message FromPair(string role, JsonElement content) =>
        Build(
            TypeOf(role),
            GraphJson.ToElement(new Dictionary<string, JsonElement> { ["content"] = content }),
            developer: role == "developer");

    private static Message FromObject(JsonElement json)
    {
        if (json.TryGetProperty("lc", out _) && json.TryGetProperty("kwargs", out var kwargs) && kwargs.ValueKind == JsonValueKind.Object
            && json.TryGetProperty("id", out var path) && path.ValueKind == JsonValueKind.Array && path.GetArrayLength() > 0)
        {
            return Build(TypeOfClass(path[path.GetArrayLength() - 1].ToString()), kwargs, developer: false);
        }

        if (json.TryGetProperty("role", out var role) && role.ValueKind == JsonValueKind.String
            && !(json.TryGetProperty("type", out var chat) && chat.ValueEquals("chat"u8)))
        {
            return Build(TypeOf(role.GetString()!), json, developer: role.ValueEquals("developer"u8));
        }

        return json.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? Build(TypeOf(type.GetString()!), json, developer: false)
            : throw new MessageCoercionException("A message object has a 'role' or a 'type'.");
    }

    private static string TypeOf(string roleOrType)
    {
        var name = roleOrType.EndsWith("MessageChunk", StringComparison.Ordinal)
            ? roleOrType[..^"MessageChunk".Length].ToLowerInvariant()
            : roleOrType;
        return name switch
        {
            "human" or "user" => "human",
            "ai" or "assistant" => "ai",
            "system" or "developer" => "system",
            "tool" => "tool",
            "function" => "function",
            "chat" => "chat",
            "remove" => "remove",
            _ => throw new MessageCoercionException(
                $"'{roleOrType}' is not a role or type of a message; use human, ai, system, tool, function, chat or remove."),
        };
    }

    private static string TypeOfClass(string name)
    {
        var stem = name.EndsWith("MessageChunk", StringComparison.Ordinal) ? name[..^"MessageChunk".Length]
            : name.EndsWith("Message", StringComparison.Ordinal) ? name[..^"Message".Length]
            : name;
        return TypeOf(stem.ToLowerInvariant());
    }

    private static Message Build(string type, JsonElement json, bool developer)
    {
        var id = json.TryGetProperty("id", out var given) && given.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? given.ToString()
            : null;
        if (type == "remove")
        {
            return Message.Remove(id ?? throw new MessageCoercionException("A 'remove' message has the 'id' of the message to remove."));
        }

        if (!json.TryGetProperty("content", out var content))
        {
            throw new MessageCoercionException("A message has 'content'.");
        }

        if (content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Null))
        {
            throw new MessageCoercionException($"The 'content' of a message is a string or a list, not {Describe(content)}.");
        }

        if (type == "tool" && !json.TryGetProperty("tool_call_id", out _))
        {
            throw new MessageCoercionException("A 'tool' message has a 'tool_call_id'.");
        }

        return Message.Encode(
            type,
            id,
            (type, json, content, developer),
            static (writer, s) => WriteBody(writer, s.type, s.json, s.content, s.developer));
    }

    private static void WriteBody(Utf8JsonWriter writer, string type, JsonElement json, JsonElement content, bool developer)
    {
        writer.WritePropertyName("content"u8);
        if (content.ValueKind == JsonValueKind.Null)
        {
            writer.WriteStringValue(""u8);
        }
        else
        {
            content.WriteTo(writer);
        }

        WriteAdditional(writer, json, developer);
        if (!Copy(writer, json, "response_metadata"))
        {
            writer.WriteStartObject("response_metadata"u8);
            writer.WriteEndObject();
        }

        Copy(writer, json, "name");
        Copy(writer, json, "usage_metadata");
        Copy(writer, json, "example");
        Copy(writer, json, "tool_call_id");
        Copy(writer, json, "status");
        Copy(writer, json, "artifact");
        if (type == "chat")
        {
            Copy(writer, json, "role");
        }

        if (type == "ai")
        {
            WriteToolCalls(writer, json);
            if (!Copy(writer, json, "invalid_tool_calls"))
            {
                writer.WriteStartArray("invalid_tool_calls"u8);
                writer.WriteEndArray();
            }
        }
    }

    /// <summary>
    /// Members that a message does not have become members of <c>additional_kwargs</c>, so that they are not lost.
    /// </summary>
    private static void WriteAdditional(Utf8JsonWriter writer, JsonElement json, bool developer)
    {
        writer.WriteStartObject("additional_kwargs"u8);
        var explicitOnes = json.TryGetProperty("additional_kwargs", out var given) && given.ValueKind == JsonValueKind.Object
            ? given
            : GraphJson.EmptyObject;
        foreach (var member in explicitOnes.EnumerateObject())
        {
            member.WriteTo(writer);
        }

        foreach (var member in json.EnumerateObject())
        {
            if (!IsKnown(member.Name) && !explicitOnes.TryGetProperty(member.Name, out _))
            {
                member.WriteTo(writer);
            }
        }

        if (developer)
        {
            writer.WriteString("__openai_role__"u8, "developer"u8);
        }

        writer.WriteEndObject();
    }

    private static bool IsKnown(string member) => member is
        "type" or "role" or "content" or "id" or "name" or "additional_kwargs" or "response_metadata"
        or "tool_calls" or "invalid_tool_calls" or "tool_call_chunks" or "chunk_position" or "usage_metadata" or "example"
        or "tool_call_id" or "status" or "artifact" or "lc_kwargs" or "lc_namespace" or "lc_serializable";

    private static void WriteToolCalls(Utf8JsonWriter writer, JsonElement json)
    {
        var calls = json.TryGetProperty("tool_calls", out var own) && own.ValueKind == JsonValueKind.Array && own.GetArrayLength() > 0 ? own
            : json.TryGetProperty("additional_kwargs", out var extra) && extra.ValueKind == JsonValueKind.Object
                && extra.TryGetProperty("tool_calls", out var openAi) && openAi.ValueKind == JsonValueKind.Array ? openAi
            : default;
        writer.WriteStartArray("tool_calls"u8);
        if (calls.ValueKind == JsonValueKind.Array)
        {
            foreach (var call in calls.EnumerateArray())
            {
                WriteToolCall(writer, call);
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteToolCall(Utf8JsonWriter writer, JsonElement call)
    {
        if (call.ValueKind != JsonValueKind.Object)
        {
            throw new MessageCoercionException($"A tool call is an object, not {Describe(call)}.");
        }

        if (!call.TryGetProperty("function", out var function) || function.ValueKind != JsonValueKind.Object)
        {
            call.WriteTo(writer);
            return;
        }

        var name = function.TryGetProperty("name", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString()!
            : throw new MessageCoercionException("The 'function' of a tool call has a 'name'.");
        var id = call.TryGetProperty("id", out var callId) && callId.ValueKind == JsonValueKind.String ? callId.GetString() : null;
        new ToolCall(name, ParseArguments(function), id).WriteTo(writer);
    }

    private static JsonElement ParseArguments(JsonElement function)
    {
        if (!function.TryGetProperty("arguments", out var arguments))
        {
            return GraphJson.EmptyObject;
        }

        try
        {
            return arguments.ValueKind == JsonValueKind.String ? JsonElement.Parse(arguments.GetString()!) : arguments;
        }
        catch (JsonException)
        {
            throw new MessageCoercionException("The 'arguments' of a tool call's function are not JSON.");
        }
    }

    private static bool Copy(Utf8JsonWriter writer, JsonElement json, string member)
    {
        if (!json.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        writer.WritePropertyName(member);
        value.WriteTo(writer);
        return true;
    }

    private static string Describe(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Number => "a number",
        JsonValueKind.String => "a string",
        JsonValueKind.Array => "a list",
        _ => "an object",
    };
}
