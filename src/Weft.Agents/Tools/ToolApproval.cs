using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// The node that asks a person whether the tools may be called. It asks once for all calls of a message that need
/// approval.
/// </summary>
/// <param name="functions">The tools.</param>
/// <param name="messages">The channel of the conversation.</param>
/// <param name="allowsEdits">Whether a person may change arguments.</param>
internal sealed class ToolApproval(ToolFunctions functions, MessagesChannel messages, bool allowsEdits = true)
{
    /// <summary>Returns the calls that the agent makes itself. Default: all.</summary>
    public Func<NodeContext, IReadOnlyList<DecidedCall>, IReadOnlyList<DecidedCall>> OwnOf { get; init; } = static (_, calls) => calls;

    public NodeResult Run(NodeContext context)
    {
        var message = context.Get(messages)[^1];
        var calls = DecidedCall.Of(message);
        var decisions = new Queue<DecidedCall>(Ask(context, [.. calls.Where(functions.NeedsApproval).Select(call => call.Call)]));
        var decided = calls.Select(call => functions.NeedsApproval(call) ? decisions.Dequeue() : call).ToList();
        return new Command
        {
            Update = decided.Exists(call => call.IsEdited) ? new StateUpdate().Add(messages, WithCalls(message, decided)) : null,
            Goto = DecidedCall.ToSends(AgentGraph.ToolsNode, OwnOf(context, decided)),
        };
    }

    /// <summary>
    /// Returns the decision about each of the calls. If the answer is invalid, the question is asked again with the
    /// reason.
    /// </summary>
    /// <exception cref="GraphInterruptException">There is no answer yet.</exception>
    public IReadOnlyList<DecidedCall> Ask(NodeContext context, IReadOnlyList<ToolCall> calls)
    {
        if (calls.Count == 0)
        {
            return [];
        }

        var reader = new DecisionReader(functions, calls, allowsEdits);
        string? problem = null;
        while (true)
        {
            var answer = context.Interrupt(Question(calls, problem));
            try
            {
                return reader.Read(answer);
            }
            catch (FormatException wrong)
            {
                problem = wrong.Message;
            }
        }
    }

    /// <summary>
    /// Returns the message with the calls as a person changed them, so that the conversation shows the calls that are
    /// made.
    /// </summary>
    public static Message WithCalls(Message message, IEnumerable<DecidedCall> decided)
    {
        var chat = message.ToChatMessage();
        chat.Contents =
        [
            .. chat.Contents.Where(content => content is not FunctionCallContent),
            .. decided.Select(one => new FunctionCallContent(one.Call.Id ?? "", one.Call.Name, ToolArguments.Read(one.Call.Args))),
        ];
        return chat.ToMessages()[0];
    }

    private JsonElement Question(IReadOnlyList<ToolCall> calls, string? problem) =>
        GraphJson.Parse(GraphJson.Encode((this, calls, problem), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("action_requests"u8);
            foreach (var call in s.calls)
            {
                s.Item1.WriteRequest(writer, call);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("review_configs"u8);
            foreach (var call in s.calls)
            {
                s.Item1.WriteReview(writer, call);
            }

            writer.WriteEndArray();
            if (s.problem is not null)
            {
                writer.WriteString("problem"u8, s.problem);
            }

            writer.WriteEndObject();
        }));

    private void WriteRequest(Utf8JsonWriter writer, ToolCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, call.Name);
        writer.WritePropertyName("args"u8);
        call.Args.WriteTo(writer);
        writer.WriteString("description"u8, functions.Find(call.Name)?.Description ?? "");
        writer.WriteEndObject();
    }

    private void WriteReview(Utf8JsonWriter writer, ToolCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("action_name"u8, call.Name);
        writer.WriteStartArray("allowed_decisions"u8);
        writer.WriteStringValue("approve"u8);
        if (allowsEdits)
        {
            writer.WriteStringValue("edit"u8);
        }

        writer.WriteStringValue("reject"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
