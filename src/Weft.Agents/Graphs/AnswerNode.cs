using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// The node that makes a value of the last answer. If the answer does not have the form, the model is asked once more, and
/// must not call tools; the conversation does not show that.
/// </summary>
internal sealed class AnswerNode(ModelCall model, AgentAnswer answer, MessagesChannel messages)
{
    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
    {
        if (answer.TryRead(context.Get(messages)[^1].Text, out var problem) is { } update)
        {
            return update;
        }

        var again = await model.AskAsync(
            context,
            Message.Human($"Give your last answer again, as JSON of the required form and nothing else. It could not be read: {problem}"),
            cancellationToken);
        return answer.TryRead(again.Text, out problem)
            ?? throw new AnswerFormatException($"The answer of the model does not have the required form. {problem}");
    }
}
