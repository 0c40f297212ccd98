using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

public sealed class ForkTests
{
    [Fact]
    public async Task A_fork_with_input_starts_a_branch_and_leaves_the_old_one()
    {
        var thread = new ThreadUnderTest(Line("a", "b"));
        await thread.RunAsync("""{"name":"main"}""");
        var fork = (await thread.HistoryAsync()).Single(state => state.Checkpoint.Step == 1).Checkpoint;
        (await ForkAsync(thread, fork.Id, ThreadUnderTest.Json("""{"name":"branch"}"""))).TrailOf().ShouldBe(["a", "a", "b"]);
        var history = await thread.HistoryAsync();
        history.Count.ShouldBe(8);
        var input = history.Single(state => state.Checkpoint.ParentId == fork.Id && state.Checkpoint.Source == CheckpointSource.Input);
        input.Checkpoint.Step.ShouldBe(2);
        (await thread.StateAsync()).TrailOf().ShouldBe(["a", "a", "b"]);
    }

    [Fact]
    public async Task A_fork_that_continues_runs_the_tasks_again_on_a_copy()
    {
        var runs = 0;
        var thread = new ThreadUnderTest(New().AddNode("a", _ => new StateUpdate().Set(Count, ++runs)).Chain("a").Compile());
        await thread.RunAsync();
        var fork = (await thread.HistoryAsync()).Single(state => state.Checkpoint.Step == 0).Checkpoint;
        await ForkAsync(thread, fork.Id, GraphInput.Continue);
        runs.ShouldBe(2);
        var copy = (await thread.HistoryAsync()).Single(state => state.Checkpoint.Source == CheckpointSource.Fork);
        copy.Checkpoint.ParentId.ShouldBe(fork.Id);
        copy.Checkpoint.Step.ShouldBe(1);
        copy.Next.ShouldBe(["a"]);
        (await thread.StateAsync()).Checkpoint.ParentId.ShouldBe(copy.Checkpoint.Id);
    }

    [Fact]
    public async Task For_a_command_that_is_refused_there_is_no_copy()
    {
        var thread = new ThreadUnderTest(Line("a", "b"));
        await thread.RunAsync();
        var fork = (await thread.HistoryAsync()).Single(state => state.Checkpoint.Step == 1).Checkpoint;
        await Should.ThrowAsync<UnknownNodeException>(() => ForkAsync(thread, fork.Id, new Command { Goto = ["nobody"] }));
        (await thread.HistoryAsync()).ShouldNotContain(state => state.Checkpoint.Source == CheckpointSource.Fork);
    }

    [Fact]
    public async Task An_update_or_a_fork_is_not_copied()
    {
        var thread = new ThreadUnderTest(Line("a", "b"));
        await thread.RunAsync();
        var edit = await thread.UpdateAsync("""{"name":"edit"}""", "a");
        await ForkAsync(thread, edit.Id, GraphInput.Continue);
        await ForkAsync(thread, edit.Id, GraphInput.Continue);
        (await thread.HistoryAsync()).ShouldNotContain(state => state.Checkpoint.Source == CheckpointSource.Fork);
        (await thread.HistoryAsync()).Count(state => state.Checkpoint.ParentId == edit.Id).ShouldBe(2);
    }

