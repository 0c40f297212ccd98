using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>The questions of a graph as contents of messages, and the answers to them.</summary>
internal static class GraphQuestions
{
    /// <summary>Returns the input of a run: the answers in the messages, and the rest of the messages.</summary>
    public static GraphInput InputOf(IReadOnlyList<ChatMessage> messages, IReadOnlyList<Interrupt> questions, MessagesChannel channel)
    {
        var contents = messages.SelectMany(message => message.Contents).ToList();
        var answers = questions
            .Select(question => (question.Id, Answer: AnswerOf(question, contents)))
            .Where(one => one.Answer is not null)
            .ToDictionary(one => one.Id, one => one.Answer!.Value);
        var rest = answers.Count == 0
            ? messages
            : [.. messages.Select(WithoutAnswers).Where(message => message.Contents.Count > 0)];
        var update = new StateUpdate().Add(channel, [.. rest.SelectMany(message => message.ToMessages())]);
        if (answers.Count == 0)
        {
            return messages.Count == 0 ? GraphInput.Continue : update;
        }

        return new Command
        {
            Resume = GraphJson.Parse(GraphJson.Encode(answers, static (writer, answers) =>
            {
                writer.WriteStartObject();
                foreach (var (id, answer) in answers)
                {
                    writer.WritePropertyName(id);
                    answer.WriteTo(writer);
                }

                writer.WriteEndObject();
            })),
            Update = rest.Count > 0 ? update : null,
        };

        ChatMessage WithoutAnswers(ChatMessage message)
        {
            var copy = message.Clone();
            copy.Contents = [.. message.Contents.Where(content => content is not (ToolApprovalResponseContent or FunctionResultContent))];
            return copy;
        }
    }

    /// <summary>Returns a question as contents.</summary>
    /// <param name="question">The question.</param>
    /// <param name="calls">The tool calls that have no result. Those that are asked about are removed.</param>
    public static IEnumerable<AIContent> ContentsOf(Interrupt question, List<FunctionCallContent> calls)
    {
        if (RequestsOf(question) is not { } requests)
        {
            yield return new FunctionCallContent(
                question.Id, GraphAgent.QuestionName, new Dictionary<string, object?> { ["question"] = question.Value });
            yield break;
        }

        for (var i = 0; i < requests.Count; i++)
        {
            var (name, args) = requests[i];
            var text = args.GetRawText();
            var asked = calls.Find(call => call.Name == name && ToolArguments.ToText(call.Arguments) == text)
                ?? calls.Find(call => call.Name == name)
                ?? new FunctionCallContent(RequestId(question, i), name, ToolArguments.Read(args));
            calls.Remove(asked);
            yield return new ToolApprovalRequestContent(RequestId(question, i), asked);
        }
    }

    private static JsonElement? AnswerOf(Interrupt question, List<AIContent> contents)
    {
        if (RequestsOf(question) is not { } requests)
        {
            return contents.OfType<FunctionResultContent>().FirstOrDefault(result => result.CallId == question.Id) is { } answer
                ? GraphJson.Parse(GraphJson.Encode(answer.Result, ToolArguments.WriteValue))
                : null;
        }

        var responses = requests
            .Select((_, i) => contents.OfType<ToolApprovalResponseContent>().FirstOrDefault(one => one.RequestId == RequestId(question, i)))
            .ToList();
        return responses.TrueForAll(response => response is null)
            ? null
            : GraphJson.Parse(GraphJson.Encode(responses, static (writer, responses) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("decisions"u8);
            foreach (var response in responses)
            {
                writer.WriteStartObject();
                writer.WriteString("type"u8, response is { Approved: true } ? "approve"u8 : "reject"u8);
                if (response?.Reason is { } reason)
                {
                    writer.WriteString("message"u8, reason);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }));
    }

    /// <summary>Returns the tool calls that a question asks to approve; null if it is another question.</summary>
    private static List<(string Name, JsonElement Args)>? RequestsOf(Interrupt question) =>
        question.Value.ValueKind == JsonValueKind.Object
        && question.Value.TryGetProperty("action_requests"u8, out var requests) && requests.ValueKind == JsonValueKind.Array
            ? [.. requests.EnumerateArray().Select(request => (
                JsonText.Of(request, "name") ?? "",
                request.ValueKind == JsonValueKind.Object && request.TryGetProperty("args"u8, out var args) ? args : GraphJson.EmptyObject))]
            : null;

    private static string RequestId(Interrupt question, int index) => $"{question.Id}:{index}";
}
