using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Samples;

/// <summary>Plans questions, answers all of them at the same time, and writes a report of the answers.</summary>
internal static class ResearchGraph
{
    public static CompiledGraph Create(IChatClient model) => Research.CreateGraph()
        .AddNode("plan", async (state, stop) =>
        {
            var plan = await AskAsync(model, $"List three questions about {state.Topic}, one on each line.", stop);
            return new() { Questions = plan.Split('\n', StringSplitOptions.RemoveEmptyEntries) };
        })
        .AddNodeFor<string>("answer", async (question, stop) => new()
        {
            Findings = [new Finding(question, await AskAsync(model, $"Answer in one sentence: {question}", stop))],
        })
        .AddNode("report", async (state, stop) =>
        {
            var findings = string.Join('\n', state.Findings.Select(finding => $"- {finding.Question} {finding.Answer}"));
            return new() { Report = await AskAsync(model, $"Write a report about {state.Topic} from these findings:\n{findings}", stop) };
        })
        .AddEdge(StateGraph.Start, "plan")
        .AddConditionalEdges("plan", state => state.Questions.Select(question => Send.Of("answer", question)), ["answer"])
        .AddEdge("answer", "report")
        .Compile();

    private static async Task<string> AskAsync(IChatClient model, string text, CancellationToken stop) =>
        (await model.GetMessageAsync([Message.Human(text)], cancellationToken: stop)).Text;
}
