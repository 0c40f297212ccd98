using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

/// <summary>
/// Graphs and steps that a node's code runs at the same time are continued by the calls that began them.
/// </summary>
public sealed class CallIdentityTests
{
    [Theory]
    [InlineData("law", "tax")]
    [InlineData("tax", "law")]
    public async Task Graphs_at_the_same_time_are_told_apart_by_name(params string[] order)
    {
        var graphs = new[] { "law", "tax" }.ToDictionary(name => name, name => Expert(name, name));
        var thread = new ThreadUnderTest(
            InTurns((name, context, stop) => context.RunAsync(graphs[name], StateUpdate.None, stop), "law", "tax"));
        await AnswerInTurnAsync(thread, order, ["law", "tax"]);
    }

    [Fact]
    public async Task Calls_of_one_graph_are_told_apart_by_their_input()
    {
        var expert = Expert("expert", null);
        var thread = new ThreadUnderTest(
            InTurns(
                (name, context, stop) => context.RunAsync(expert, new StateUpdate().Set(Name, name).Add(Chat, $"about {name}"), stop),
                "law",
                "tax",
                "art"));
        await AnswerInTurnAsync(thread, ["tax", "art", "law"], ["law", "tax", "art"]);
    }

    [Fact]
    public async Task Calls_with_equal_inputs_are_told_apart_by_their_keys()
    {
        var expert = Expert("expert", null);
        var thread = new ThreadUnderTest(InTurns(
            async (name, context, stop) =>
            {
                var inside = await context.RunAsync(expert, StateUpdate.None, key: name, cancellationToken: stop);
                return inside;
            },
            "law",
            "tax"));
        var asked = await thread.RunAsync();
        asked.Interrupts.Select(interrupt => interrupt.Id).Distinct().Count().ShouldBe(2);
        // The first call was that of law.
        await thread.ResumeAsync($$"""{"{{asked.Interrupts[0].Id}}":"LAW"}""");
        (await thread.ResumeAsync("\"TAX\"")).TrailOf().ShouldBe(["law=?: LAW", "tax=?: TAX"]);
    }

    [Fact]
    public async Task Graphs_of_equal_shape_are_told_apart_by_their_places_in_the_list_of_the_node()
    {
        var graphs = new[] { "law", "tax" }.ToDictionary(name => name, name => Expert("expert", name));
        var thread = new ThreadUnderTest(InTurns(
            (name, context, stop) => context.RunAsync(graphs[name], StateUpdate.None, stop),
            new NodeOptions { Subgraphs = [.. graphs.Values] },
            "law",
            "tax"));
        await AnswerInTurnAsync(thread, ["tax", "law"], ["law", "tax"]);
    }

    [Fact]
    public async Task A_call_that_a_second_try_adds_does_not_take_what_another_left()
    {
        var expert = Expert("expert", null);
        var thread = new ThreadUnderTest(New().AddNode("ask", async (context, stop) =>
        {
            async Task<string> LookAsync(string name, int wait)
            {
                await Task.Delay(wait, stop);
                return (await context.RunAsync(expert, new StateUpdate().Set(Name, name), stop)).Get(Trail)![^1];
            }

            async Task<string> TwiceAsync() => $"{await LookAsync("a", 0)}, {await LookAsync("b", 0)}";
            return new StateUpdate().Add(Trail, await Task.WhenAll(TwiceAsync(), LookAsync("c", 60)));
        }).Chain("ask").Compile());
        var ids = Ids(await thread.RunAsync());
        ids = Ids(await thread.ResumeAsync($$"""{"{{ids["a?"]}}":"A"}"""));
        ids.Keys.Order().ShouldBe(["b?", "c?"]);
        (await thread.ResumeAsync($$"""{"{{ids["b?"]}}":"B","{{ids["c?"]}}":"C"}""")).TrailOf().ShouldBe(["a: A, b: B", "c: C"]);
    }

    [Fact]
    public async Task A_call_that_is_made_alone_may_have_another_input_each_time()
    {
        var tries = 0;
        var expert = Expert("expert", "x");
        var thread = new ThreadUnderTest(New().AddNode("ask", async (context, stop) =>
        {
            var one = await context.RunAsync(expert, new StateUpdate().Set(Count, ++tries), stop);
            var two = await context.RunAsync(expert, new StateUpdate().Set(Count, tries), stop);
            return new StateUpdate().Add(Trail, [one.Get(Trail)![^1], two.Get(Trail)![^1]]);
        }).Chain("ask").Compile());
        await thread.RunAsync();
        await thread.ResumeAsync("1");
        (await thread.ResumeAsync("2")).TrailOf().ShouldBe(["x: 1", "x: 2"]);
    }

