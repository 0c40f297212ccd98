using System.Collections.Concurrent;
using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Tools;

public sealed class AgentToolTests
{
    [Fact]
    public void The_model_does_not_see_the_context()
    {
        var tool = AgentTool.Create(
            ([Description("The text.")] string text, NodeContext context, IServiceProvider services, CancellationToken stop) => text, "note", "Notes.");

        tool.Name.ShouldBe("note");
        tool.Description.ShouldBe("Notes.");
        tool.JsonSchema.GetProperty("properties").GetRawText().ShouldBeJson("""{"text":{"description":"The text.","type":"string"}}""");
    }

    [Fact]
    public void A_tool_has_the_name_that_the_code_gives_its_method()
    {
        int Price(string item) => item.Length;
        static async Task<int> CountAsync(string item) => await Task.FromResult(item.Length);
        static async ValueTask<int> WeighAsync(string item) => await ValueTask.FromResult(item.Length);
        int ReadAsync(string item) => item.Length;
        int Größe(string item) => item.Length;

        AgentTool.Create(Price).Name.ShouldBe("Price");
        AgentTool.Create(CountAsync).Name.ShouldBe("Count");
        AgentTool.Create(WeighAsync).Name.ShouldBe("Weigh");
        AgentTool.Create(ReadAsync).Name.ShouldBe("ReadAsync");
        AgentTool.Create(Größe).Name.ShouldBe("Gr__e");
        AgentTool.Create(DescribeAsync).Name.ShouldBe("Describe");
        AgentTool.Create(Price, "price_of").Name.ShouldBe("price_of");
    }

    [Fact]
    public void A_tool_that_would_show_the_context_to_the_model_is_a_mistake()
    {
        var tool = AIFunctionFactory.Create((string text, NodeContext context) => text, "note");

        Should.Throw<ArgumentException>(() => AgentGraph.Create(new ScriptedChatClient(), [tool])).Message
            .ShouldStartWith("The model would see the parameter 'context' of the tool 'note'. Make the tool with AgentTool.Create.");
    }

    [Fact]
    public async Task A_tool_reads_and_writes_the_state_and_the_store_and_streams()
    {
        var notes = Channel.List<string>("notes");
        var note = AgentTool.Create(
            async (string text, NodeContext context, CancellationToken stop) =>
            {
                await context.Store.PutAsync(["notes"], "last", new Note(text), cancellationToken: stop);
                context.Write(new { noted = text });
                ToolSpan.Current?.Report(0.5);
                return new ToolOutput($"{context.Get(notes).Count} before", state => state.Add(notes, text));
            },
            "note");
        using var client = new ScriptedChatClient(Calls(("1", "note", new() { ["text"] = "wool" })), Says(null, "Noted."));
        var graph = AgentGraph.Create(client, [note], new AgentGraphOptions { Channels = [notes] });
        var store = new InMemoryStore();
        var parts = new List<StreamPart>();
        var options = new GraphRunOptions { Store = store, Modes = StreamMode.Custom | StreamMode.Tools | StreamMode.Values };

        await foreach (var part in graph.StreamAsync(Input("go"), options, TestContext.Current.CancellationToken))
        {
            parts.Add(part);
        }

        client.Calls[1].Messages[^1].Contents.OfType<FunctionResultContent>().Single().Result.ShouldBe("0 before");
        parts.OfType<CustomPart>().ShouldHaveSingleItem();
        parts.OfType<ToolPart>().Select(part => part.Phase).ShouldBe([ToolPhase.Started, ToolPhase.Progress, ToolPhase.Ended]);
        (await store.FindValueAsync<Note>(["notes"], "last", cancellationToken: TestContext.Current.CancellationToken)).ShouldBe(new Note("wool"));
    }

