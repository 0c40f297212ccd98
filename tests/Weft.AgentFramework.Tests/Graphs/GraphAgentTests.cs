using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Agents;
using Weft.Graphs;
using Weft.RemoteGraphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.AgentFramework.Tests.Graphs;

public sealed class GraphAgentTests : IDisposable
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly TempFolder _folder = new();
    private readonly List<string> _paid = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_graph_streams_and_remembers_its_session()
    {
        using var model = new ScriptedChatClient(Says("m1", "Hello ", "Ann."), Says("m2", "You are Ann."), Says("m3", "Nobody."));
        var agent = ChatGraph.Create(model).AsAIAgent(new GraphAgentOptions { Name = "weaver" });
        var session = await agent.CreateSessionAsync(Stop);

        var updates = await agent.RunStreamingAsync("I am Ann.", session, cancellationToken: Stop).ToListAsync(Stop).AsTask().Within("the agent to answer");
        updates.Where(update => update.Text.Length > 0).Select(update => (update.Text, update.MessageId, update.AuthorName))
            .ShouldBe([("Hello ", "m1", "weaver"), ("Ann.", "m1", "weaver")]);
        (await RunAsync(agent, "Who am I?", session)).Text.ShouldBe("You are Ann.");
        (await RunAsync(agent, "Who am I?")).Text.ShouldBe("Nobody.");

        model.Calls[1].Messages.Said().ShouldBe(["user: I am Ann.", "assistant: Hello Ann.", "user: Who am I?"]);
        model.Calls[2].Messages.Said().ShouldBe(["user: Who am I?"]);
    }

    [Fact]
    public async Task Tool_calls_come_with_their_results()
    {
        using var model = new ScriptedChatClient(
            Calls(("c1", "price", new() { ["item"] = "wool" }), ("c2", "price", new() { ["item"] = "silk" })), Says("m2", "Silk."));
        var price = AIFunctionFactory.Create((string item) => item == "silk" ? 90 : 20, "price", "Returns a price.");
        var agent = AgentGraph.Create(model, [price]).AsAIAgent();

        var response = await RunAsync(agent, "Which costs more?");

        var contents = response.Messages.SelectMany(message => message.Contents).ToList();
        contents.OfType<FunctionCallContent>().Select(call => (call.CallId, $"{call.Arguments!["item"]}")).ShouldBe([("c1", "wool"), ("c2", "silk")], ignoreOrder: true);
        contents.OfType<FunctionResultContent>().Select(result => (result.CallId, $"{result.Result}")).ShouldBe([("c1", "20"), ("c2", "90")], ignoreOrder: true);
        response.Messages[^1].Text.ShouldBe("Silk.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_approval_is_a_request_and_its_response_the_answer(bool isApproved)
    {
        using var model = new ScriptedChatClient(Calls(("c1", "pay", new() { ["to"] = "Ann" })), Says("m2", "Done."));
        var agent = Paying(model, "pay").AsAIAgent();
        var session = await agent.CreateSessionAsync(Stop);
        var asked = await RunAsync(agent, "Pay Ann.", session);
        var contents = asked.Messages.SelectMany(message => message.Contents).ToList();
        contents.OfType<FunctionCallContent>().ShouldBeEmpty();
        var request = contents.OfType<ToolApprovalRequestContent>().ShouldHaveSingleItem();
        request.ToolCall.ShouldBeOfType<FunctionCallContent>().CallId.ShouldBe("c1");

        var done = await RunAsync(agent, new ChatMessage(ChatRole.User, [request.CreateResponse(isApproved, "Because.")]), session);

        done.Messages[^1].Text.ShouldBe("Done.");
        _paid.ShouldBe(isApproved ? ["Ann"] : []);
    }

    [Fact]
    public async Task A_question_is_a_call_and_its_result_the_answer_also_in_a_session_that_was_stored()
    {
        var threads = new ConcurrentDictionary<string, ICheckpointer>();
        var options = new GraphAgentOptions { Checkpointers = id => threads.GetOrAdd(id, _ => new InMemoryCheckpointer()) };
        var graph = Asking();
        var first = graph.AsAIAgent(options);
        var session = await first.CreateSessionAsync(Stop);
        var asked = await RunAsync(first, "Choose.", session);
        var call = asked.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().ShouldHaveSingleItem();
        (call.Name, $"{call.Arguments!["question"]}").ShouldBe((GraphAgent.QuestionName, "Which colour?"));
        var stored = await first.SerializeSessionAsync(session, cancellationToken: Stop);

        var second = graph.AsAIAgent(options);
        var read = await second.DeserializeSessionAsync(stored, cancellationToken: Stop);
        var done = await RunAsync(second, new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, "blue")]), read);

        done.Text.ShouldBe("You chose blue.");
    }

    [Fact]
    public async Task A_session_without_checkpointers_is_stored_with_its_conversation()
    {
        using var model = new ScriptedChatClient(Says("m1", "Hello Ann."), Says("m2", "You are Ann."));
        var graph = ChatGraph.Create(model);
        var first = graph.AsAIAgent();
        var session = await first.CreateSessionAsync(Stop);
        await RunAsync(first, "I am Ann.", session);
        var stored = await first.SerializeSessionAsync(session, cancellationToken: Stop);

        var second = graph.AsAIAgent();
        var read = await second.DeserializeSessionAsync(stored, cancellationToken: Stop);
        (await RunAsync(second, "Who am I?", read)).Text.ShouldBe("You are Ann.");

        model.Calls[1].Messages.Said().ShouldBe(["user: I am Ann.", "assistant: Hello Ann.", "user: Who am I?"]);
        await Should.ThrowAsync<ArgumentException>(() => second.DeserializeSessionAsync(JsonElement.Parse("7"), cancellationToken: Stop).AsTask());
    }

    [Fact]
    public async Task A_graph_is_an_agent_of_a_workflow_that_weft_serves()
    {
        using var model = new ScriptedChatClient(Calls(("c1", "pay", new() { ["to"] = "Ann" })), Says("m2", "Ann has it."));
        using var critic = new ScriptedChatClient(Says("k1", "Good."));
        var payer = Paying(model).AsAIAgent(new GraphAgentOptions { Id = "payer", Name = "payer" });
        var second = new ChatClientAgent(critic, new ChatClientAgentOptions { Id = "critic", Name = "critic" });
        await using var server = await AgentServer.StartAsync(
            _folder, weft => weft.AddAIWorkflow("office", _ => AgentWorkflowBuilder.BuildSequential([payer, second])));
        var thread = await server.Root.NewThreadAsync();

        (await server.SayAsync(thread, "office", "Pay Ann.")).Said()[^2..].ShouldBe(["ai: Ann has it.", "ai: Good."]);
        _paid.ShouldBe(["Ann"]);
    }

    [Fact]
    public async Task A_remote_assistant_is_an_agent_whose_session_survives()
    {
        using var model = new ScriptedChatClient(Says("m1", "Hello ", "Ann."), Says("m2", "You are Ann."));
        await using var server = await AgentServer.StartAsync(_folder, weft => weft.AddGraph("chat", ChatGraph.Create(model)));
        var remote = new RemoteGraph(server.Address, "chat");
        var first = remote.AsAIAgent(new GraphAgentOptions { Name = "far" });
        var session = await first.CreateSessionAsync(Stop);
        var updates = await first.RunStreamingAsync("I am Ann.", session, cancellationToken: Stop).ToListAsync(Stop).AsTask().Within("the agent to answer");
        updates.Where(update => update.Text.Length > 0).Select(update => update.Text).ShouldBe(["Hello ", "Ann."]);
        var stored = await first.SerializeSessionAsync(session, cancellationToken: Stop);

        var second = new RemoteGraph(server.Address, "chat").AsAIAgent(new GraphAgentOptions { Name = "far" });
        var read = await second.DeserializeSessionAsync(stored, cancellationToken: Stop);
        (await RunAsync(second, "Who am I?", read)).Text.ShouldBe("You are Ann.");

        model.Calls[1].Messages.Said().ShouldBe(["user: I am Ann.", "assistant: Hello Ann.", "user: Who am I?"]);
    }

    [Fact]
    public async Task A_node_that_fails_fails_the_run_of_the_agent_and_the_session_stays_usable()
    {
        using var model = new ScriptedChatClient(Says("m1", "Well, ").ThenFails(new InvalidOperationException("Broken.")), Says("m2", "Back."));
        var agent = ChatGraph.Create(model).AsAIAgent();
        var session = await agent.CreateSessionAsync(Stop);

        (await Should.ThrowAsync<NodeFailedException>(() => RunAsync(agent, "Hi", session))).Message.ShouldBe("Broken.");
        (await RunAsync(agent, "Hi?", session)).Text.ShouldBe("Back.");
    }

    [Fact]
    public async Task What_is_no_conversation_or_no_session_of_a_graph_is_refused()
    {
        var count = Channel.LastValue<int>("count");
        var graph = new StateGraph().AddChannel(count).AddNode("one", _ => StateUpdate.None).AddEdge(StateGraph.Start, "one").Compile();
        Should.Throw<ArgumentException>(() => graph.AsAIAgent()).Message.ShouldContain("no channel of messages");

        var other = new CountingAgent();
        var session = await other.CreateSessionAsync(Stop);
        (await Should.ThrowAsync<InvalidOperationException>(() => RunAsync(Asking().AsAIAgent(), "Hi", session)))
            .Message.ShouldContain("not a session of a graph");
    }

    private static Task<AgentResponse> RunAsync(AIAgent agent, string text, AgentSession? session = null) =>
        RunAsync(agent, new ChatMessage(ChatRole.User, text), session);

    private static Task<AgentResponse> RunAsync(AIAgent agent, ChatMessage message, AgentSession? session) =>
        agent.RunAsync(message, session, cancellationToken: Stop).Within("the agent to answer");

    private static CompiledGraph Asking()
    {
        var messages = Channel.Messages();
        return new StateGraph()
            .AddChannel(messages)
            .AddNode("ask", context => new StateUpdate().Add(messages, Message.Ai($"You chose {context.Interrupt("Which colour?").GetString()}.")))
            .AddEdge(StateGraph.Start, "ask")
            .Compile(new CompileOptions { Name = "asking" });
    }

    private CompiledGraph Paying(IChatClient model, params string[] approved)
    {
        var pay = AIFunctionFactory.Create(
            (string to) =>
            {
                _paid.Add(to);
                return "Paid.";
            },
            "pay",
            "Pays a person.");
        return AgentGraph.Create(model, [pay], new AgentGraphOptions { RequireApproval = approved });
    }
}
