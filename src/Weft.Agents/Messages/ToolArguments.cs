using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Converts tool calls and their arguments between JSON and dictionaries.</summary>
internal static class ToolArguments
{
    public static Dictionary<string, object?> Read(JsonElement args)
    {
        var arguments = new Dictionary<string, object?>();
        if (args.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in args.EnumerateObject())
            {
                arguments[member.Name] = member.Value;
            }
        }

        return arguments;
    }

    /// <summary>
    /// Writes <c>tool_calls</c>, and as <c>invalid_tool_calls</c> those whose arguments could not be read.
    /// </summary>
    public static void WriteCalls(Utf8JsonWriter writer, IReadOnlyList<FunctionCallContent> calls, bool evenIfEmpty = false)
    {
        WriteList(writer, "tool_calls"u8, [.. calls.Where(call => call.Exception is null)], evenIfEmpty, WriteCall);
        WriteList(writer, "invalid_tool_calls"u8, [.. calls.Where(call => call.Exception is not null)], evenIfEmpty, WriteInvalid);
    }

    public static void Write(Utf8JsonWriter writer, IDictionary<string, object?>? arguments)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in arguments ?? new Dictionary<string, object?>())
        {
            writer.WritePropertyName(name);
            WriteValue(writer, value);
        }

        writer.WriteEndObject();
    }

    /// <summary>Returns the arguments as the text of a JSON object.</summary>
    public static string ToText(IDictionary<string, object?>? arguments) => Encoding.UTF8.GetString(GraphJson.Encode(arguments, Write));

    public static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonElement json:
                json.WriteTo(writer);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            default:
                JsonSerializer.Serialize(writer, value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType()));
                break;
        }
    }

    /// <summary>Whether the value is already JSON, or of a type that is simple to write.</summary>
    public static bool IsPlain(object? value) => value is null or JsonElement or string or bool or int or long or double or decimal;

    private static void WriteList(
        Utf8JsonWriter writer,
        ReadOnlySpan<byte> name,
        IReadOnlyList<FunctionCallContent> calls,
        bool evenIfEmpty,
        Action<Utf8JsonWriter, FunctionCallContent> write)
    {
        if (calls.Count == 0 && !evenIfEmpty)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var call in calls)
        {
            write(writer, call);
        }

        writer.WriteEndArray();
    }

    private static void WriteCall(Utf8JsonWriter writer, FunctionCallContent call)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, call.Name);
        writer.WritePropertyName("args"u8);
        Write(writer, call.Arguments);
        writer.WriteString("id"u8, call.CallId);
        writer.WriteString("type"u8, "tool_call"u8);
        writer.WriteEndObject();
    }

    private static void WriteInvalid(Utf8JsonWriter writer, FunctionCallContent call)
    {
        if (call.RawRepresentation is JsonElement json)
        {
            // It was read from a message, which may have the text of the arguments.
            json.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("name"u8, call.Name);
        writer.WriteNull("args"u8);
        writer.WriteString("id"u8, call.CallId);
        writer.WriteString("error"u8, call.Exception!.Message);
        writer.WriteString("type"u8, "invalid_tool_call"u8);
        writer.WriteEndObject();
    }
}
