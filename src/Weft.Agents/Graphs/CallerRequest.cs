using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Adds to the options of a model what the caller of the run asks for. It applies to the agent that answers the caller, and not to agents
/// inside it. What the options have already stays, and so do the agent's own tools. A value of a wrong type is ignored, because other
/// graphs may use a member of the same name for something else.
/// </summary>
/// <param name="own">The options of the agent, with its tools; null means none.</param>
/// <param name="may">What the caller may ask for.</param>
/// <param name="leads">Whether the agent answers the caller from directly inside the graph of its team.</param>
internal sealed class CallerRequest(ChatOptions? own, CallerSettings may, bool leads)
{
    private static readonly JsonElement AnyArguments = GraphJson.Parse("""{"type":"object","properties":{}}"""u8);

    private readonly HashSet<string> _ownTools = [.. own?.Tools?.Select(static tool => tool.Name) ?? []];

    /// <summary>Returns the options of a call of the model.</summary>
    /// <param name="context">The node.</param>
    /// <param name="answersUser">
    /// Whether the call answers a message of the user. If not, a tool was called for it already, and need not be again.
    /// </param>
    public ChatOptions? OptionsFor(NodeContext context, bool answersUser)
    {
        var given = Given(context);
        if (given.IsEmpty)
        {
            return own;
        }

        var options = own?.Clone() ?? new ChatOptions();
        if (may.HasFlag(CallerSettings.Sampling))
        {
            AddSampling(options, given);
        }

        if (may.HasFlag(CallerSettings.Format))
        {
            options.ResponseFormat ??= FormatOf(given["response_format"]);
        }

        if (may.HasFlag(CallerSettings.Tools))
        {
            AddTools(options, given, answersUser);
        }

        return options;
    }

    /// <summary>Whether a call is one of a tool that the caller runs.</summary>
    public bool Runs(NodeContext context, ToolCall call) =>
        HasTools(context, out var tools) && !_ownTools.Contains(call.Name)
        && FunctionsOf(tools).Any(function => JsonText.Of(function, "name") == call.Name);

    /// <summary>Whether the last message of the model has calls of tools that the caller runs.</summary>
    public bool RunsAnyOf(NodeContext context, MessagesChannel messages)
    {
        if (!HasTools(context, out _))
        {
            return false;
        }

        var conversation = context.Get(messages);
        var last = conversation.Count - 1;
        while (last >= 0 && conversation[last].Type != "ai")
        {
            last--;
        }

        return last >= 0 && conversation[last].ToolCalls.Any(call => Runs(context, call));
    }

    private bool HasTools(NodeContext context, out JsonElement? tools)
    {
        tools = may.HasFlag(CallerSettings.Tools) ? Given(context)["tools"] : null;
        return tools is not null;
    }

    private CallerMembers Given(NodeContext context) =>
        may == CallerSettings.None || context.Depth > (leads ? 1 : 0) ? default : CallerMembers.Of(context.Configurable);

    private static void AddSampling(ChatOptions options, CallerMembers given)
    {
        options.Temperature ??= given.Single("temperature");
        options.TopP ??= given.Single("top_p");
        options.MaxOutputTokens ??= given.Count("max_completion_tokens") ?? given.Count("max_tokens");
        options.StopSequences ??= StopOf(given["stop"]);
        options.Seed ??= given["seed"] is { ValueKind: JsonValueKind.Number } seed && seed.TryGetInt64(out var number) ? number : null;
        options.PresencePenalty ??= given.Single("presence_penalty");
        options.FrequencyPenalty ??= given.Single("frequency_penalty");
        options.Reasoning ??= given.Text("reasoning_effort") switch
        {
            "none" => new ReasoningOptions { Effort = ReasoningEffort.None },
            "minimal" or "low" => new ReasoningOptions { Effort = ReasoningEffort.Low },
            "medium" => new ReasoningOptions { Effort = ReasoningEffort.Medium },
            "high" => new ReasoningOptions { Effort = ReasoningEffort.High },
            "xhigh" => new ReasoningOptions { Effort = ReasoningEffort.ExtraHigh },
            _ => null,
        };
    }

    private static List<string>? StopOf(JsonElement? stop) => stop switch
    {
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(static text => text.ValueKind == JsonValueKind.String) =>
            [.. list.EnumerateArray().Select(static text => text.GetString()!)],
        _ => null,
    };

    private static ChatResponseFormat? FormatOf(JsonElement? format)
    {
        if (format is not { ValueKind: JsonValueKind.Object } given)
        {
            return null;
        }

        var schema = JsonText.Member(given, "json_schema");
        return JsonText.Of(given, "type") switch
        {
            "text" => ChatResponseFormat.Text,
            "json_object" => ChatResponseFormat.Json,
            "json_schema" when JsonText.Member(schema, "schema") is { ValueKind: JsonValueKind.Object } form =>
                ChatResponseFormat.ForJsonSchema(form, JsonText.Of(schema, "name"), JsonText.Of(schema, "description")),
            "json_schema" => ChatResponseFormat.Json,
            _ => null,
        };
    }

    private void AddTools(ChatOptions options, CallerMembers given, bool answersUser)
    {
        var names = new HashSet<string>(_ownTools);
        foreach (var function in FunctionsOf(given["tools"]))
        {
            if (JsonText.Of(function, "name") is { Length: > 0 } name && names.Add(name))
            {
                var schema = JsonText.Member(function, "parameters") is { ValueKind: JsonValueKind.Object } parameters
                    ? parameters
                    : AnyArguments;
                (options.Tools ??= []).Add(AIFunctionFactory.CreateDeclaration(name, JsonText.Of(function, "description"), schema));
            }
        }

        // Providers refuse these without tools.
        if (options.Tools is { Count: > 0 })
        {
            options.ToolMode ??= ModeOf(given["tool_choice"], names, answersUser);
            options.AllowMultipleToolCalls ??= given["parallel_tool_calls"] switch
            {
                { ValueKind: JsonValueKind.True } => true,
                { ValueKind: JsonValueKind.False } => false,
                _ => null,
            };
        }
    }

    private static ChatToolMode? ModeOf(JsonElement? choice, HashSet<string> names, bool answersUser) => choice switch
    {
        { ValueKind: JsonValueKind.String } text when text.ValueEquals("none"u8) => ChatToolMode.None,
        { ValueKind: JsonValueKind.String } text when text.ValueEquals("required"u8) && answersUser => ChatToolMode.RequireAny,
        { ValueKind: JsonValueKind.Object } one when JsonText.Of(JsonText.Member(one, "function"), "name") is { } name
            && names.Contains(name) && answersUser => ChatToolMode.RequireSpecific(name),
        _ => null,
    };

    /// <summary>The functions among tools in the form of chat completions.</summary>
    private static IEnumerable<JsonElement> FunctionsOf(JsonElement? tools) => tools is { ValueKind: JsonValueKind.Array } list
        ? list.EnumerateArray().Select(static tool => JsonText.Member(tool, "function"))
            .Where(static function => function.ValueKind == JsonValueKind.Object)
        : [];
}
