using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Graphs.Tests.Docs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Docs;

/// <summary>Code of <c>docs/from-langgraph-python.md</c>, run as it stands there.</summary>
public sealed partial class FromPythonSnippets : GuideSnippets
{
    // snippet: python-state
    [GraphState]
    public sealed partial record Trip
    {
        public required string City { get; init; }

        [Append]
        public IReadOnlyList<string> Notes { get; init; } = [];

        [Reducer(typeof(Math), nameof(Math.Max))]
        public int Budget { get; init; }

        public MessageList Messages { get; init; } = MessageList.Empty;
    }
    // end

    // snippet: python-profile
    public sealed record Profile(string Name);
    // end

    // snippet: python-context-type
    public sealed record Settings(string Language);
    // end

    [Fact]
    public async Task Nodes_and_edges()
    {
        // snippet: python-graph
        var graph = Trip.CreateGraph()
            .AddNode("look", state => new() { Notes = [$"{state.City} is old"], Budget = 300 })
            .AddNode("book", state => new() { Messages = [Message.Ai($"Booked for {state.Budget}.")] })
            .AddEdge(StateGraph.Start, "look")
            .AddConditionalEdges("look", state => state.Budget > 100 ? "book" : StateGraph.End, ["book", StateGraph.End])
            .Compile();

        var result = await graph.RunAsync(new Trip { City = "Ulm" });
        Console.WriteLine(result.Values.As<Trip>().Messages.Single());
        // end

        Prints("python-graph");
    }

    [Fact]
    public async Task Commands()
    {
        // snippet: python-command
        var graph = Trip.CreateGraph()
            .AddNode(
                "check",
                state => state.City == "Ulm" ? new() { Notes = ["known"], Goto = ["go"] } : new() { Notes = ["unknown"] },
                new NodeOptions { Destinations = ["go"] })
            .AddNode("go", _ => new() { Notes = ["gone"] })
            .AddEdge(StateGraph.Start, "check")
            .Compile();

        Console.WriteLine(string.Join(", ", (await graph.RunAsync(new Trip { City = "Ulm" })).Values.As<Trip>().Notes));
        // end

        Prints("python-command");
    }

    [Fact]
    public async Task Sends()
    {
        // snippet: python-send
        var graph = Trip.CreateGraph()
            .AddNode("plan", _ => new())
            .AddNodeFor<string>("visit", place => new() { Notes = [$"saw the {place}"] })
            .AddEdge(StateGraph.Start, "plan")
            .AddConditionalEdges("plan", _ => new[] { "tower", "river" }.Select(place => Send.Of("visit", place)), ["visit"])
            .Compile();

        Console.WriteLine(string.Join(", ", (await graph.RunAsync(new Trip { City = "Ulm" })).Values.As<Trip>().Notes));
        // end

        Prints("python-send");
    }

    [Fact]
    public async Task Interrupts()
    {
        // snippet: python-interrupt
        var graph = Trip.CreateGraph()
            .AddNode("ask", (_, context) => new() { Budget = context.Interrupt<string, int>("How much may it cost?") })
            .AddEdge(StateGraph.Start, "ask")
            .Compile();

        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var paused = await graph.RunAsync(new Trip { City = "Ulm" }, thread);
        Console.WriteLine(paused.Interrupts[0].Value);

        var done = await graph.RunAsync(Command.ResumeWith(200), thread);
        Console.WriteLine(done.Values.As<Trip>().Budget);
        // end

        Prints("python-interrupt");
    }

    [Fact]
    public async Task Subgraphs()
    {
        // snippet: python-subgraph
        var packing = Trip.CreateGraph()
            .AddNode("pack", _ => new() { Notes = ["packed"] })
            .AddEdge(StateGraph.Start, "pack")
            .Compile();
        var graph = Trip.CreateGraph()
            .AddNode("prepare", packing)
            .AddNode("leave", _ => new() { Notes = ["left"] })
            .AddEdge(StateGraph.Start, "prepare")
            .AddEdge("prepare", "leave")
            .Compile();

        Console.WriteLine(string.Join(", ", (await graph.RunAsync(new Trip { City = "Ulm" })).Values.As<Trip>().Notes));
        // end

        Prints("python-subgraph");
    }

    [Fact]
    public async Task Memory()
    {
        // snippet: python-memory
        var graph = Trip.CreateGraph()
            .AddNode("greet", async (_, context, stop) =>
            {
                var profile = await context.Store.FindValueAsync<Profile>(["users", "u1"], "profile", cancellationToken: stop);
                return new() { Messages = [Message.Ai($"Hello, {profile!.Name}.")] };
            })
            .AddEdge(StateGraph.Start, "greet")
            .Compile();

        var store = new InMemoryStore();
        await store.PutAsync(["users", "u1"], "profile", new Profile("Ada"));
        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer(), Store = store };
        await graph.RunAsync(new Trip { City = "Ulm" }, options);
        await graph.RunAsync(new Trip { City = "Bonn" }, options);

        var state = await graph.GetStateAsync(options.Checkpointer);
        Console.WriteLine($"{state!.Values.As<Trip>().City}: {state.Values.As<Trip>().Messages.Count} messages");
        // end

