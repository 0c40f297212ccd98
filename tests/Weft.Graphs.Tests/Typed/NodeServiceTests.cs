using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Weft.Graphs.Tests.Typed;

public sealed class NodeServiceTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_takes_services_as_parameters()
    {
        var graph = Everything.CreateGraph()
            .AddNode("a", (Everything state, Prices prices) => new() { Log = [prices.Of(state.Topic)] })
            .AddNode("b", async (Everything state, Prices prices, CancellationToken stop) =>
            {
                await Task.Delay(0, stop);
                return new() { Log = [prices.Of("b")] };
            })
            .AddNode("c", async (Everything state, NodeContext context, Prices prices, Desk desk, CancellationToken stop) =>
            {
                await Task.Delay(0, stop);
                return new() { Log = [$"{context.Node} {prices.Of("c")} {desk.Prices == prices}"] };
            })
            .AddNode("d", (Everything state, Prices prices, NodeContext context) => new() { Log = [prices.Of(context.Node)] })
            .AddNode("e", async (Everything state, Prices prices, Desk desk) => await Task.FromResult(new Everything.Update { Log = ["e"] }))
            .AddNode<Prices>("f", Method)
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").AddEdge("b", "c").AddEdge("c", "d").AddEdge("d", "e").AddEdge("e", "f")
            .Compile();

        var end = await RunAsync(graph);

        end.Log.ShouldBe(["1 t", "2 b", "c 3 c True", "4 d", "e", "6 f"]);
    }

    [Fact]
    public async Task A_node_may_be_a_class_with_services_in_its_constructor()
    {
        var graph = Everything.CreateGraph()
            .AddNode<PricingNode>("a")
            .AddNode<PricingNode>("b")
            .AddNode<RegisteredNode>("c")
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").AddEdge("b", "c").Compile();
        PricingNode.Disposed = 0;

        var end = await RunAsync(graph);

        end.Log.ShouldBe(["1 a", "2 b", "registered"]);
        PricingNode.Disposed.ShouldBe(2);
    }

    [Fact]
    public async Task A_node_takes_options_and_configuration()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Shop:Currency"] = "EUR", ["Greeting"] = "Hello" }).Build();
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .Configure<ShopSettings>(configuration.GetSection("Shop"))
            .BuildServiceProvider(validateScopes: true);
        var graph = Everything.CreateGraph()
            .AddNode("a", (Everything state, IOptions<ShopSettings> shop, IConfiguration all) =>
                new() { Log = [$"{all["Greeting"]} {shop.Value.Currency}"] })
            .AddNode<ConfiguredNode>("b")
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").Compile();

        var result = await graph.RunAsync(new Everything.Update { Topic = "t" }, new GraphRunOptions { Services = services }, Stop);

        result.Values.As<Everything>().Log.ShouldBe(["Hello EUR", "EUR Hello"]);
    }

    [Fact]
    public async Task A_service_that_is_missing_is_an_error_that_names_it()
    {
        var graph = Everything.CreateGraph()
            .AddNode("a", (Everything state, Uri missing) => new())
            .AddEdge(StateGraph.Start, "a").Compile();

        (await Should.ThrowAsync<NodeFailedException>(() => RunAsync(graph))).Message.ShouldContain("System.Uri");
    }

    private static Everything.Update Method(Everything state, Prices prices) => new() { Log = [prices.Of("f")] };

    private static async Task<Everything> RunAsync(CompiledGraph graph)
    {
        await using var services = new ServiceCollection()
            .AddSingleton<Counter>().AddScoped<Prices>().AddScoped<Desk>().AddScoped<RegisteredNode>()
            .BuildServiceProvider(validateScopes: true);
        var result = await graph.RunAsync(new Everything.Update { Topic = "t" }, new GraphRunOptions { Services = services }, Stop);
        return result.Values.As<Everything>();
    }

    private sealed class Counter
    {
        public int Count { get; set; }
    }

    /// <summary>A scoped service: each task has another one.</summary>
    private sealed class Prices(Counter counter)
    {
        private readonly int _number = ++counter.Count;

        public string Of(string topic) => $"{_number} {topic}";
    }

    private sealed class Desk(Prices prices)
    {
        public Prices Prices => prices;
    }

    private sealed class PricingNode(Prices prices) : Everything.INode, IDisposable
    {
        public static int Disposed { get; set; }

        public Task<Everything.Update> RunAsync(Everything state, NodeContext context, CancellationToken cancellationToken) =>
            Task.FromResult<Everything.Update>(new() { Log = [prices.Of(context.Node)] });

        public void Dispose() => Disposed++;
    }

    private sealed class ShopSettings
    {
        public string Currency { get; set; } = "";
    }

    private sealed class ConfiguredNode(IOptionsSnapshot<ShopSettings> shop, IConfiguration all) : Everything.INode
    {
        public Task<Everything.Update> RunAsync(Everything state, NodeContext context, CancellationToken cancellationToken) =>
            Task.FromResult<Everything.Update>(new() { Log = [$"{shop.Value.Currency} {all["Greeting"]}"] });
    }

    private sealed class RegisteredNode(Prices prices) : Everything.INode
    {
        public Task<Everything.Update> RunAsync(Everything state, NodeContext context, CancellationToken cancellationToken) =>
            Task.FromResult<Everything.Update>(new() { Log = [prices.Of("") is "3 " ? "registered" : "wrong"] });
    }
}