    [Fact]
    public async Task A_tool_gets_scoped_services_that_end_with_its_call()
    {
        // The two calls are executed at the same time.
        var made = new ConcurrentQueue<Connection>();
        var tool = AgentTool.Create(
            (IServiceProvider services, NodeContext context) =>
            {
                var connection = services.GetRequiredService<Connection>();
                made.Enqueue(connection);
                return ReferenceEquals(connection, context.Services.GetRequiredService<Connection>()) && !connection.IsDisposed ? "open" : "closed";
            },
            "query");
        using var client = new ScriptedChatClient(Calls(("1", "query", []), ("2", "query", [])), Says(null, "Done."));
        await using var services = new ServiceCollection().AddScoped<Connection>().BuildServiceProvider();

        var result = await AgentGraph.Create(client, [tool]).RunAsync(
            Input("go"), new GraphRunOptions { Services = services }, TestContext.Current.CancellationToken);

        var values = JsonElement.Parse(result.Values.ToString());
        values.GetProperty("messages").EnumerateArray().Where(message => message.Text("type") == "tool")
            .ShouldAllBe(message => message.Content() == "open");
        made.Distinct().Count().ShouldBe(2);
        made.ShouldAllBe(connection => connection.IsDisposed);
    }

    [Fact]
    public async Task An_artifact_is_on_the_message_and_not_for_the_model()
    {
        var search = AgentTool.Create(
            (string text) => ToolOutput.WithArtifact("2 hits", new { Hits = new[] { "a", "b" } }), "search");
        using var client = new ScriptedChatClient(Calls(("1", "search", new() { ["text"] = "x" })), Says(null, "Two."), Says(null, "Yes."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [search]));

        await thread.SayAsync("go");
        await thread.SayAsync("really?");

        thread.Messages[2].Content().ShouldBe("2 hits");
        thread.Messages[2].GetProperty("artifact").GetRawText().ShouldBe("""{"hits":["a","b"]}""");
        var seen = client.Calls[2].Messages.Single(message => message.Role == ChatRole.Tool);
        seen.Contents.ShouldHaveSingleItem().ShouldBeOfType<FunctionResultContent>().Result.ShouldBe("2 hits");
    }

    [Fact]
    public async Task Outside_of_a_node_a_tool_with_a_context_fails()
    {
        var tool = AgentTool.Create((NodeContext context) => context.Node, "where");

        var error = await Should.ThrowAsync<InvalidOperationException>(
            async () => await tool.InvokeAsync(new AIFunctionArguments(), TestContext.Current.CancellationToken));

        error.Message.ShouldBe("The tool has the parameter 'context' of type NodeContext, so only a node can call it.");
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("blocks")]
    [InlineData("output")]
    [InlineData("error")]
    public async Task A_long_result_is_cut_and_says_so(string kind)
    {
        var text = new string('x', 5_000_000);
        var dump = kind switch
        {
            "json" => AIFunctionFactory.Create(() => new[] { text }, "dump"),
            "blocks" => AIFunctionFactory.Create(AIContent[] () => [new TextContent(text), new DataContent(new byte[100], "image/png")], "dump"),
            "output" => AIFunctionFactory.Create(() => new ToolOutput(text), "dump"),
            "error" => AIFunctionFactory.Create(string () => throw new InvalidOperationException(text), "dump"),
            _ => AIFunctionFactory.Create(() => text, "dump"),
        };
        using var client = new ScriptedChatClient(Calls(("1", "dump", [])), Says(null, "Long."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [dump], new AgentGraphOptions { ToolResultCharsMax = 1000 }));

        await thread.SayAsync("go");

        thread.Messages[2].GetRawText().Length.ShouldBeLessThan(2000);
        thread.Messages[2].GetRawText().ShouldContain("[Cut: the result has 50000");
        thread.Messages[^1].Content().ShouldBe("Long.");
    }

    [Fact]
    public async Task A_result_is_not_cut_inside_of_a_character()
    {
        var smile = AIFunctionFactory.Create(() => "abc😀", "smile");
        using var client = new ScriptedChatClient(Calls(("1", "smile", [])), Says(null, "Nice."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [smile], new AgentGraphOptions { ToolResultCharsMax = 4 }));

        await thread.SayAsync("go");

        thread.Messages[2].Content().ShouldBe("abc\n[Cut: the result has 5 characters, and only the first 3 are here.]");
    }

    private static GraphInput Input(string text) => GraphInput.FromJson(JsonSerializer.SerializeToElement(new { messages = text }));

    private static Task<string> DescribeAsync(string item) => Task.FromResult(item);

    private sealed record Note(string Text);

    private sealed class Connection : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
