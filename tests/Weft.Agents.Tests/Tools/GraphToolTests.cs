using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Tools;

public sealed class GraphToolTests
{
    private static (string, string, Dictionary<string, object?>) Ask(string id, string request) =>
        (id, "ask_weaver", new() { ["request"] = request });

    [Fact]
    public async Task An_agent_is_a_tool_of_another_one()
    {
        using var weaver = new ScriptedChatClient(Says(null, "Wool."));
        using var client = new ScriptedChatClient(Calls(Ask("1", "Which yarn?")), Says(null, "Take wool."));
        var tool = AgentGraph.Create(weaver, [], new AgentGraphOptions { Name = "weaver" }).AsTool("ask_weaver", "Knows weaving.");
        var agent = AgentGraph.Create(client, [tool]);
        var thread = new ThreadUnderTest(agent);

        await thread.SayAsync("A scarf?");

        weaver.Calls.ShouldHaveSingleItem().Messages.ShouldHaveSingleItem().Text.ShouldBe("Which yarn?");
        thread.Messages[2].Content().ShouldBe("Wool.");
        thread.Messages[^1].Content().ShouldBe("Take wool.");
        tool.JsonSchema.GetProperty("required")[0].GetString().ShouldBe("request");
        agent.Subgraphs().ShouldHaveSingleItem().Namespace.ShouldBe("tools");
    }

    [Fact]
    public async Task Questions_of_agents_that_run_at_the_same_time_are_answered_each_on_its_own()
    {
        var pay = AIFunctionFactory.Create((string to) => $"paid {to}", "pay");
        using var banker = new BankerClient();
        using var client = new ScriptedChatClient(
            Calls(("1", "ask_bank", new() { ["request"] = "Ann" }), ("2", "ask_bank", new() { ["request"] = "Bob" })), Says(null, "Done."));
        var bank = AgentGraph.Create(banker, [new ApprovalRequiredAIFunction(pay)], new AgentGraphOptions { Name = "bank" });
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [bank.AsTool("ask_bank", "Pays.")]));

        await thread.SayAsync("Pay both.");
        var asked = thread.Values.GetProperty("__interrupt__").EnumerateArray().ToDictionary(
            question => question.GetProperty("value").GetProperty("action_requests")[0].GetProperty("args").Text("to")!,
            question => question.Text("id")!);
        await thread.AnswerAsync($$"""{"{{asked["Bob"]}}":false,"{{asked["Ann"]}}":true}""");

        thread.IsPaused.ShouldBeFalse();
        thread.Messages.Where(message => message.Text("type") == "tool").Select(message => message.Content())
            .ShouldBe(["Ann: paid Ann", "Bob: refused"]);
    }

    [Fact]
    public async Task Its_tokens_are_streamed_in_its_namespace()
    {
        using var weaver = new ScriptedChatClient(Says("w1", "Wo", "ol."));
        using var client = new ScriptedChatClient(Calls(Ask("1", "Which yarn?")), Says(null, "Take wool."));
        var tool = AgentGraph.Create(weaver, []).AsTool("ask_weaver", "Knows weaving.");
        var parts = new List<StreamPart>();

        var options = new GraphRunOptions { Modes = StreamMode.MessagesTuple, StreamSubgraphs = true };
        var input = GraphInput.FromJson(JsonSerializer.SerializeToElement(new { messages = "A scarf?" }));
        await foreach (var part in AgentGraph.Create(client, [tool]).StreamAsync(input, options, TestContext.Current.CancellationToken))
        {
            parts.Add(part);
        }

        parts.Where(part => part.Namespace.StartsWith("tools:", StringComparison.Ordinal)).Count().ShouldBeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_failure_of_it_and_a_call_without_a_request_are_results()
    {
        using var broken = new ScriptedChatClient();
        using var client = new ScriptedChatClient(Calls(Ask("1", "x"), ("2", "ask_weaver", [])), Says(null, "Sorry."));
        var tool = AgentGraph.Create(broken, []).AsTool("ask_weaver", "Knows weaving.");
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [tool]));

        await thread.SayAsync("go");

        thread.Messages[2].Text("status").ShouldBe("error");
        thread.Messages[3].Content().ShouldBe("Error: ask_weaver needs a text as 'request'.");
        thread.Messages[^1].Content().ShouldBe("Sorry.");
    }

    [Fact]
    public void A_graph_without_messages_is_not_a_tool()
    {
        var graph = new StateGraph().AddNode("n", _ => StateUpdate.None).AddEdge(StateGraph.Start, "n").Compile();

        Should.Throw<ArgumentException>(() => graph.AsTool("t", "")).Message
            .ShouldStartWith("The graph 'LangGraph' can't be the tool 't', because its input has no channel of messages.");
    }

    /// <summary>A model that pays whom it is told to, and reports what came of it.</summary>
    private sealed class BankerClient : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var history = messages.ToList();
            var to = history[0].Text;
            var result = history[^1].Contents.OfType<FunctionResultContent>().SingleOrDefault()?.Result?.ToString();
            AIContent content = result is null
                ? new FunctionCallContent($"pay-{to}", "pay", new Dictionary<string, object?> { ["to"] = to })
                : new TextContent($"{to}: {(result.StartsWith("paid", StringComparison.Ordinal) ? result : "refused")}");
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [content])));
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            {
                yield return update;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
