using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Graphs.Tests.Docs;

// snippet: typed-record
[GraphState]
public sealed partial record Essay(string Topic)
{
    public string Draft { get; init; } = "";

    public int Words { get; init; }

    [Append]
    public IReadOnlyList<string> Log { get; init; } = [];

    public bool IsShort => Words < 5;
}
// end

// snippet: typed-members
[GraphState]
public sealed partial record Order
{
    public required string Customer { get; init; }

    public Address? Address { get; init; }

    [Reducer(nameof(Sum))]
    public decimal Total { get; init; }

    [Reducer(typeof(Math), nameof(Math.Max))]
    public int Priority { get; init; } = 1;

    public MessageList Messages { get; init; } = MessageList.Empty;

    private static decimal Sum(decimal total, decimal more) => total + more;
}

public sealed record Address(string Street, string City);
// end

// snippet: typed-parts
[GraphState]
public sealed partial record OrderInput(string Customer, Address? Address = null);

[GraphState]
public sealed partial record OrderOutput(decimal Total);

public sealed record Shop(string Currency, decimal Discount);
// end

// snippet: typed-questions-types
public sealed record Approval(string Question, decimal Total);

public sealed record Decision(bool Approved, string? Reason = null);
// end

// snippet: node-class
public sealed class Price(PriceList prices, IOptions<ShopOptions> options, TimeProvider time) : Order.INode
{
    public async Task<Order.Update> RunAsync(Order state, NodeContext context, CancellationToken cancellationToken)
    {
        var price = await prices.FindAsync(state.Customer, cancellationToken);
        return new() { Total = time.GetUtcNow().DayOfWeek == DayOfWeek.Sunday ? price * options.Value.SundayFactor : price };
    }
}
// end

public sealed class ShopOptions
{
    public decimal SundayFactor { get; set; } = 2;
}

public sealed class PriceList
{
    private readonly decimal _factor = 10;

    public Task<decimal> FindAsync(string customer, CancellationToken cancellationToken) => Task.FromResult(customer.Length * _factor);
}

public sealed class TypedSnippets : GuideSnippets
{
    [Fact]
    public async Task Typed_graph()
    {
        // snippet: typed-graph
        var graph = Essay.CreateGraph()
            .AddNode("write", state => new() { Draft = $"All about {state.Topic}.", Log = ["wrote"] })
            .AddNode("count", state => new() { Words = state.Draft.Split(' ').Length, Log = ["counted"] })
            .AddNode("extend", async (state, cancellationToken) =>
            {
                await Task.Delay(1, cancellationToken);
                return new() { Draft = $"{state.Draft} And more.", Log = ["extended"] };
            })
            .AddEdge(StateGraph.Start, "write")
            .AddEdge("write", "count")
            .AddConditionalEdges("count", state => state.IsShort ? "extend" : StateGraph.End, ["extend", StateGraph.End])
            .AddEdge("extend", "count")
            .Compile();

        var result = await graph.RunAsync(new Essay("looms"));
        var essay = result.Values.As<Essay>();
        Console.WriteLine($"{essay.Draft} {essay.Words} words: {string.Join(", ", essay.Log)}");
        Console.WriteLine(result.Values);
        // end

        Prints("typed-graph");
    }

    [Fact]
    public async Task Typed_update()
    {
        // snippet: typed-update
        var graph = Essay.CreateGraph()
            .AddNode(
                "check",
                state =>
                {
                    var update = new Essay.Update { Log = ["checked"] };
                    if (state.Topic.Length > 10)
                    {
                        update.Draft = "Too long a topic.";
                        update.Goto = ["refuse"];
                    }

                    return update;
                },
                new NodeOptions { Destinations = ["refuse"] })
            .AddNode("refuse", _ => new() { Replace = { Log = ["refused"] } })
            .AddEdge(StateGraph.Start, "check")
            .Compile();

        Console.WriteLine((await graph.RunAsync(new Essay("looms"))).Values);
        Console.WriteLine((await graph.RunAsync(new Essay("the history of looms"))).Values);
        // end

        Prints("typed-update");
    }

    [Fact]
    public async Task Typed_io()
    {
        // snippet: typed-io
        var graph = Order.CreateGraph()
            .Input<OrderInput>()
            .Output<OrderOutput>()
            .Context<Shop>()
            .AddNode("price", (_, context) => new() { Total = 100 - context.GetContext<Shop>().Discount, Priority = 3 })
            .AddEdge(StateGraph.Start, "price")
            .Compile();

        var options = new GraphRunOptions { Context = JsonElement.Parse("""{"currency":"EUR","discount":10}""") };
        var result = await graph.RunAsync(new OrderInput("Ada"), options);
        Console.WriteLine(result.Values.As<OrderOutput>());

        try
        {
            await graph.RunAsync(GraphInput.FromJson(JsonElement.Parse("""{"customer":"Ada","address":{"street":"Mill Lane","town":"Ulm"}}""")), options);
        }
        catch (InvalidUpdateException e)
        {
            Console.WriteLine(e.Message);
        }
        // end

        Prints("typed-io");
    }