    [Fact]
    public async Task An_answer_is_not_for_a_graph_beside_whose_question_an_edit_took_away()
    {
        var graphs = new[] { "law", "tax" }.ToDictionary(name => name, name => Expert(name, name));
        var graph = InTurns(
            (name, context, stop) => context.RunAsync(graphs[name], StateUpdate.None, stop),
            new NodeOptions { Subgraphs = [.. graphs.Values] },
            "law",
            "tax");
        var thread = new ThreadUnderTest(graph);
        var ids = Ids(await thread.RunAsync());
        var inside = (await thread.StateAsync()).Tasks.Single().SubgraphNamespace!;
        var options = thread.Options;
        thread.Options = options with { CheckpointNamespace = inside };
        await thread.UpdateAsync("""{"trail":["edit"]}""", "look");
        thread.Options = options;
        var left = Ids(await thread.ResumeAsync($$"""{"{{ids["tax?"]}}":"TAX"}"""));
        left.Keys.ShouldBe(["law?"]);
        (await thread.ResumeAsync("\"LAW\"")).TrailOf().ShouldBe(["law=law: LAW", "tax=tax: TAX"]);
    }

    [Fact]
    public async Task Steps_at_the_same_time_are_told_apart_by_name_and_key()
    {
        var tries = 0;
        var done = 0;
        var thread = new ThreadUnderTest(New().AddNode("work", async (context, stop) =>
        {
            var isFirst = ++tries == 1;
            Task<string> DoAsync(string name, string? key) => context.StepAsync(
                name,
                async _ =>
                {
                    Interlocked.Increment(ref done);
                    await Task.Yield();
                    return name + key;
                },
                new StepOptions { Key = key },
                cancellationToken: stop);

            string[] names = ["a", "b", "c1", "c2"];
            var steps = (isFirst ? names : names.Reverse())
                .ToDictionary(name => name, name => name.Length == 1 ? DoAsync(name, null) : DoAsync("c", name[1..]));
            await Task.WhenAll(steps.Values);
            return new StateUpdate().Add(Trail, [.. names.Select(name => steps[name].Result), context.Interrupt("ok?").ToString()]);
        }).Chain("work").Compile());
        await thread.RunAsync();
        (await thread.ResumeAsync("\"yes\"")).TrailOf().ShouldBe(["a", "b", "c1", "c2", "yes"]);
        done.ShouldBe(4);
    }

