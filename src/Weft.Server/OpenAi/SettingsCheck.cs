using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Checks the settings of a model that have more than one form, so that graphs can rely on what docs/protocol/openai.md 3 says.
/// </summary>
internal static class SettingsCheck
{
    /// <exception cref="WeftException">A setting is wrong.</exception>
    public static void Check(ModelSettings settings)
    {
        CheckStop(settings.Stop);
        CheckTools(settings.Tools);
        if (Given(settings.ToolChoice) is { } choice)
        {
            CheckChoice(choice);
        }

        if (Given(settings.ResponseFormat) is { } format)
        {
            _ = OpenAiFields.Of(format, "response_format").RequiredText("type");
        }
    }

    private static void CheckStop(JsonElement? stop)
    {
        var isStop = Given(stop) switch
        {
            null or { ValueKind: JsonValueKind.String } => true,
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().All(static text => text.ValueKind == JsonValueKind.String),
            _ => false,
        };
        if (!isStop)
        {
            throw Requests.Invalid("stop", "It must be a string or a list of strings.");
        }
    }

    private static void CheckTools(JsonElement? tools)
    {
        if (Given(tools) is not { } list)
        {
            return;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Requests.Invalid("tools", "It must be a list.");
        }

        foreach (var tool in OpenAiFields.Items(list, "tools"))
        {
            if (tool.RequiredText("type") == "function")
            {
                _ = tool.RequiredObject("function").RequiredText("name");
            }
        }
    }

    private static void CheckChoice(JsonElement choice)
    {
        if (choice.ValueKind == JsonValueKind.Object)
        {
            var fields = new OpenAiFields(choice, "tool_choice");
            if (fields.RequiredText("type") == "function")
            {
                _ = fields.RequiredObject("function").RequiredText("name");
            }
        }
        else if (choice.ValueKind != JsonValueKind.String || choice.GetString() is not ("none" or "auto" or "required"))
        {
            throw Requests.Invalid("tool_choice", "It must be none, auto, required or an object.");
        }
    }

    private static JsonElement? Given(JsonElement? setting) => setting is { ValueKind: not JsonValueKind.Null } ? setting : null;
}