    [Fact]
    public async Task A_fork_asks_again_and_a_new_answer_takes_the_place_of_the_old()
    {
        var thread = new ThreadUnderTest(New("after").AddNode("ask", Ask("ask", "one?", "two?")).Chain("ask", "after").Compile());
        await thread.RunAsync();
        await thread.ResumeAsync("1");
        await thread.ResumeAsync("2");
        var asked = (await thread.HistoryAsync()).Single(state => state.Checkpoint.Step == 0).Checkpoint.Id;
        (await ForkAsync(thread, asked, ThreadUnderTest.Answer("3"))).Interrupts[0].Value.GetString().ShouldBe("two?");
        (await ForkAsync(thread, asked, GraphInput.Continue)).Interrupts[0].Value.GetString().ShouldBe("one?");
        await thread.ResumeAsync("5");
        (await thread.ResumeAsync("6")).TrailOf().ShouldBe(["ask:5,6", "after"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_fork_answers_the_question_of_a_graph_inside_where_it_asked(int depth)
    {
        var runs = 0;
        var sub = New("after")
            .AddNode("once", _ => new StateUpdate().Set(Count, ++runs))
            .AddNode("ask", Ask("ask", "sure?"))
            .Chain("once", "ask", "after")
            .Output(Trail)
            .Compile();
        for (var i = 1; i < depth; i++)
        {
            sub = New().AddNode("inner", sub).Chain("inner").Output(Trail).Compile();
        }

        var thread = new ThreadUnderTest(New("end").AddNode("sub", sub).Chain("sub", "end").Compile());
        var id = (await thread.RunAsync()).Interrupts.Single().Id;
        var asked = (await thread.StateAsync()).Checkpoint.Id;
        (await thread.ResumeAsync("1")).TrailOf().ShouldBe(["ask:1", "after", "end"]);

        (await ForkAsync(thread, asked, ThreadUnderTest.Answer("2"))).TrailOf().ShouldBe(["ask:2", "after", "end"]);
        (await ForkAsync(thread, asked, ThreadUnderTest.Answer($$"""{"{{id}}":"3"}"""))).TrailOf().ShouldBe(["ask:3", "after", "end"]);
        var unknown = ThreadUnderTest.Answer($$"""{"{{new string('0', 32)}}":"4"}""");
        (await ForkAsync(thread, asked, unknown)).Interrupts.Single().Id.ShouldBe(id);
        runs.ShouldBe(1);
        (await thread.StateAsync()).TrailOf().ShouldBe(["ask:3", "after", "end"]);
    }

    [Fact]
    public async Task A_fork_answers_one_of_two_questions_of_a_graph_inside()
    {
        var sub = New().AddNode("one", Ask("one", "one?")).AddNode("two", Ask("two", "two?")).Chain("one", "two").Output(Trail).Compile();
        var thread = new ThreadUnderTest(New().AddNode("sub", sub).Chain("sub").Compile());
        await thread.RunAsync();
        var asked = (await thread.StateAsync()).Checkpoint.Id;
        var two = (await thread.ResumeAsync("1")).Interrupts.Single().Id;
        await thread.ResumeAsync("2");

        (await ForkAsync(thread, asked, ThreadUnderTest.Answer($$"""{"{{two}}":"3"}"""))).TrailOf().ShouldBe(["one:1", "two:3"]);
        (await ForkAsync(thread, asked, ThreadUnderTest.Answer("4"))).Interrupts.Single().Value.GetString().ShouldBe("two?");
        (await ForkAsync(thread, asked, ThreadUnderTest.Answer("5"))).TrailOf().ShouldBe(["one:4", "two:5"]);
    }

    [Fact]
    public async Task A_fork_answers_graphs_that_were_sent_to_and_keeps_what_finished()
    {
        var runs = 0;
        var sub = New()
            .AddNode("work", context =>
            {
                if (context.Get(Name) is not { Length: > 1 } name)
                {
                    return new StateUpdate().Add(Trail, $"{context.Get(Name)} {Interlocked.Increment(ref runs)}");
                }

                return new StateUpdate().Add(Trail, $"{name}:{context.Interrupt(name)}");
            })
            .Chain("work").Output(Trail).Compile();
        var thread = new ThreadUnderTest(New().AddNode("sub", sub)
            .AddConditionalEdges(StateGraph.Start, _ => ToSub("a?", "b", "c?"), ["sub"]).Compile());
        var asked = await thread.RunAsync();
        var at = (await thread.StateAsync()).Checkpoint.Id;
        string Answers(params (string Question, string Answer)[] answers) => $"{{{string.Join(',', answers.Select(
            answer => $"\"{asked.Interrupts.Single(i => i.Value.GetString() == answer.Question).Id}\":\"{answer.Answer}\""))}}}";
        (await thread.ResumeAsync(Answers(("a?", "1"), ("c?", "2")))).TrailOf().ShouldBe(["a?:1", "b 1", "c?:2"]);

        await Should.ThrowAsync<ResumeException>(() => ForkAsync(thread, at, ThreadUnderTest.Answer("3")));
        (await ForkAsync(thread, at, ThreadUnderTest.Answer(Answers(("c?", "4"))))).Interrupts.Single().Value.GetString().ShouldBe("a?");
        (await ForkAsync(thread, at, ThreadUnderTest.Answer(Answers(("a?", "5"), ("c?", "6"))))).TrailOf().ShouldBe(["a?:5", "b 1", "c?:6"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_fork_answers_a_graph_that_code_runs(bool isNamed)
    {
        var sub = New("before").AddNode("ask", Ask("ask", "sure?")).Chain("before", "ask").Compile();
        var thread = new ThreadUnderTest(New()
            .AddNode(
                "call",
                async (context, stop) => new StateUpdate().Add(Trail, [.. (await context.RunAsync(sub, StateUpdate.None, stop)).Get(Trail)!]),
                new NodeOptions { Subgraphs = isNamed ? [sub] : [] })
            .Chain("call").Compile());
        await thread.RunAsync();
        var asked = (await thread.StateAsync()).Checkpoint.Id;
        (await thread.ResumeAsync("1")).TrailOf().ShouldBe(["before", "ask:1"]);
        (await ForkAsync(thread, asked, ThreadUnderTest.Answer("2"))).TrailOf().ShouldBe(["before", "ask:2"]);
    }

    [Fact]
    public async Task A_fork_answers_a_graph_that_keeps_its_state_per_thread()
    {
        var sub = New().AddNode("ask", Ask("ask", "sure?")).Chain("ask").Compile(new CompileOptions { Persistence = SubgraphPersistence.PerThread });
        var thread = new ThreadUnderTest(New()
            .AddNode(
                "call",
                async (context, stop) => new StateUpdate().Set(Name, string.Join('|', (await context.RunAsync(sub, StateUpdate.None, stop)).Get(Trail)!)),
                new NodeOptions { Subgraphs = [sub] })
            .Chain("call").Compile());
        await thread.RunAsync();
        var asked = (await thread.StateAsync()).Checkpoint.Id;
        await thread.ResumeAsync("1");
        await thread.RunAsync();
        (await thread.ResumeAsync("2")).Values.Get(Name).ShouldBe("ask:1|ask:2");
        (await ForkAsync(thread, asked, ThreadUnderTest.Answer("3"))).Values.Get(Name).ShouldBe("ask:3");
    }

    [Fact]
    public async Task A_fork_resumes_the_questions_of_siblings_and_keeps_what_finished()
    {
        var runs = 0;
        var thread = new ThreadUnderTest(New().AddNode("p", Ask("p", "p?")).AddNode("q", Ask("q", "q?"))
            .AddNode("once", _ => new StateUpdate().Set(Count, Interlocked.Increment(ref runs)))
            .AddEdge(StateGraph.Start, "p").AddEdge(StateGraph.Start, "q").AddEdge(StateGraph.Start, "once").Compile());
        var asked = await thread.RunAsync();
        string Answers(string p, string q) =>
            $$"""{"{{asked.Interrupts.Single(i => i.Value.GetString() == "p?").Id}}":"{{p}}","{{asked.Interrupts.Single(i => i.Value.GetString() == "q?").Id}}":"{{q}}"}""";
        (await thread.ResumeAsync(Answers("1", "2"))).TrailOf().ShouldBe(["p:1", "q:2"]);
        var at = (await thread.HistoryAsync()).Single(state => state.Checkpoint.Step == 0).Checkpoint.Id;
        (await ForkAsync(thread, at, ThreadUnderTest.Answer(Answers("3", "4")))).TrailOf().ShouldBe(["p:3", "q:4"]);
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task The_newest_checkpoint_is_not_the_past()
    {
        var runs = 0;
        var thread = new ThreadUnderTest(New().AddNode("p", Ask("p", "p?")).AddNode("q", Ask("q", "q?"))
            .AddNode("once", _ => new StateUpdate().Set(Count, Interlocked.Increment(ref runs)))
            .AddEdge(StateGraph.Start, "p").AddEdge(StateGraph.Start, "q").AddEdge(StateGraph.Start, "once").Compile());
        var asked = await thread.RunAsync();
        await thread.ResumeAsync($$"""{"{{asked.Interrupts.Single(i => i.Value.GetString() == "p?").Id}}":"P"}""");
        var head = (await thread.StateAsync()).Checkpoint.Id;
        (await ForkAsync(thread, head, GraphInput.Continue)).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("q?");
        (await ForkAsync(thread, head, ThreadUnderTest.Answer("\"Q\""))).TrailOf().ShouldBe(["p:P", "q:Q"]);
        runs.ShouldBe(1);
        (await thread.HistoryAsync()).ShouldNotContain(state => state.Checkpoint.Source == CheckpointSource.Fork);
    }

    [Fact]
    public async Task An_answer_at_the_newest_checkpoint_keeps_those_before_also_after_an_edit()
    {
        var thread = new ThreadUnderTest(New("before").AddNode("ask", Ask("ask", "one?", "two?")).Chain("before", "ask").Compile());
        await thread.RunAsync();
        await thread.UpdateAsync("{}", "before");
        await thread.ContinueAsync();
        await thread.ResumeAsync("1");
        var head = (await thread.StateAsync()).Checkpoint;
        head.Source.ShouldBe(CheckpointSource.Update);
        (await ForkAsync(thread, head.Id, ThreadUnderTest.Answer("2"))).TrailOf().ShouldBe(["before", "ask:1,2"]);
    }

    [Fact]
    public async Task An_unknown_checkpoint_is_refused() =>
        await Should.ThrowAsync<CheckpointNotFoundException>(
            () => ForkAsync(new ThreadUnderTest(Line("a")), "nothing", GraphInput.Continue));

    private static IReadOnlyList<Destination> ToSub(params IEnumerable<string> names) =>
        [.. names.Select(name => (Destination)Send.Of("sub", new StateUpdate().Set(Name, name)))];

    private static async Task<GraphRunResult> ForkAsync(ThreadUnderTest thread, string checkpointId, GraphInput input)
    {
        thread.Options = thread.Options with { CheckpointId = checkpointId };
        var result = await thread.RunAsync(input);
        thread.Options = thread.Options with { CheckpointId = null };
        return result;
    }
}
