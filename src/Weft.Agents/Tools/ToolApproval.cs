using System.Text.Json;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Asks a person whether a tool may be called.</summary>
internal static class ToolApproval
{
    /// <summary>Returns what was decided. An answer that is none is asked again, with what was wrong about it.</summary>
    /// <exception cref="GraphInterruptException">There is no answer yet.</exception>
    public static DecidedCall Ask(NodeContext context, ToolCall call, string description)
    {
        string? problem = null;
        while (true)
        {
            var answer = context.Interrupt(Question(call, description, problem));
            if (Read(answer, call) is { } decided)
            {
                return decided;
            }

            problem = $"""{answer.GetRawText()} is no answer. Say true or false, "approve" or "reject", or an object with a type of "accept", "reject" or "edit", the last one with args.""";
        }
    }

    private static JsonElement Question(ToolCall call, string description, string? problem) =>
        GraphJson.Parse(GraphJson.Encode((call, description, problem), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("action"u8, s.call.Name);
            writer.WritePropertyName("args"u8);
            s.call.Args.WriteTo(writer);
            writer.WriteString("description"u8, s.description);
            if (s.problem is not null)
            {
                writer.WriteString("problem"u8, s.problem);
            }

            writer.WriteEndObject();
        }));

    private static DecidedCall? Read(JsonElement answer, ToolCall call) => answer.ValueKind switch
    {
        JsonValueKind.True => new DecidedCall(call),
        JsonValueKind.False => Refused(call, null),
        JsonValueKind.String => ReadWord(answer.GetString()!, call, reason: null),
        JsonValueKind.Object => ReadObject(answer, call),
        _ => null,
    };

    private static DecidedCall? ReadObject(JsonElement answer, ToolCall call)
    {
        if (!answer.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        if (type.ValueEquals("edit"u8))
        {
            return answer.TryGetProperty("args", out var args) && args.ValueKind == JsonValueKind.Object ? new DecidedCall(call with { Args = args }, IsEdited: true) : null;
        }

        var reason = answer.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString() : null;
        return ReadWord(type.GetString()!, call, reason);
    }

    private static DecidedCall? ReadWord(string word, ToolCall call, string? reason) => word.Trim().ToLowerInvariant() switch
    {
        "yes" or "approve" or "accept" => new DecidedCall(call),
        "no" or "reject" => Refused(call, reason),
        _ => null,
    };

    private static DecidedCall Refused(ToolCall call, string? reason) =>
        new(call, Refusal: $"The user did not approve this call of {call.Name}, so it was not made.{(reason is null ? "" : $" They say: {reason}")}");
}