        Prints("python-memory");
    }

    [Fact]
    public async Task Streams()
    {
        // snippet: python-stream
        var graph = Trip.CreateGraph()
            .AddNode("look", (state, context) =>
            {
                context.Write(new { progress = "half" });
                return new() { Notes = [$"{state.City} is old"] };
            })
            .AddEdge(StateGraph.Start, "look")
            .Compile();

        var options = new GraphRunOptions { Modes = StreamMode.Updates | StreamMode.Custom };
        await foreach (var part in graph.StreamAsync(new Trip { City = "Ulm" }, options))
        {
            Console.WriteLine(part switch
            {
                CustomPart custom => $"custom {custom.Value}",
                UpdatePart update => $"{update.Node} {update.Writes}",
                _ => part.Mode,
            });
        }
        // end

        Prints("python-stream");
    }

    [Fact]
    public async Task Context()
    {
        // snippet: python-context
        var graph = Trip.CreateGraph()
            .Context<Settings>()
            .AddNode("greet", (_, context) => new()
            {
                Notes = [context.GetContext<Settings>().Language == "de" ? "Hallo" : "Hello", context.GetConfigurable("user_id")!],
            })
            .AddEdge(StateGraph.Start, "greet")
            .Compile();

        var result = await graph.RunAsync(new Trip { City = "Ulm" }, new GraphRunOptions
        {
            Context = GraphJson.ToElement(new { language = "de" }),
            Configurable = GraphJson.ToElement(new { user_id = "u1" }),
        });
        Console.WriteLine(string.Join(", ", result.Values.As<Trip>().Notes));
        // end

        Prints("python-context");
    }

    [Fact]
    public async Task Retries_and_caches()
    {
        // snippet: python-retry
        var options = new NodeOptions
        {
            Retry = new RetryPolicy { AttemptsMax = 3 },
            Cache = new CachePolicy { TimeToLive = TimeSpan.FromMinutes(2) },
            Timeout = TimeSpan.FromSeconds(10),
        };
        var graph = Trip.CreateGraph()
            .AddNode("fetch", state => new() { Notes = [$"rain in {state.City}"] }, options)
            .AddEdge(StateGraph.Start, "fetch")
            .Compile(new CompileOptions { Cache = new InMemoryNodeCache() });
        // end

        (await graph.RunAsync(new Trip { City = "Ulm" }, cancellationToken: TestContext.Current.CancellationToken))
            .Values.As<Trip>().Notes.ShouldBe(["rain in Ulm"]);
    }

    [Fact]
    public async Task Functions()
    {
        // snippet: python-functional
        var essay = Workflow.Create<string, string>("essay", async (topic, context, stop) =>
        {
            var draft = await context.StepAsync("write", _ => Task.FromResult($"All about {topic}."), cancellationToken: stop);
            return context.Interrupt(new { draft }).GetBoolean() ? draft : "Nothing.";
        });

        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        await essay.RunAsync(GraphInput.Of("looms"), thread);
        var done = await essay.RunAsync(Command.ResumeWith(true), thread);
        Console.WriteLine(Workflow.OutputOf<string>(done.Values));
        // end

        Prints("python-functional");
    }

    [Fact]
    public async Task Agents()
    {
        using var model = new ScriptedChatClient(Calls(("c1", "weather", new() { ["city"] = "Ulm" })), Says("m2", "Take an umbrella."));

        // snippet: python-agent
        var messages = Channel.Messages();
        var weather = AIFunctionFactory.Create((string city) => $"rain in {city}", "weather", "Returns the weather of a city.");
        var agent = AgentGraph.Create(model, [weather], new AgentGraphOptions { SystemPrompt = "Be brief.", Messages = messages });

        var result = await agent.RunAsync(new StateUpdate().Add(messages, "What do I need in Ulm?"));
        Console.WriteLine(result.Values.Get(messages)[^1].Text);
        // end

        Prints("python-agent");
    }

    [Fact]
    public async Task Deployment()
    {
        string[] args = ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None"];
        var folder = Directory.CreateTempSubdirectory("weft-guide-");
        var database = Path.Combine(folder.FullName, "weft.db");
        var graph = Trip.CreateGraph().AddNode("note", _ => new() { Notes = ["noted"] }).AddEdge(StateGraph.Start, "note").Compile();
        using IChatClient model = new ScriptedChatClient(Says("m1", "Hello."));

        // snippet: python-deploy
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddWeft(options => options.CorsOrigins.Add("https://chat.example"))
            .AddGraph("trip", graph, options => options.Description = "Plans a trip.")
            .AddAgent("chat", model)
            .UseSqlite(database);

        var app = builder.Build();
        app.MapWeft();
        await app.StartAsync();
        // end

        using (var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) })
        {
            using var content = new StringContent("""{"assistant_id":"trip","input":{"city":"Ulm"}}""", null, "application/json");
            using var answer = await client.PostAsync("/runs/wait", content);
            JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("notes")[0].GetString().ShouldBe("noted");
        }

        await app.StopAsync();
        await app.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
