using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Testing.Tests.Docs;

/// <summary>Code of <c>docs/testing.md</c>, run as it stands there.</summary>
public sealed partial class TestingSnippets
{
    // snippet: testing-state
    [GraphState]
    public sealed partial record Essay(string Topic)
    {
        public string Draft { get; init; } = "";

        public bool Approved { get; init; }
    }

    public static CompiledGraph EssayGraph() => Essay.CreateGraph()
        .AddNode("write", state => new() { Draft = $"All about {state.Topic}." })
        .AddNode("review", (state, context) => new() { Approved = context.Interrupt($"Print '{state.Draft}'?").GetBoolean() })
        .AddNode("print", _ => new())
        .AddEdge(StateGraph.Start, "write")
        .AddEdge("write", "review")
        .AddConditionalEdges("review", state => state.Approved ? "print" : StateGraph.End, ["print", StateGraph.End])
        .Compile();
    // end

    [Fact]
    public async Task A_model_plays_a_script()
    {
        // snippet: testing-model
        var price = AIFunctionFactory.Create((string item) => item == "silk" ? 90 : 20, "price");
        var model = new ScriptedChatClient(
            ScriptedAnswer.Calls("price", ("item", "silk")),
            ScriptedAnswer.Says("Silk costs ", "90."));
        var agent = AgentGraph.Create(model, [price]);

        var run = await agent.RecordAsync(new StateUpdate().Add(Channel.Messages(), "What does silk cost?"));

        run.Stream.ExpectText("Silk costs 90.");
        run.Stream.ExpectNodes("agent", "tools", "agent");
        Assert.Equal(["price"], model.Calls[0].Tools);
        Assert.Equal(ChatRole.Tool, model.Calls[1].Messages[^1].Role);
        model.ExpectNoAnswersLeft();
        // end
    }

    [Fact]
    public async Task A_model_fails_or_is_slow()
    {
        // snippet: testing-faults
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var model = new ScriptedChatClient(
            ScriptedAnswer.Fails(new HttpRequestException("429 Too Many Requests")),
            ScriptedAnswer.Says("Half an ans").ThenFails(new IOException("The connection was cut.")),
            ScriptedAnswer.From(call => $"You said: {call.LastText}"))
        {
            Time = clock,
        };
        // end

        await Assert.ThrowsAsync<HttpRequestException>(() => model.GetResponseAsync("1", cancellationToken: TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<IOException>(() => model.GetResponseAsync("2", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("You said: 3", (await model.GetResponseAsync("3", cancellationToken: TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task A_node_runs_alone()
    {
        // snippet: testing-node
        var graph = EssayGraph();

        var written = await graph.RunNodeAsync("write", new Essay("looms"));
        written.ExpectUpdate("""{"draft":"All about looms."}""");
        written.ExpectNext("review");

        var asked = await graph.RunNodeAsync("review", new Essay("looms") { Draft = "Short." });
        asked.ExpectQuestions("\"Print 'Short.'?\"");

        var approved = await graph.RunNodeAsync("review", new Essay("looms"), new NodeRunOptions().Answer(true));
        approved.ExpectNext("print");
        Assert.True(approved.Values.As<Essay>().Approved);
        // end
    }

    [Fact]
    public async Task A_stream_is_compared()
    {
        // snippet: testing-stream
        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };

        var paused = await EssayGraph().RecordAsync(GraphInput.Of(new Essay("looms")), thread);
        paused.Stream.Expect(
            "updates",
            """{"write":{"draft":"All about looms."}}""",
            """{"__interrupt__":[{"value":"Print 'All about looms.'?"}]}""");

        var done = await EssayGraph().RecordAsync(Command.ResumeWith(true), thread);
        done.Stream.ExpectNodes("review", "print");
        done.Stream.ExpectValues("""{"topic":"looms","approved":true}""");
        // end
    }

    [Fact]
    public async Task A_server_serves_over_http()
    {
        // snippet: testing-server
        await using var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("essay", EssayGraph()));
        var thread = server.NewThread("essay");

        var paused = await thread.StreamAsync("""{"topic":"looms"}""");
        paused.ExpectQuestions("\"Print 'All about looms.'?\"");

        await server.RestartAsync();
        var values = await thread.ResumeAsync("true");
        Assert.True(values.GetProperty("approved").GetBoolean());
        // end
    }

    [Fact]
    public async Task A_server_is_killed()
    {
        // snippet: testing-kill
        var model = new ScriptedChatClient(
            ScriptedAnswer.Says("Never heard.").After(new TaskCompletionSource().Task),
            "Here I am again.");
        await using var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("chat", ChatGraph.Create(model)));
        var thread = server.NewThread("chat");

        var run = await thread.StartAsync("""{"messages":"Are you there?"}""");
        await model.WaitForCallAsync();
        await server.KillAsync();
        await server.RestartAsync();

        var values = await thread.JoinAsync(run);
        Assert.Equal("Here I am again.", values.GetProperty("messages")[1].GetProperty("content").GetString());
        // end
    }

    [Fact]
    public async Task The_clock_is_faked()
    {
        // snippet: testing-clock
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var options = new WeftTestServerOptions
        {
            Time = clock,
            ConfigureServices = services => services.AddSingleton("a service of the application"),
        };
        await using var server = await WeftTestServer.StartAsync(weft => weft.AddGraph("essay", EssayGraph()), options);
        await server.NewThread("essay").RunAsync("""{"topic":"looms"}""");

        clock.Advance(TimeSpan.FromDays(30));
        // end
    }
}
