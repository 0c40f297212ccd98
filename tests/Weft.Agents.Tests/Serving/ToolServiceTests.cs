using System.Collections.Concurrent;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Serving;

public sealed class ToolServiceTests
{
    private readonly Ledger _ledger = new();

    private interface IPrices
    {
        int Of(string item);
    }

    [Fact]
    public async Task Calls_at_the_same_time_have_scoped_services_of_their_own()
    {
        var called = 0;
        var bothAreOpen = new TaskCompletionSource();
        var order = AgentTool.Create(
            async (string item, ShopDb db, IPrices prices, NodeContext context, CancellationToken stop) =>
            {
                if (Interlocked.Increment(ref called) == 2)
                {
                    bothAreOpen.SetResult();
                }

                await bothAreOpen.Task.WaitAsync(stop);
                return $"{db.Use()} {prices.Of(item)} {context.Services.GetRequiredService<ShopDb>() == db}";
            },
            "order");
        using var client = new ScriptedChatClient(
            Calls(("1", "order", new() { ["item"] = "wool" }), ("2", "order", new() { ["item"] = "silk" })), Says(null, "Done."));
        await using var server = await StartAsync(weft => weft.AddAgent("clerk", client, [order]));

        (await ResultsOfAsync(server)).ShouldBe(["open 4 True", "open 4 True"]);

        order.JsonSchema.GetProperty("properties").EnumerateObject().Select(member => member.Name).ShouldBe(["item"]);
        _ledger.Opened.Count.ShouldBe(2);
        _ledger.Opened.ShouldAllBe(db => db.IsClosed);
    }

    [Fact]
    public async Task Calls_that_share_a_task_have_scopes_of_their_own_too()
    {
        // A node that is reached by its name makes all calls of the last message in one task.
        var order = AgentTool.Create((ShopDb db) => db.Use(), "order");
        var messages = Channel.Messages();
        var tools = new ToolNode([order], new AgentGraphOptions { Messages = messages });
        using var client = new ScriptedChatClient(Calls(("1", "order", []), ("2", "order", [])));
        await using var server = await StartAsync(weft => weft.AddGraph("clerk", new StateGraph()
            .AddChannel(messages)
            .AddNode(
                "model",
                async (context, stop) => new StateUpdate().Add(
                    messages, await client.GetMessagesAsync(context.Get(messages), cancellationToken: stop)))
            .AddTools(tools)
            .AddEdge(StateGraph.Start, "model")
            .AddEdge("model", "tools")
            .Compile()));

        (await ResultsOfAsync(server)).ShouldBe(["open", "open"]);

        _ledger.Opened.Count.ShouldBe(2);
        _ledger.Opened.ShouldAllBe(db => db.IsClosed);
    }

    [Fact]
    public async Task The_tools_of_a_class_take_services_in_its_constructor()
    {
        using var client = new ScriptedChatClient(
            Calls(("1", "price_of", new() { ["item"] = "wool" }), ("2", "price_of", new() { ["item"] = "yarns" }), ("3", "Greet", [])),
            Says(null, "Done."));
        await using var server = await StartAsync(weft => weft.AddAgent("clerk", client, AgentTool.CreateAll<ShopTools>()));

        (await ResultsOfAsync(server)).ShouldBe(["4 open True", "5 open True", "Hello"]);

        client.Calls[0].Options!.Tools!.Select(tool => $"{tool.Name}: {tool.Description}").Order(StringComparer.Ordinal)
            .ShouldBe(["Greet: Greets.", "price_of: Returns a price."]);
        _ledger.Opened.Count.ShouldBe(2);
        _ledger.ToolsClosed.ShouldBe(2);
    }

    [Fact]
    public async Task A_registered_class_of_tools_comes_from_the_services()
    {
        var call = Calls(("1", "price_of", new() { ["item"] = "wool" }));
        using var client = new ScriptedChatClient(call, Says(null, "Done."), call, Says(null, "Done."));
        await using var server = await StartAsync(
            weft => weft.AddAgent("clerk", client, AgentTool.CreateAll<ShopTools>()), services => services.AddScoped<ShopTools>());

        (await ResultsOfAsync(server)).ShouldBe(["4 open True"]);
        (await ResultsOfAsync(server)).ShouldBe(["4 open True"]);

        // Once for each call: by the scope, and not a second time by the tool.
        _ledger.ToolsClosed.ShouldBe(2);
    }

    [Fact]
    public async Task Marked_parameters_are_services_whatever_their_type()
    {
        var order = AgentTool.Create(
            ([FromServices] Counter counter, [FromKeyedServices("gold")] IPrices gold, Func<string> greet, IPrices? none = null) =>
                $"{counter.Count} {gold.Of("x")} {greet()} {none is null}",
            "order");
        using var client = new ScriptedChatClient(Calls(("1", "order", [])), Says(null, "Done."));
        await using var server = await AgentServer.StartAsync(
            weft => weft.AddAgent("clerk", client, [order]),
            services => services
                .AddSingleton(new Counter { Count = 3 })
                .AddSingleton<Func<string>>(() => "hello")
                .AddKeyedSingleton<IPrices>("gold", new Prices(100)));

        (await ResultsOfAsync(server)).ShouldBe(["3 101 hello True"]);
        order.JsonSchema.GetProperty("properties").EnumerateObject().ShouldBeEmpty();
    }

