using System.Text.Json;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>A tool call that may run, was refused, or was answered by a person.</summary>
/// <param name="Call">The call, with the arguments that a person may have changed.</param>
/// <param name="IsEdited">Whether the arguments were changed.</param>
/// <param name="Refusal">Why it must not run; null if it may run.</param>
/// <param name="Reply">The result that a person gave in place of the tool; null if there is none.</param>
internal sealed record DecidedCall(ToolCall Call, bool IsEdited = false, string? Refusal = null, string? Reply = null)
{
    private const string RefusalMember = "refusal";
    private const string ReplyMember = "reply";

    /// <summary>What the person who refused it says; null if nothing.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Returns the calls of a message of the model. Those whose arguments were not JSON are refused.
    /// </summary>
    public static IReadOnlyList<DecidedCall> Of(Message message) =>
    [
        .. message.ToolCalls.Select(call => new DecidedCall(call)),
        .. MessageCalls.InvalidOf(message).Select(invalid => new DecidedCall(
            invalid.Call, Refusal: $"Error: the call was not made, because its arguments must be a JSON object. {invalid.Error}")),
    ];

    /// <summary>
    /// Returns a task for each call. Calls that are not made are tasks too, so that the results come in the order of the calls.
    /// </summary>
    public static IReadOnlyList<Destination> ToSends(string node, IEnumerable<DecidedCall> calls) =>
        [.. calls.Select(call => (Destination)new Send(node, GraphJson.Parse(GraphJson.Encode(call, Write))))];

    /// <summary>
    /// Reads the input of a task: one call, or a list of them in threads that earlier versions stored. Clients can send to the node too,
    /// so members may be missing.
    /// </summary>
    public static IReadOnlyList<DecidedCall> FromInput(JsonElement input) =>
        input.ValueKind == JsonValueKind.Array ? [.. input.EnumerateArray().Select(Read)] : [Read(input)];

    private static void Write(Utf8JsonWriter writer, DecidedCall decided)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, decided.Call.Name);
        writer.WritePropertyName("args"u8);
        decided.Call.Args.WriteTo(writer);
        writer.WriteString("id"u8, decided.Call.Id);
        writer.WriteString("type"u8, "tool_call"u8);
        if (decided.Refusal is not null)
        {
            writer.WriteString(RefusalMember, decided.Refusal);
        }

        if (decided.Reply is not null)
        {
            writer.WriteString(ReplyMember, decided.Reply);
        }

        writer.WriteEndObject();
    }

    private static DecidedCall Read(JsonElement input) =>
        new(
            new ToolCall(
                JsonText.Of(input, "name") ?? "",
                input.ValueKind == JsonValueKind.Object && input.TryGetProperty("args", out var args) ? args : GraphJson.EmptyObject,
                JsonText.Of(input, "id")),
            Refusal: JsonText.Of(input, RefusalMember),
            Reply: JsonText.Of(input, ReplyMember));
}
