using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

/// <summary>Each question has an id of its own and gets the answer that was given to it, whatever the order of the calls.</summary>
public sealed class QuestionIdentityTests
{
    private static readonly string[][] Orders = [["x", "y", "z"], ["z", "x", "y"], ["y", "z", "x"]];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Questions_that_are_asked_at_the_same_time_are_all_reported_and_each_gets_its_answer(bool hasKeys)
    {
        var thread = new ThreadUnderTest(AtOnce(hasKeys));
        var ids = Ids(await thread.RunAsync());
        ids.Keys.Order().ShouldBe(["x?", "y?", "z?"]);
        ids.Values.Distinct().Count().ShouldBe(3);
        (await thread.StateAsync()).Interrupts.Select(interrupt => interrupt.Id).ShouldBe(ids.Values, ignoreOrder: true);
        (await thread.RunAsync(Answers(ids, "x", "y", "z"))).TrailOf().ShouldBe(["x:X", "y:Y", "z:Z"]);
    }

    [Theory]
    [InlineData("x", "y", "z")]
    [InlineData("z", "y", "x")]
    [InlineData("y", "x", "z")]
    public async Task They_may_be_answered_one_by_one_and_those_that_are_left_stay_open(params string[] order)
    {
        var thread = new ThreadUnderTest(AtOnce(hasKeys: false));
        var ids = Ids(await thread.RunAsync());
        for (var i = 0; i < 2; i++)
        {
            var left = Ids(await thread.RunAsync(Answers(ids, order[i])));
            left.ShouldBe(ids.Where(id => !order.Take(i + 1).Contains(id.Key[..1])), ignoreOrder: true);
        }

        // A single question is open, so its id need not be given.
        (await thread.ResumeAsync($"\"{order[2].ToUpperInvariant()}\"")).TrailOf().ShouldBe(["x:X", "y:Y", "z:Z"]);
    }

    [Fact]
    public async Task Each_goes_on_with_questions_of_its_own()
    {
        var thread = new ThreadUnderTest(New().AddNode("ask", async (context, stop) =>
        {
            async Task<string> TwiceAsync(string name, int wait)
            {
                await Task.Delay(wait, stop);
                return $"{name}:{context.Interrupt($"{name}1?")},{context.Interrupt($"{name}2?")}";
            }

            return new StateUpdate().Add(Trail, await Task.WhenAll(TwiceAsync("a", 60), TwiceAsync("b", 0)));
        }).Chain("ask").Compile());
        var ids = Ids(await thread.RunAsync());
        ids.Keys.Order().ShouldBe(["a1?", "b1?"]);
        var next = Ids(await thread.RunAsync(Answers(ids, "b1")));
        next.Keys.Order().ShouldBe(["a1?", "b2?"]);
        next = Ids(await thread.RunAsync(Answers(next, "b2", "a1")));
        next.Keys.ShouldBe(["a2?"]);
        (await thread.ResumeAsync("\"A2\"")).TrailOf().ShouldBe(["a:A1,A2", "b:B1,B2"]);
    }

    [Fact]
    public async Task Equal_questions_at_the_same_time_have_ids_of_their_own()
    {
        var thread = new ThreadUnderTest(New().AddNode("ask", async (context, _) =>
        {
            async Task<string> AskAsync()
            {
                await Task.Yield();
                return context.Interrupt("same?").ToString();
            }

            return new StateUpdate().Add(Trail, await Task.WhenAll(AskAsync(), AskAsync()));
        }).Chain("ask").Compile());
        var asked = await thread.RunAsync();
        asked.Interrupts.Select(interrupt => interrupt.Id).Distinct().Count().ShouldBe(2);
        var answers = asked.Interrupts.Select((interrupt, index) => $"\"{interrupt.Id}\":\"{index}\"");
        (await thread.ResumeAsync($"{{{string.Join(',', answers)}}}")).TrailOf().Order().ShouldBe(["0", "1"]);
    }

    [Fact]
    public async Task A_question_that_is_asked_alone_may_have_another_text_each_time()
    {
        var tries = 0;
        var thread = new ThreadUnderTest(New().AddNode("ask", context =>
        {
            tries++;
            return new StateUpdate().Add(Trail, $"{context.Interrupt($"one at {tries}?")},{context.Interrupt($"two at {tries}?")}");
        }).Chain("ask").Compile());
        await thread.RunAsync();
        (await thread.ResumeAsync("1")).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("two at 2?");
        (await thread.ResumeAsync("2")).TrailOf().ShouldBe(["1,2"]);
    }

