using System.Text.Json;

namespace Weft.Graphs.Tests.Typed;

public sealed class TypedStateTests
{
    [Fact]
    public async Task Nodes_take_the_record_and_return_what_they_change()
    {
        var graph = Everything.CreateGraph()
            .AddNode("write", state => new() { Draft = $"All about {state.Topic}." })
            .AddNode("count", state => new() { Words = state.Draft!.Split(' ').Length, Log = ["counted"] })
            .AddEdge(StateGraph.Start, "write")
            .AddEdge("write", "count")
            .Compile();

        var result = await RunAsync(graph, new Everything.Update { Topic = "looms" });

        var state = result.Values.As<Everything>();
        state.Draft.ShouldBe("All about looms.");
        state.Words.ShouldBe(3);
        state.Log.ShouldBe(["counted"]);
        state.Title.ShouldBe("untitled");
        state.IsLong.ShouldBeFalse();
        result.Values.ToString().ShouldBe(
            """{"topic":"looms","draft":"All about looms.","words":3,"title":"untitled","log":["counted"],"total":10,"best":0,"messages":[]}""");
    }

    [Fact]
    public async Task Each_kind_of_member_is_its_kind_of_channel()
    {
        var seen = new List<Everything>();
        var graph = Everything.CreateGraph()
            .AddNode("a", _ => new()
            {
                Log = ["a"],
                Total = 1,
                Best = 3,
                Found = ["x"],
                Numbers = [1],
                Hint = "a",
                Weather = "rain",
                Messages = [Message.Ai("A", id: "1")],
                Work = () => 42,
            })
            .AddNode("b", _ => new() { Log = ["b"], Total = 2, Best = 2, Found = ["y"], Numbers = [2], Hint = "b", Weather = "rain" })
            .AddNode("c", state =>
            {
                seen.Add(state);
                return new() { Messages = [Message.Ai("B", id: "1")] };
            })
            .AddNode("d", state =>
            {
                seen.Add(state);
                return new() { Replace = { Log = ["all forgotten"], Total = 0 } };
            })
            .AddEdge(StateGraph.Start, "a")
            .AddEdge(StateGraph.Start, "b")
            .AddEdge(["a", "b"], "c")
            .AddEdge("c", "d")
            .Compile();

        var end = (await RunAsync(graph, new Everything { Topic = "t" })).Values.As<Everything>();

        seen[0].Log.ShouldBe(["a", "b"]);
        seen[0].Total.ShouldBe(13);
        seen[0].Best.ShouldBe(3);
        seen[0].Found.ShouldBe(["x", "y"]);
        seen[0].Hint.ShouldBe("b");
        seen[0].Weather.ShouldBe("rain");
        seen[0].Work!().ShouldBe(42);
        seen[1].Found.ShouldBeEmpty();
        seen[1].Numbers.ShouldBe([1, 2]);
        seen[1].Hint.ShouldBeNull();
        seen[1].Weather.ShouldBe("fine");
        seen[1].Messages.ShouldHaveSingleItem().Text.ShouldBe("B");
        end.Log.ShouldBe(["all forgotten"]);
        end.Total.ShouldBe(0);
    }

    [Fact]
    public async Task A_required_member_without_a_value_is_an_error_that_names_it()
    {
        var graph = Everything.CreateGraph().AddNode("a", _ => new()).AddEdge(StateGraph.Start, "a").Compile();

        var error = await Should.ThrowAsync<NodeFailedException>(() => RunAsync(graph, new Everything.Update { Words = 1 }));

        error.InnerException.ShouldBeOfType<MissingStateMemberException>().Member.ShouldBe("topic");
    }

    [Fact]
    public async Task A_record_is_input_and_its_default_values_are_left_out()
    {
        var graph = Booking.CreateGraph().Input<BookingInput>().Output<BookingOutput>()
            .AddNode("host", state => new() { Host = new Person($"Host of {state.Guest}", 40) })
            .AddEdge(StateGraph.Start, "host")
            .Compile();
        var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };

        await RunAsync(graph, new BookingInput("Ada", Nights: 3), thread);
        var second = await RunAsync(graph, new BookingInput("Bob"), thread);

