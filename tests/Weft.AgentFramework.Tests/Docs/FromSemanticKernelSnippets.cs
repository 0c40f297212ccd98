using System.ComponentModel;
using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;
using Weft.Graphs.Tests.Docs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.AgentFramework.Tests.Docs;

/// <summary>Code of <c>docs/from-semantic-kernel-and-agent-framework.md</c>, run as it stands there.</summary>
public sealed partial class FromSemanticKernelSnippets : GuideSnippets
{
    // snippet: sk-plugin
    public sealed class Lights
    {
        private readonly HashSet<string> _on = [];

        [Description("Switches a light on.")]
        public string SwitchOn(string room) => _on.Add(room) ? $"The {room} is bright." : $"The {room} was bright already.";

        [Description("Lists the rooms that have light.")]
        public string[] ListBright() => [.. _on];
    }
    // end

    // snippet: sk-state
    [GraphState]
    public sealed partial record Quote(string Item, int Amount)
    {
        public int Price { get; init; }

        public bool Accepted { get; init; }
    }
    // end

    [Fact]
    public async Task Plugins()
    {
        using var model = new ScriptedChatClient(Calls(("c1", "SwitchOn", new() { ["room"] = "kitchen" })), Says("m2", "Done."));

        // snippet: sk-tools
        var lights = new Lights();
        var messages = Channel.Messages();
        var agent = AgentGraph.Create(
            model,
            [AIFunctionFactory.Create(lights.SwitchOn), AIFunctionFactory.Create(lights.ListBright)],
            new AgentGraphOptions { SystemPrompt = "You look after the house.", Messages = messages });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "Light in the kitchen, please."));
        Console.WriteLine(string.Join(", ", lights.ListBright()));
        Console.WriteLine(result.Values.Get(messages)[^1].Text);
        // end

        Prints("sk-tools");
    }

    [Fact]
    public async Task Filters()
    {
        using var model = new ScriptedChatClient(Says("m1", "You are Ann."));

        // snippet: sk-filter
        var messages = Channel.Messages();
        var agent = new StateGraph()
            .AddChannel(messages)
            .Use(async (context, next, cancellationToken) =>
            {
                Console.WriteLine($"before {context.Node}");
                var result = await next(context, cancellationToken);
                Console.WriteLine($"after {context.Node}");
                return result;
            })
            .AddNode("model", async (context, cancellationToken) =>
                new StateUpdate().Add(messages, await model.GetMessageAsync(context.Get(messages), cancellationToken: cancellationToken)))
            .AddEdge(StateGraph.Start, "model")
            .Compile();

        await agent.RunAsync(new StateUpdate().Add(messages, "Who am I?"));
        // end

        Prints("sk-filter");
    }

    [Fact]
    public async Task Kept()
    {
        using var model = new ScriptedChatClient(Says("m1", "I know yarns."));

        // snippet: sk-keep
        var messages = Channel.Messages();
        AIAgent yarns = new ChatClientAgent(model, instructions: "You know yarns.", name: "yarns");
        var graph = new StateGraph()
            .AddChannel(messages)
            .AddNode("greet", _ => new StateUpdate().Add(messages, Message.Ai("Welcome.")))
            .AddNode("yarns", AIAgentGraph.Create(yarns, new AIAgentGraphOptions { Messages = messages }))
            .AddEdge(StateGraph.Start, "greet")
            .AddEdge("greet", "yarns")
            .Compile();

        var result = await graph.RunAsync(new StateUpdate().Add(messages, "Who are you?"));
        Console.WriteLine(string.Join(" ", result.Values.Get(messages).Skip(1).Select(message => message.Text)));
        // end

        Prints("sk-keep");
    }

    [Fact]
    public async Task A_workflow_of_agent_framework()
    {
        // snippet: sk-workflow-before
        var quote = ((Func<string, int>)(item => item == "silk" ? 90 : 20)).BindAsExecutor("quote");
        var accept = RequestPort.Create<int, bool>("accept");
        var send = ((Func<bool, string>)(accepted => accepted ? "Sent." : "Not sent.")).BindAsExecutor("send");
        var workflow = new WorkflowBuilder(quote).AddEdge(quote, accept).AddEdge(accept, send).WithOutputFrom(send).Build();
        // end

        var outputs = Channel.List<JsonElement>("outputs");
        var graph = AIWorkflowGraph.Create<string>(() => workflow, new AIWorkflowGraphOptions { Outputs = outputs });
        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var stop = TestContext.Current.CancellationToken;
        await graph.RunAsync(GraphInput.FromJson(JsonElement.Parse("""{"input":"silk"}""")), thread, stop);
        var result = await graph.RunAsync(Command.ResumeWith(true), thread, stop);
        result.Values.Get(outputs)[0].GetString().ShouldBe("Sent.");
    }

    [Fact]
    public async Task The_same_as_a_graph()
    {
        // snippet: sk-workflow-after
        var graph = Quote.CreateGraph()
            .AddNode("quote", state => new() { Price = state.Amount * (state.Item == "silk" ? 90 : 20) })
            .AddNode("accept", (state, context) => new() { Accepted = context.Interrupt<int, bool>(state.Price) })
            .AddNode("send", state =>
            {
                Console.WriteLine($"Sent {state.Item} for {state.Price}.");
                return new();
            })
            .AddEdge(StateGraph.Start, "quote")
            .AddEdge("quote", "accept")
            .AddConditionalEdges("accept", state => state.Accepted ? "send" : StateGraph.End, ["send", StateGraph.End])
            .Compile();

        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var paused = await graph.RunAsync(new Quote("silk", 2), thread);
        Console.WriteLine($"Accept {paused.Interrupts[0].Value}?");
        await graph.RunAsync(Command.ResumeWith(true), thread);
        // end

        Prints("sk-workflow-after");
    }
}