    [Fact]
    public void What_json_can_be_read_as_is_an_argument_of_the_model()
    {
        var tool = AgentTool.Create(
            (Yarn yarn, IReadOnlyList<Yarn> list, Dictionary<string, int> amounts, Shape shape, Counter counter, JsonElement any) => "",
            "any");

        tool.JsonSchema.GetProperty("properties").EnumerateObject().Select(member => member.Name)
            .ShouldBe(["yarn", "list", "amounts", "shape", "counter", "any"]);
    }

    [Fact]
    public async Task A_server_does_not_start_if_a_service_of_a_tool_is_missing()
    {
        using var client = new ScriptedChatClient();
        var tool = AgentTool.Create((string item, ShopDb db) => item, "order");
        var keyed = AgentTool.Create(([FromKeyedServices("gold")] IPrices prices) => "", "gold");

        (await Should.ThrowAsync<ArgumentException>(() => AgentServer.StartAsync(weft => weft.AddAgent("clerk", client, [tool])))).Message
            .ShouldStartWith("The tool 'order' needs the service ShopDb for its parameter 'db', but it is not registered.");
        (await Should.ThrowAsync<ArgumentException>(() => StartAsync(weft => weft.AddAgent("clerk", client, [keyed])))).Message
            .ShouldStartWith(
                "The tool 'gold' needs the service IPrices with the key 'gold' for its parameter 'prices', but it is not registered.");
    }

    [Fact]
    public async Task A_server_does_not_start_if_the_model_would_see_a_service()
    {
        using var client = new ScriptedChatClient();
        var tool = AgentTool.Create((Counter counter) => "", "order");

        (await Should.ThrowAsync<ArgumentException>(() => AgentServer.StartAsync(
            weft => weft.AddAgent("clerk", client, [tool]), services => services.AddSingleton<Counter>()))).Message.ShouldStartWith(
                "The model would see the parameter 'counter' of the tool 'order', but Counter is a service of the application. "
                    + "Make the tool with AgentTool.Create, and mark the parameter with [FromServices].");
    }

    [Fact]
    public async Task A_graph_of_ones_own_gets_a_missing_service_as_the_result_of_the_tool()
    {
        using var client = new ScriptedChatClient(Calls(("1", "order", [])), Says(null, "Done."));
        var order = AgentTool.Create((ShopDb db) => db.Use(), "order");
        await using var server = await AgentServer.StartAsync(weft => weft.AddGraph("clerk", AgentGraph.Create(client, [order])));

        (await ResultsOfAsync(server)).ShouldBe(["Error: The service ShopDb is missing, which the parameter 'db' of the tool needs."]);
    }

    [Fact]
    public void A_class_without_descriptions_has_no_tools() =>
        Should.Throw<ArgumentException>(() => AgentTool.CreateAll<Counter>()).Message
            .ShouldBe("Counter has no public method with a [Description], so there is nothing to call.");

    private static async Task<IReadOnlyList<string>> ResultsOfAsync(AgentServer server)
    {
        var values = (await server.SayAsync(await server.Api.NewThreadAsync(), "clerk", "go")).ShouldBeOk().Json;
        var results = values.GetProperty("messages").EnumerateArray().Where(message => message.Text("type") == "tool");
        return [.. results.Select(message => message.Content())];
    }

    private Task<AgentServer> StartAsync(Action<WeftBuilder> add, Action<IServiceCollection>? register = null) => AgentServer.StartAsync(
        add,
        services =>
        {
            services.AddSingleton(_ledger).AddScoped<ShopDb>().AddSingleton<IPrices>(new Prices(0));
            register?.Invoke(services);
        });

    /// <summary>Keeps what was made.</summary>
    private sealed class Ledger
    {
        private int _toolsClosed;

        public ConcurrentQueue<ShopDb> Opened { get; } = [];

        public int ToolsClosed => _toolsClosed;

        public void CloseTools() => Interlocked.Increment(ref _toolsClosed);
    }

    /// <summary>As a DbContext: scoped, and not to be used by two calls.</summary>
    private sealed class ShopDb : IAsyncDisposable
    {
        private int _uses;

        public ShopDb(Ledger ledger) => ledger.Opened.Enqueue(this);

        public bool IsClosed { get; private set; }

        public string Use() => Interlocked.Increment(ref _uses) > 1 ? "used twice" : IsClosed ? "closed" : "open";

        public ValueTask DisposeAsync()
        {
            IsClosed = true;
            return default;
        }
    }

    private sealed class Prices(int more) : IPrices
    {
        public int Of(string item) => item.Length + more;
    }

    private sealed class ShopTools(ShopDb db, Ledger ledger) : IDisposable
    {
        [DisplayName("price_of")]
        [Description("Returns a price.")]
        public string PriceOf(string item, IPrices prices, NodeContext context) =>
            $"{prices.Of(item)} {db.Use()} {context.Services.GetRequiredService<ShopDb>() == db}";

        [Description("Greets.")]
        public static string Greet() => "Hello";

        public static string NotATool() => "";

        public void Dispose() => ledger.CloseTools();
    }

    private sealed class Counter
    {
        public int Count { get; set; }
    }

    private sealed record Yarn(string Name, int Length);

    [JsonDerivedType(typeof(Circle), "circle")]
    private abstract record Shape;

    private sealed record Circle(int Radius) : Shape;
}
