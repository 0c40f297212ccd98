using System.Text.Json;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Reads the answer of a person to a request to approve tool calls, in each of the shapes that front ends send.
/// </summary>
/// <param name="functions">The tools.</param>
/// <param name="calls">The calls that were asked about.</param>
/// <param name="allowsEdits">Whether a person may change arguments.</param>
internal sealed class DecisionReader(ToolFunctions functions, IReadOnlyList<ToolCall> calls, bool allowsEdits = true)
{
    /// <summary>Returns the decision about each call, in order.</summary>
    /// <exception cref="FormatException">It is not an answer; the message says why.</exception>
    public IReadOnlyList<DecidedCall> Read(JsonElement answer)
    {
        if (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("decisions", out var decisions))
        {
            return decisions.ValueKind == JsonValueKind.Array
                ? ReadList(decisions)
                : throw new FormatException("decisions must be a list.");
        }

        if (answer.ValueKind == JsonValueKind.Array)
        {
            // A list without an object around it, as Agent Inbox sends it.
            return ReadList(answer);
        }

        if (calls.Count > 1 && JsonText.Of(answer, "type") == "edit")
        {
            throw new FormatException($"{calls.Count} calls are asked about: an edit must be one of {calls.Count} decisions.");
        }

        return [.. calls.Select(call => ReadOne(answer, call, ""))];
    }

    private List<DecidedCall> ReadList(JsonElement decisions) =>
        decisions.GetArrayLength() == calls.Count
            ? [.. decisions.EnumerateArray().Select((decision, index) => ReadOne(decision, calls[index], $"decisions[{index}]: "))]
            : throw new FormatException(
                $"decisions must have {calls.Count} items, one for each of action_requests in the same order "
                    + $"(had {decisions.GetArrayLength()}).");

    private DecidedCall ReadOne(JsonElement decision, ToolCall call, string where) => decision.ValueKind switch
    {
        JsonValueKind.True => new DecidedCall(call),
        JsonValueKind.False => Refused(call, null),
        JsonValueKind.String => ReadWord(decision.GetString()!, call, null),
        // The AG-UI adapter sends this for a question that the user has dismissed.
        JsonValueKind.Object when decision.TryGetProperty("__agui_cancelled__", out _) => Refused(call, null),
        JsonValueKind.Object when JsonText.Of(decision, "type") is { } type => type switch
        {
            "edit" => ReadEdit(decision, call, where),
            "respond" => new DecidedCall(call, Reply: JsonText.Of(decision, "message")
                ?? throw new FormatException(where + """a reply needs a text: {"type":"respond","message":…}.""")),
            _ => ReadWord(type, call, JsonText.Of(decision, "message") ?? JsonText.Of(decision, "args")),
        },
        _ => null,
    } ?? throw new FormatException(
        $"""{where}{decision.GetRawText()} is not an answer. Say true or false, "approve" or "reject", """
            + """or an object with a type of "approve", "reject", "respond" (with message) or "edit" (with edited_action).""");

    private static DecidedCall? ReadWord(string word, ToolCall call, string? reason) => word.Trim().ToLowerInvariant() switch
    {
        "yes" or "approve" or "accept" => new DecidedCall(call),
        "no" or "reject" or "ignore" or "response" => Refused(call, reason),
        _ => null,
    };

    /// <summary>
    /// Reads <c>edited_action</c> (<c>editedAction</c> in pages made for the JavaScript server), or else <c>args</c>. Those are
    /// the arguments, or in Agent Inbox the action and its arguments.
    /// </summary>
    private DecidedCall ReadEdit(JsonElement decision, ToolCall call, string where)
    {
        if (!allowsEdits)
        {
            throw new FormatException($"{where}the arguments of {call.Name} can't be changed. Approve or reject the call.");
        }

        var name = call.Name;
        if (decision.TryGetProperty("edited_action", out var action) || decision.TryGetProperty("editedAction", out action))
        {
            name = JsonText.Of(action, "name") ?? name;
        }
        else if (decision.TryGetProperty("args", out var given) && IsAction(given))
        {
            action = given;
            name = JsonText.Of(action, "action")!;
        }
        else
        {
            action = decision;
        }

        if (action.ValueKind != JsonValueKind.Object
            || !action.TryGetProperty("args", out var args)
            || args.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException(where + """an edit needs the arguments: {"type":"edit","edited_action":{"name":…,"args":{…}}}.""");
        }

        var function = functions.Find(name) ?? throw new FormatException($"{where}{name} is not a tool; there are {functions.Names}.");
        return ToolSchema.FindProblem(function.JsonSchema, args, "args") is { } problem
            ? throw new FormatException($"{where}{problem}.")
            : new DecidedCall(call with { Name = name, Args = args }, IsEdited: true);
    }

    private bool IsAction(JsonElement args) =>
        args.ValueKind == JsonValueKind.Object
        && args.GetPropertyCount() == 2
        && JsonText.Of(args, "action") is { } name && functions.Find(name) is not null
        && args.TryGetProperty("args", out var inner) && inner.ValueKind == JsonValueKind.Object;

    private static DecidedCall Refused(ToolCall call, string? reason) =>
        new(
            call,
            Refusal: $"The user did not approve this call of {call.Name}, so it was not made."
                + (string.IsNullOrEmpty(reason) ? "" : $" They say: {reason}"))
        {
            Reason = reason,
        };
}
