using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>
/// Makes the settings of a model from the request for a response. They have the form that chat completions have, so that graphs need
/// to know only one.
/// </summary>
internal static class ResponseSettings
{
    public static ModelSettings Of(ResponseRequest body)
    {
        var text = Object(body.Text, "text");
        return new ModelSettings
        {
            Temperature = body.Temperature,
            TopP = body.TopP,
            MaxCompletionTokens = body.MaxOutputTokens,
            ReasoningEffort = Object(body.Reasoning, "reasoning")?.Text("effort"),
            Verbosity = text?.Text("verbosity"),
            ResponseFormat = text?.Any("format") is { } format ? Nested(format, "json_schema", "text.format") : null,
            Tools = ToolsOf(body.Tools),
            ToolChoice = body.ToolChoice is { ValueKind: JsonValueKind.Object } choice
                ? Nested(choice, "function", "tool_choice")
                : body.ToolChoice,
            ParallelToolCalls = body.ParallelToolCalls,
        };
    }

    private static OpenAiFields? Object(JsonElement? json, string path) =>
        json is { ValueKind: not JsonValueKind.Null } given ? OpenAiFields.Of(given, path) : null;

    private static JsonElement? ToolsOf(JsonElement? tools) => tools is not { ValueKind: JsonValueKind.Array } list
        ? tools
        : GraphJson.Parse(GraphJson.Encode(list, static (writer, list) =>
        {
            writer.WriteStartArray();
            foreach (var tool in OpenAiFields.Items(list, "tools"))
            {
                Nested(tool.Json, "function", tool.Path).WriteTo(writer);
            }

            writer.WriteEndArray();
        }));

    /// <summary>
    /// Returns an object of this type with its other members in a member that has the name of the type. Objects of other types stay
    /// as they are.
    /// </summary>
    private static JsonElement Nested(JsonElement json, string type, string path)
    {
        var fields = OpenAiFields.Of(json, path);
        if (fields.Text("type") != type || json.TryGetProperty(type, out _))
        {
            return json;
        }

        _ = fields.RequiredText("name");
        return GraphJson.Parse(GraphJson.Encode((json, type), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, s.type);
            writer.WriteStartObject(s.type);
            foreach (var member in s.json.EnumerateObject().Where(static member => member.Name != "type"))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }));
    }
}