        second.Values.As<Booking>().Guest.ShouldBe("Bob");
        second.Values.As<BookingInput>().ShouldBe(new BookingInput("Bob", 3));
        second.Values.ToString().ShouldBe(
            """{"guest":"Bob","host":{"name":"Host of Bob","age":40,"email":null},"nights":3,"others":[],"day":"Friday"}""");
        JsonElement.Parse(graph.Schemas.Input.ToString()).GetProperty("properties").EnumerateObject().Select(member => member.Name)
            .ShouldBe(["guest", "nights"]);
    }

    [Fact]
    public void A_part_of_a_state_must_fit_it()
    {
        Should.Throw<GraphBuildException>(() => Booking.CreateGraph().Input<WrongInput>())
            .Message.ShouldBe("The member 'guest' of WrongInput differs in type from that of Booking.");
        Should.Throw<GraphBuildException>(() => BookingInput.CreateGraph().Output<BookingOutput>())
            .Message.ShouldBe("BookingOutput has a member 'host', which BookingInput does not have.");
    }

    [Theory]
    [InlineData("""{"guest":"Ada","host":{"name":"Bob","age":"old"}}""", "host.age: The JSON value could not be converted to ")]
    [InlineData("""{"guest":"Ada","host":{"name":null,"age":4}}""", "host.name: ")]
    [InlineData("""{"guest":"Ada","host":{"Age":4}}""", "host: JSON deserialization for type 'Weft.Graphs.Tests.Typed.Person' was missing")]
    [InlineData("""{"guest":"Ada","host":{"name":"Bob","age":4,"phone":"1"}}""", "host.phone: The JSON property 'phone' could not be mapped")]
    [InlineData("""{"guest":null}""", "guest: The value must not be null.")]
    [InlineData("""{"guest":"Ada","others":[{"name":"Bob","age":4},{"name":"Eve"}]}""", "others[1]: JSON deserialization")]
    [InlineData("""{"guest":"Ada","prices":{"mon":"dear"}}""", "prices.mon: The JSON value could not")]
    [InlineData("""{"guest":"Ada","day":"Someday"}""", "day: The JSON value could not")]
    public async Task Input_that_does_not_fit_is_an_error_with_its_path(string input, string message)
    {
        var graph = Booking.CreateGraph().AddNode("a", _ => new()).AddEdge(StateGraph.Start, "a").Compile();

        var error = await Should.ThrowAsync<InvalidUpdateException>(() => RunAsync(graph, GraphInput.FromJson(JsonElement.Parse(input))));

        error.Message.ShouldStartWith(message);
    }

    [Fact]
    public async Task Input_is_read_as_clients_write_it()
    {
        var graph = Booking.CreateGraph().AddNode("a", _ => new()).AddEdge(StateGraph.Start, "a").Compile();
        var input = JsonElement.Parse("""{"guest":"Ada","host":{"NAME":"Bob","age":4},"day":"friday","nights":2.0,"others":{"name":"Eve","age":3}}""");

        var state = (await RunAsync(graph, GraphInput.FromJson(input))).Values.As<Booking>();

        state.Host.ShouldBe(new Person("Bob", 4));
        state.Others.ShouldBe([new Person("Eve", 3)]);
        state.Nights.ShouldBe(2);
        state.Day.ShouldBe(Weekday.Friday);
    }

    [Fact]
    public async Task A_state_says_how_its_values_become_json()
    {
        var snake = SnakeState.CreateGraph().AddNode("a", _ => new() { MainGuest = new("Ada", 4) }).AddEdge(StateGraph.Start, "a").Compile();
        var context = ContextState.CreateGraph().AddNode("a", state => new() { Nights = state.Guest.Age })
            .AddEdge(StateGraph.Start, "a").Compile();

        (await RunAsync(snake, StateUpdate.None)).Values.ToString().ShouldBe("""{"mainGuest":{"NAME":"Ada","AGE":4,"EMAIL":null}}""");
        (await RunAsync(context, GraphInput.FromJson(JsonElement.Parse("""{"guest":{"name":"Ada","age":4}}""")))).Values.ToString()
            .ShouldBe("""{"guest":{"name":"Ada","age":4,"email":null},"nights":4}""");
        (await Should.ThrowAsync<InvalidUpdateException>(
            () => RunAsync(context, GraphInput.FromJson(JsonElement.Parse("""{"guest":{"name":"Ada","years":4}}""")))))
            .Message.ShouldStartWith("guest.years: ");
    }

    [Fact]
    public async Task States_may_be_nested_generic_and_derived()
    {
        var graph = Outer.Named.CreateGraph()
            .AddNode("a", state => new() { Value = state.Value + 1, @event = state.Name })
            .AddEdge(StateGraph.Start, "a").Compile();

        var end = (await RunAsync(graph, new Outer.Named("n") { Value = 4 })).Values;

        end.ToString().ShouldBe("""{"value":5,"event":"n","name":"n"}""");
        end.As<Outer.Named>().ShouldBe(new Outer.Named("n") { Value = 5, @event = "n" });
        end.As<Outer.Boxed<int>>().Value.ShouldBe(5);
        Outer.Boxed<string>.Channels.Value.Name.ShouldBe("value");
    }

    [Fact]
    public async Task Typed_and_untyped_nodes_share_channels()
    {
        var extra = Channel.LastValue<string>("extra");
        var typed = Everything.CreateGraph().AddNode("a", _ => new() { Draft = "typed" });
        typed.Untyped.AddChannel(extra).AddNode("b", context => new Everything.Update { Words = 1 }
            .Set(extra, context.Get(Everything.Channels.Draft)!)
            .Set(Everything.Channels.Title, context.GetState<Everything>().Topic));
        var graph = typed.AddEdge(StateGraph.Start, "a").AddEdge("a", "b").Compile();

        var values = (await RunAsync(graph, new StateUpdate().Set(Everything.Channels.Topic, "looms"))).Values;

        values.Get(extra).ShouldBe("typed");
        values.As<Everything>().ShouldBe(values.As<Everything>());
        values.As<Everything>().Title.ShouldBe("looms");
        values.As<Everything>().Words.ShouldBe(1);
    }

    [Fact]
    public async Task An_update_says_where_to_go()
    {
        var graph = Booking.CreateGraph()
            .AddNode("decide", state => new() { Nights = state.Nights + 1, Goto = ["refuse"] }, new NodeOptions { Destinations = ["refuse"] })
            .AddNode("refuse", _ => new() { Prices = new Dictionary<string, int> { ["fine"] = 3 } })
            .AddEdge(StateGraph.Start, "decide")
            .Compile();

        var end = (await RunAsync(graph, new BookingInput("Ada", 4))).Values.As<Booking>();

        end.Nights.ShouldBe(5);
        end.Prices!["fine"].ShouldBe(3);
    }

    [Fact]
    public async Task An_update_of_a_subgraph_may_be_for_the_graph_around_it()
    {
        var inner = Booking.CreateGraph()
            .AddNode("think", _ => new() { Nights = 7, Goto = ["clerk"], ToParent = true })
            .AddEdge(StateGraph.Start, "think").Compile();
        var graph = Booking.CreateGraph()
            .AddNode("inner", inner, new NodeOptions { Destinations = ["clerk"] })
            .AddNode("clerk", state => new() { Host = new Person("Clerk", state.Nights) })
            .AddEdge(StateGraph.Start, "inner").Compile();

        (await RunAsync(graph, new BookingInput("Ada"))).Values.As<Booking>().Host.ShouldBe(new Person("Clerk", 7));
    }

    [Fact]
    public void An_update_can_be_read_and_set_again()
    {
        var update = new Everything.Update { Draft = "one", Log = ["a"], Replace = { Total = 4 } };
        update.Draft = "two";
        update.Log = ["b"];
        update.Replace.Total = 5;

        update.Draft.ShouldBe("two");
        update.Log.ShouldBe(["b"]);
        update.Topic.ShouldBeNull();
        update.Words.ShouldBe(0);
        update.Total.ShouldBe(0);
        update.Replace.Total.ShouldBe(5);
        update.TryGet(Everything.Channels.Words, out _).ShouldBeFalse();
        update.TryGet(Everything.Channels.Draft, out var draft).ShouldBeTrue();
        draft.ShouldBe("two");
    }

    [Fact]
    public void A_stored_state_may_have_members_that_its_types_had_before()
    {
        var stored = JsonElement.Parse("""{"name":"Bob","age":4,"phone":"1"}""");

        Booking.Channels.Host.ReadValue(stored).ShouldBe(new Person("Bob", 4));
        Booking.Channels.Host.ReadWrite(stored).ShouldBe(new Person("Bob", 4));
        Should.Throw<InvalidUpdateException>(() => Booking.Channels.Host.ReadInput(stored));
    }

    [Fact]
    public void Schemas_come_from_the_types()
    {
        var schema = Booking.CreateGraph().Context<Person>().AddNode("a", _ => new()).AddEdge(StateGraph.Start, "a").Compile().Schemas;

        schema.State.GetProperty("properties").GetProperty("host").GetProperty("properties").GetProperty("age").GetProperty("type").GetString()
            .ShouldBe("integer");
        schema.State.GetProperty("properties").GetProperty("day").GetProperty("enum").ToString().ShouldBe("""["Monday","Friday"]""");
        schema.Context!.Value.GetProperty("properties").GetProperty("name").GetProperty("type").GetString().ShouldBe("string");
        Everything.CreateGraph().AddNode("a", _ => new()).AddEdge(StateGraph.Start, "a").Compile().Schemas.Input
            .GetProperty("properties").GetProperty("topic").GetProperty("description").GetString().ShouldBe("What it is about.");
    }

    private static Task<GraphRunResult> RunAsync(CompiledGraph graph, GraphInput input, GraphRunOptions? options = null) =>
        graph.RunAsync(input, options, TestContext.Current.CancellationToken);
}