    [Fact]
    public async Task Typed_question()
    {
        // snippet: typed-question
        var graph = Order.CreateGraph()
            .AddNode("approve", (state, context) =>
            {
                var decision = context.Interrupt<Approval, Decision>(new("Approve it?", state.Total));
                return new() { Messages = [Message.Ai(decision.Approved ? "On its way." : $"Refused: {decision.Reason}")] };
            })
            .AddEdge(StateGraph.Start, "approve")
            .Compile();

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var paused = await graph.RunAsync(new Order { Customer = "Ada", Total = 90 }, options);
        Console.WriteLine(paused.Interrupts.Single().Value);
        Console.WriteLine(paused.Interrupts.Single().ResponseSchema);

        paused = await graph.RunAsync(Command.ResumeWith("maybe"), options);
        Console.WriteLine(paused.Interrupts.Single().Value);

        var done = await graph.RunAsync(Command.ResumeWith(new { approved = false, reason = "too dear" }), options);
        Console.WriteLine(done.Values.As<Order>().Messages.Single());
        // end

        Prints("typed-question");
    }

    [Fact]
    public async Task Typed_send()
    {
        // snippet: typed-send
        var graph = Essay.CreateGraph()
            .AddNodeFor<string>("research", word => new() { Log = [$"read about {word}"] })
            .AddConditionalEdges(StateGraph.Start, state => state.Topic.Split(' ').Select(word => Send.Of("research", word)), ["research"])
            .Compile();

        Console.WriteLine(string.Join(", ", (await graph.RunAsync(new Essay("warp weft"))).Values.As<Essay>().Log));
        // end

        Prints("typed-send");
    }

    [Fact]
    public async Task Node_services()
    {
        using var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(new FakeTimeProvider()).AddScoped<PriceList>().AddOptions().BuildServiceProvider();

        // snippet: node-services
        var graph = Order.CreateGraph()
            .AddNode<Price>("price")
            .AddNode("extra", async (Order state, PriceList prices, CancellationToken cancellationToken) =>
                new() { Total = await prices.FindAsync("gift", cancellationToken) })
            .AddEdge(StateGraph.Start, "price")
            .AddEdge("price", "extra")
            .Compile();

        var result = await graph.RunAsync(new Order { Customer = "Ada" }, new GraphRunOptions { Services = services });
        Console.WriteLine(result.Values.As<Order>().Total);
        // end

        Prints("node-services");
    }

    [Fact]
    public async Task Decorators()
    {
        // snippet: decorators
        var graph = Order.CreateGraph()
            .Use(async (context, next, cancellationToken) =>
            {
                var result = await next(context, cancellationToken);
                Console.WriteLine($"{context.Node} is done");
                return result;
            })
            .Use((context, next, cancellationToken) => context.GetState<Order>().Total > 100
                ? new(new Order.Update { Messages = [Message.Ai("Too dear.")] })
                : next(context, cancellationToken))
            .AddNode("flour", _ => new() { Total = 60 })
            .AddNode("sugar", _ => new() { Total = 60 })
            .AddNode("saffron", _ => new() { Total = 6000 })
            .AddEdge(StateGraph.Start, "flour")
            .AddEdge("flour", "sugar")
            .AddEdge("sugar", "saffron")
            .Compile();

        var order = (await graph.RunAsync(new Order { Customer = "Ada" })).Values.As<Order>();
        Console.WriteLine($"{order.Total}: {order.Messages.Single().Text}");
        // end

        Prints("decorators");
    }

    [Fact]
    public async Task Typed_mixed()
    {
        // snippet: typed-mixed
        var score = Channel.LastValue<double>("score");
        var typed = Essay.CreateGraph().AddNode("write", state => new() { Draft = $"All about {state.Topic}." });
        typed.Untyped
            .AddChannel(score)
            .AddNode("rate", context => new StateUpdate()
                .Set(score, context.Get(Essay.Channels.Draft)!.Length / 10.0)
                .Set(Essay.Channels.Words, context.GetState<Essay>().Draft.Split(' ').Length));
        var graph = typed.AddEdge(StateGraph.Start, "write").AddEdge("write", "rate").Compile();

        Console.WriteLine((await graph.RunAsync(new Essay("looms"))).Values);
        // end

        Prints("typed-mixed");
    }
}