    [Fact]
    public async Task A_key_identifies_a_question_whose_text_changes()
    {
        var tries = 0;
        var thread = new ThreadUnderTest(New().AddNode("ask", async (context, stop) =>
        {
            var count = Interlocked.Increment(ref tries);
            async Task<string> AskAsync(string name, bool isFirst)
            {
                await Task.Delay(isFirst ? 0 : 40, stop);
                return $"{name}:{context.Interrupt($"{name} at {count}?", key: name)}";
            }

            return new StateUpdate().Add(Trail, await Task.WhenAll(AskAsync("a", count % 2 == 0), AskAsync("b", count % 2 == 1)));
        }).Chain("ask").Compile());
        var ids = (await thread.RunAsync())
            .Interrupts.ToDictionary(interrupt => interrupt.Value.GetString()![..1], interrupt => interrupt.Id);
        (await thread.ResumeAsync($$"""{"{{ids["b"]}}":"B"}""")).Interrupts.ShouldHaveSingleItem().Id.ShouldBe(ids["a"]);
        (await thread.ResumeAsync("\"A\"")).TrailOf().ShouldBe(["a:A", "b:B"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_is_given_twice_answers_once(bool hasKeys)
    {
        var thread = new ThreadUnderTest(New().AddNode("ask", context => new StateUpdate().Add(
            Trail,
            $"{context.Interrupt("one?", key: hasKeys ? "1" : null)},{context.Interrupt("two?", key: hasKeys ? "2" : null)}")).Chain("ask").Compile());
        var first = (await thread.RunAsync()).Interrupts.ShouldHaveSingleItem().Id;
        var answer = $$"""{"{{first}}":true}""";
        var second = (await thread.ResumeAsync(answer)).Interrupts.ShouldHaveSingleItem();
        second.Value.GetString().ShouldBe("two?");
        second.Id.ShouldNotBe(first);

        var history = (await thread.HistoryAsync()).Count;
        (await thread.ResumeAsync(answer)).Interrupts.ShouldHaveSingleItem().Id.ShouldBe(second.Id);
        await Should.ThrowAsync<UnknownInterruptException>(
            () => thread.RunAsync(ThreadUnderTest.Answer(answer) with { StrictResume = true }));
        (await thread.StateAsync()).Interrupts.ShouldHaveSingleItem().Id.ShouldBe(second.Id);
        (await thread.HistoryAsync()).Count.ShouldBe(history);
        (await thread.ResumeAsync("false")).TrailOf().ShouldBe(["True,False"]);
    }

    [Fact]
    public async Task So_it_is_in_a_graph_inside()
    {
        var inner = New().AddNode("ask", Ask("ask", "one?", "two?")).Chain("ask").Compile();
        var thread = new ThreadUnderTest(New().AddNode("sub", inner).Chain("sub").Compile());
        var answer = $$"""{"{{(await thread.RunAsync()).Interrupts[0].Id}}":1}""";
        var second = (await thread.ResumeAsync(answer)).Interrupts.ShouldHaveSingleItem();
        (await thread.ResumeAsync(answer)).Interrupts.ShouldHaveSingleItem().Id.ShouldBe(second.Id);
        (await thread.ResumeAsync("2")).TrailOf().ShouldBe(["ask:1,2"]);
    }

    [Fact]
    public async Task Answers_are_kept_when_the_node_fails_on_one_and_that_one_is_replaced()
    {
        var thread = new ThreadUnderTest(New().AddNode("ask", async (context, _) =>
        {
            async Task<string> AskAsync(string name)
            {
                await Task.Yield();
                return $"{name}:{context.Interrupt($"{name}?").GetInt32()}";
            }

            return new StateUpdate().Add(Trail, await Task.WhenAll(AskAsync("a"), AskAsync("b")));
        }).Chain("ask").Compile());
        var ids = Ids(await thread.RunAsync());
        await Should.ThrowAsync<NodeFailedException>(() => thread.ResumeAsync($$"""{"{{ids["a?"]}}":1,"{{ids["b?"]}}":"no number"}"""));
        (await thread.ResumeAsync($$"""{"{{ids["b?"]}}":2}""")).TrailOf().ShouldBe(["a:1", "b:2"]);
    }

    [Fact]
    public async Task At_a_past_checkpoint_all_of_them_are_open_again()
    {
        var thread = new ThreadUnderTest(AtOnce(hasKeys: false));
        var ids = Ids(await thread.RunAsync());
        await thread.RunAsync(Answers(ids, "x", "y", "z"));
        var asked = (await thread.HistoryAsync()).Single(state => state.Checkpoint.Step == 0).Checkpoint.Id;
        var options = thread.Options;
        thread.Options = options with { CheckpointId = asked };
        (await thread.RunAsync(Answers(ids, "y")))
            .Interrupts.Select(interrupt => interrupt.Value.GetString())
            .Order()
            .ShouldBe(["x?", "z?"]);
        thread.Options = options;
    }

    [Fact]
    public async Task After_an_edit_the_answer_is_for_one_of_them()
    {
        var thread = new ThreadUnderTest(AtOnce(hasKeys: false, before: true));
        await thread.RunAsync();
        await thread.UpdateAsync("{}", "before");
        var left = Ids(await thread.ResumeAsync("\"first\""));
        left.Count.ShouldBe(2);
        var trail = (await thread.RunAsync(Answers(left, [.. left.Keys.Select(question => question[..1])]))).TrailOf();
        trail.Where(line => line.EndsWith("first", StringComparison.Ordinal))
            .ShouldHaveSingleItem()[..1]
            .ShouldNotBeOneOf([.. left.Keys.Select(question => question[..1])]);
    }

    /// <summary>A node that asks x, y and z at the same time, in another order at each try.</summary>
    private static CompiledGraph AtOnce(bool hasKeys, bool before = false)
    {
        var tries = -1;
        string[] nodes = before ? ["before", "ask"] : ["ask"];
        return New(before ? ["before"] : []).AddNode("ask", async (context, stop) =>
        {
            var order = Orders[Interlocked.Increment(ref tries) % Orders.Length];
            async Task<string> AskAsync(string name)
            {
                await Task.Delay(40 * Array.IndexOf(order, name), stop);
                return $"{name}:{context.Interrupt($"{name}?", key: hasKeys ? name : null)}";
            }

            return new StateUpdate().Add(Trail, await Task.WhenAll(AskAsync("x"), AskAsync("y"), AskAsync("z")));
        }).Chain(nodes).Compile();
    }

    private static Dictionary<string, string> Ids(GraphRunResult result) =>
        result.Interrupts.ToDictionary(interrupt => interrupt.Value.GetString()!, interrupt => interrupt.Id);

    private static Command Answers(Dictionary<string, string> ids, params string[] names) =>
        Command.ResumeWith(names.ToDictionary(name => ids[$"{name}?"], name => name.ToUpperInvariant()));
}