    [Fact]
    public async Task A_graph_with_memory_per_thread_is_refused_in_two_tasks_at_once()
    {
        var counter = New("c").Chain("c").Compile(new CompileOptions { Name = "counter", Persistence = SubgraphPersistence.PerThread });
        var thread = new ThreadUnderTest(New().AddNode("count", async (context, stop) =>
        {
            await context.RunAsync(counter, StateUpdate.None, stop);
            return StateUpdate.None;
        }).AddConditionalEdges(StateGraph.Start, _ => [Send.Of("count", 1), Send.Of("count", 2)], ["count"]).Compile());
        var error = await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync());
        error.InnerException.ShouldBeOfType<ConcurrentSubgraphException>().Message.ShouldContain("'counter'");
        await Should.ThrowAsync<NodeFailedException>(() => thread.ContinueAsync());
    }

    [Fact]
    public async Task Also_when_one_of_them_had_ended_before_the_other_began()
    {
        var counter = New("c").Chain("c").Compile(new CompileOptions { Persistence = SubgraphPersistence.PerThread });
        var thread = new ThreadUnderTest(New().AddNode("count", async (context, stop) =>
        {
            var number = context.Input!.Value.GetInt32();
            if (number == 2)
            {
                context.Interrupt("now?");
            }

            return new StateUpdate().Set(Count, (await context.RunAsync(counter, StateUpdate.None, stop)).Get(Trail)!.Count);
        }).AddConditionalEdges(StateGraph.Start, _ => [Send.Of("count", 1), Send.Of("count", 2)], ["count"]).Compile());
        await thread.RunAsync();
        (await Should.ThrowAsync<NodeFailedException>(() => thread.ResumeAsync("true")))
            .InnerException.ShouldBeOfType<ConcurrentSubgraphException>();
    }

    [Fact]
    public async Task Memory_per_thread_of_two_graphs_of_one_node_is_told_apart_by_name()
    {
        var graphs = new[] { "law", "tax" }.ToDictionary(name => name, name => New()
            .AddNode("note", _ => new StateUpdate().Add(Trail, name))
            .Chain("note")
            .Compile(new CompileOptions { Name = name, Persistence = SubgraphPersistence.PerThread }));
        var thread = new ThreadUnderTest(
            InTurns((name, context, stop) => context.RunAsync(graphs[name], StateUpdate.None, stop), "law", "tax"));
        await thread.RunAsync();
        var states = (await thread.RunAsync()).TrailOf();
        states.ShouldBe(["law=law", "tax=tax", "law=law", "tax=tax"]);
    }

    [Fact]
    public async Task The_state_of_a_graph_that_a_node_does_not_name_can_be_read()
    {
        var expert = Expert("expert", "x");
        var graph = New().AddNode("ask", async (context, stop) =>
        {
            await context.RunAsync(expert, new StateUpdate().Set(Name, "in").Add(Chat, Message.Human("hello", id: "h")), stop);
            return StateUpdate.None;
        }).Chain("ask").Compile();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync();
        var inside = $"ask:{(await thread.StateAsync()).Tasks.Single().Id}";
        var state = (await graph.GetStateAsync(thread.Checkpointer, checkpointNamespace: inside, cancellationToken: TestContext.Current.CancellationToken))
            .ShouldNotBeNull();
        state.Json().ShouldContain("\"trail\":[\"looked\"]");
        state.Next.ShouldBe(["ask"]);
        state.Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("x?");
        (await thread.HistoryAsync(inside)).Select(past => past.Checkpoint.Step).ShouldBe([1, 0, -1]);
    }

    private static Dictionary<string, string> Ids(GraphRunResult result) =>
        result.Interrupts.ToDictionary(interrupt => interrupt.Value.GetString()!, interrupt => interrupt.Id);

    /// <summary>A graph that looks, then asks for its name or that of its input.</summary>
    private static CompiledGraph Expert(string graph, string? name) =>
        New().AddNode("look", _ => new StateUpdate().Add(Trail, "looked")).AddNode("ask", context =>
        {
            var subject = name ?? context.Get(Name) ?? "";
            return new StateUpdate().Add(Trail, $"{(subject.Length == 0 ? "?" : subject)}: {context.Interrupt($"{subject}?")}");
        }).Chain("look", "ask").Compile(new CompileOptions { Name = graph });

    private static CompiledGraph InTurns(
        Func<string, NodeContext, CancellationToken, Task<ChannelValues>> run, params string[] names) =>
        InTurns(run, NodeOptions.Default, names);

    /// <summary>
    /// A node that runs a graph for each name at the same time, in the order of the names at its first try and in the
    /// opposite order at the next.
    /// </summary>
    private static CompiledGraph InTurns(
        Func<string, NodeContext, CancellationToken, Task<ChannelValues>> run, NodeOptions options, params string[] names)
    {
        var tries = 0;
        return New().AddNode(
            "experts",
            async (context, stop) =>
            {
                var isFirst = ++tries % 2 == 1;
                async Task<string> RunAsync(string name, int index)
                {
                    await Task.Delay(50 * (isFirst ? index : names.Length - 1 - index), stop);
                    return $"{name}={(await run(name, context, stop)).Get(Trail)![^1]}";
                }

                return new StateUpdate().Add(Trail, await Task.WhenAll(names.Select(RunAsync)));
            },
            options).Chain("experts").Compile();
    }

    private static async Task AnswerInTurnAsync(ThreadUnderTest thread, string[] order, string[] names)
    {
        var ids = Ids(await thread.RunAsync());
        ids.Keys.Order().ShouldBe(names.Select(name => $"{name}?").Order());
        GraphRunResult? result = null;
        foreach (var name in order)
        {
            result = await thread.ResumeAsync($$"""{"{{ids[$"{name}?"]}}":"{{name.ToUpperInvariant()}}"}""");
        }

        result!.TrailOf().ShouldBe(names.Select(name => $"{name}={name}: {name.ToUpperInvariant()}"));
    }
}
