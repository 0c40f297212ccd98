using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Samples;

/// <summary>A member that is a graph of its own: it drafts a text, and then polishes it.</summary>
internal static class Writer
{
    public static CompiledGraph Create(IChatClient model) => Letter.CreateGraph()
        .AddNode("draft", async (state, stop) =>
        {
            var draft = await model.GetMessageAsync(
                [Message.System("You are a writer. Draft what you are asked for."), .. state.Messages], cancellationToken: stop);
            return new() { Draft = draft.Text };
        })
        .AddNode("polish", async (state, stop) => new()
        {
            Messages = [await model.GetMessageAsync(
                [Message.System("You are an editor. Polish the text."), Message.Human(state.Draft)], cancellationToken: stop)],
        })
        .AddEdge(StateGraph.Start, "draft")
        .AddEdge("draft", "polish")
        .Compile();
}

/// <summary>The state of the writer. It shares the messages with the office, and keeps the draft to itself.</summary>
[GraphState]
internal sealed partial record Letter
{
    public MessageList Messages { get; init; } = MessageList.Empty;

    public string Draft { get; init; } = "";
}
