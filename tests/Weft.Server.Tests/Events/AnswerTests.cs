using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;
using Weft.Server.Tests.Recovery;
using static Weft.Server.Tests.EventCalls;

namespace Weft.Server.Tests.Events;

/// <summary>Which command answers a question, when several come.</summary>
public sealed class AnswerTests(SharedServer shared) : ServerTests(shared)
{
    private const int Rounds = 15;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_inputs_at_once_one_is_the_answer_and_the_other_is_kept(bool isGateway)
    {
        var api = isGateway ? Gateway : Root;
        for (var round = 0; round < Rounds; round++)
        {
            var thread = await AskedAsync(api);

            await Task.WhenAll(api.StartAsync(thread, "asking", Input("one")), api.StartAsync(thread, "asking", Input("two")));

            var texts = await EndedAsync(thread, runs: 3);
            texts.Length.ShouldBe(2, string.Join(" | ", texts));
            texts[0].ShouldStartWith("you chose ");
            texts[1].ShouldBe(texts[0].Contains("one", StringComparison.Ordinal) ? "two" : "one");
            (await OpenAsync(thread)).ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task Of_equal_answers_at_once_one_counts()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var thread = await AskedAsync(Root);
            var answer = Answer((await OpenAsync(thread)).Single());
            using var first = await SocketClient.OpenAsync(Root, thread);
            using var second = await SocketClient.OpenAsync(Gateway, thread);

            var answers = await Task.WhenAll(
                Root.CommandAsync(thread, "input.respond", answer),
                Gateway.CommandAsync(thread, "input.respond", answer),
                first.CommandAsync(1, "input.respond", answer),
                second.CommandAsync(1, "input.respond", answer));

            var refused = answers.Where(one => one.Text("type") == "error").ToList();
            refused.Count.ShouldBe(3);
            refused.ShouldAllBe(one => one.GetProperty("error").GetString() == "invalid_argument");
            (await EndedAsync(thread, runs: 2)).ShouldBe(["you chose red"]);
        }
    }

    [Fact]
    public async Task Answers_to_two_questions_at_once_both_count()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var thread = NewThread();
            await Root.StartAsync(thread, "both");
            await Root.ReplayAsync(thread);
            var ids = await OpenAsync(thread);

            var answers = await Task.WhenAll(ids.Concat(ids).Select(id => Root.CommandAsync(thread, "input.respond", Answer(id))));

            answers.Count(one => one.Text("type") == "success").ShouldBe(2);
            await EndedAsync(thread, runs: 3, withMessages: false);
            (await OpenAsync(thread)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_question_can_be_answered_before_the_end_of_its_run_is_stored()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var thread = NewThread();
            await Root.StartAsync(thread, "asking", """{"messages":[]}""");
            using var events = await Root.EventsAsync(thread, """{"channels":["input"]}""");
            var asked = (await events.UntilAsync("input.requested")).Data().Text("interrupt_id");

            await Root.SucceedAsync(thread, "input.respond", Answer(asked));

            (await EndedAsync(thread, runs: 2)).ShouldBe(["you chose red"]);
        }
    }

    [Fact]
    public async Task A_question_can_be_answered_before_the_outcome_of_its_task_is_known_to_be_stored()
    {
        var isKnown = new TaskCompletionSource();
        using var folder = new TempFolder();
        await using var server = await TestServer.StartAsync(folder.Path, add: weft =>
        {
            weft.UseSqlite(Path.Combine(folder.Path, "weft.db"));
            weft.Intercept<ICheckpointStore>((method, _, answer) =>
                method == nameof(ICheckpointStore.PutOutcomeAsync) ? AfterAsync((Task)answer, isKnown.Task) : answer);
        });
        var thread = NewThread();
        await server.Root.StartAsync(thread, "asking", """{"messages":[]}""");
        using var events = await server.Root.EventsAsync(thread, """{"channels":["input"]}""");
        var asked = (await events.UntilAsync("input.requested")).Data().Text("interrupt_id");

        await server.Root.SucceedAsync(thread, "input.respond", Answer(asked));

        isKnown.SetResult();
        await Waiting.Until(
            async () => (await server.Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts() is ["you chose red"],
            "the answer to be worked on");

        static async Task AfterAsync(Task stored, Task isKnown)
        {
            await stored;
            await isKnown;
        }
    }

    [Fact]
    public async Task What_comes_while_an_answer_is_worked_on_is_no_second_answer()
    {
        var gate = Gates.New();
        var thread = await AskedAsync(Root, "asking-gated", $$"""{"messages":[],"after":"{{gate.Name}}"}""");
        var id = (await OpenAsync(thread)).Single();
        await Root.StartAsync(thread, "asking-gated", "\"red\"");
        await gate.EnteredAsync();

        (await Root.RefusedAsync(thread, "input.respond", Answer(id))).Code.ShouldBe("invalid_argument");
        await Root.StartAsync(thread, "asking-gated", Input("next"));
        (await Root.RefusedAsync(thread, "input.respond", Answer(id))).Code.ShouldBe("invalid_argument");
        gate.Open();

        (await EndedAsync(thread, runs: 3)).ShouldBe(["you chose red", "next"]);
        (await OpenAsync(thread)).Single().ShouldNotBe(id);
    }

    [Fact]
    public async Task A_queued_input_that_discards_a_question_leaves_nothing_to_answer()
    {
        var gate = Gates.New();
        var thread = NewThread();
        await Root.StartAsync(thread, "asking-gated", $$"""{"messages":[],"before":"{{gate.Name}}"}""");
        await gate.EnteredAsync();
        await Root.StartAsync(thread, "asking-gated", Input("next"));
        gate.Open();

        (await EndedAsync(thread, runs: 2)).ShouldBe(["next"]);
        await Root.SucceedAsync(thread, "input.respond", Answer((await OpenAsync(thread)).Single()));
        (await EndedAsync(thread, runs: 3)).ShouldBe(["next", "you chose red"]);
    }

    [Fact]
    public async Task A_large_input_that_waits_discards_the_question_before_it_too()
    {
        var gate = Gates.New();
        var thread = await AskedAsync(Root, "asking-gated", $$"""{"messages":[],"after":"{{gate.Name}}"}""");
        var id = (await OpenAsync(thread)).Single();
        await Root.StartAsync(thread, "asking-gated", "\"red\"");
        await gate.EnteredAsync();
        var large = new string('x', 100_000);
        await Root.StartAsync(thread, "asking-gated", Input(large));

        (await Root.RefusedAsync(thread, "input.respond", Answer(id))).Code.ShouldBe("invalid_argument");
        gate.Open();

        (await EndedAsync(thread, runs: 3)).ShouldBe(["you chose red", large]);
        (await OpenAsync(thread)).Single().ShouldNotBe(id);
    }

    [Fact]
    public async Task A_message_that_waits_behind_a_question_fails_and_the_question_stays()
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var gate = Gates.New();
            var thread = NewThread();
            await api.StartAsync(thread, "asking-gated", $$"""{"messages":[],"before":"{{gate.Name}}"}""");
            await gate.EnteredAsync();
            await api.SucceedAsync(thread, "input.inject", """{"namespace":[],"message":{"role":"user","content":"wait"}}""");
            gate.Open();

            using var events = await api.EventsAsync(thread);
            var asked = (await events.RunAsync()).Single(frame => frame.Event == "input.requested").Data().Text("interrupt_id");
            var failed = (await events.RunAsync())[^1].Data();
            failed.Text("event").ShouldBe("failed");
            failed.Text("error").ShouldBe("The thread waits for answers, so the message was not added.");
            await api.SucceedAsync(thread, "input.respond", Answer(asked));
            (await EndedAsync(thread, runs: 3)).ShouldBe(["you chose red"]);
        }
    }

    [Fact]
    public async Task A_message_is_added_behind_a_run_that_does_not_ask()
    {
        var gate = Gates.New();
        var thread = await AskedAsync(Root, "asking-gated", $$"""{"messages":[],"after":"{{gate.Name}}"}""");
        await Root.SucceedAsync(thread, "input.respond", Answer((await OpenAsync(thread)).Single()));
        await gate.EnteredAsync();
        await Root.SucceedAsync(thread, "input.inject", """{"namespace":[],"message":{"role":"user","content":"and green"}}""");
        gate.Open();

        (await EndedAsync(thread, runs: 3)).ShouldBe(["you chose red", "and green"]);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("missing")]
    public async Task A_checkpoint_that_is_null_is_none(string given)
    {
        var thread = await AskedAsync(Root);
        var configurable = given == "null" ? """{"checkpoint_id":null,"thread_id":"x"}""" : """{"thread_id":"x"}""";

        await Root.StartAsync(thread, "asking", "\"red\"", $$$""","config":{"configurable":{{{configurable}}}}""");

        (await EndedAsync(thread, runs: 2)).ShouldBe(["you chose red"]);
    }

    [Fact]
    public async Task An_input_for_a_checkpoint_that_waits_is_no_answer()
    {
        var thread = await AskedAsync(Root);
        var checkpoint = (await Root.GetAsync($"/threads/{thread}/state")).Json.CheckpointId();

        await Root.StartAsync(thread, "asking", Input("other"), $$$""","config":{"configurable":{"checkpoint_id":"{{{checkpoint}}}"}}""");

        (await EndedAsync(thread, runs: 2)).ShouldBe(["other"]);
    }

    /// <summary>Creates a thread that waits for an answer.</summary>
    private static async Task<string> AskedAsync(Api api, string assistant = "asking", string input = """{"messages":[]}""")
    {
        var thread = NewThread();
        await api.StartAsync(thread, assistant, input);
        (await api.ReplayAsync(thread))[^1].Data().Text("event").ShouldBe("interrupted");
        return thread;
    }

    private static string Input(string text) => $$"""{"messages":[{"role":"user","content":"{{text}}"}],"before":null,"after":null}""";

    private static string Answer(string id) => $$"""{"namespace":[],"interrupt_id":"{{id}}","response":"red"}""";

    /// <summary>Waits until a thread has so many runs, and all have ended. Returns its messages.</summary>
    private async Task<string[]> EndedAsync(string thread, int runs, bool withMessages = true)
    {
        await Waiting.Until(
            async () => (await RunsAsync()) is var all && all.Count == runs && all.TrueForAll(run => run is not ("pending" or "running")),
            $"{runs} runs to end");
        return withMessages ? (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts() : [];

        async Task<List<string>> RunsAsync() =>
            [.. (await Root.GetAsync($"/threads/{thread}/runs")).ShouldBeOk().Json.EnumerateArray().Select(run => run.Text("status"))];
    }

    private async Task<string[]> OpenAsync(string thread) =>
    [
        .. (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("interrupts").EnumerateArray()
            .Select(interrupt => interrupt.Text("id")),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_is_not_due_leaves_the_question_to_others(bool isOfGateway)
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "asking", """{"messages":[]}""");
        var asked = await Root.ReplayAsync(thread);
        var interrupt = asked.Single(frame => frame.Event == "input.requested").Data().Text("interrupt_id");
        (await (isOfGateway ? Gateway : Root).PostAsync($"/threads/{thread}/runs", Bodies.Asking(""","after_seconds":3600""")))
            .ShouldBeOk();

        await Root.SucceedAsync(thread, "input.respond", $$"""{"namespace":[],"interrupt_id":"{{interrupt}}","response":"red"}""");

        var rest = await Root.ReplayAsync(thread, $$"""{{AllChannels[..^1]}},"since":{{asked[^1].Seq()}}}""");
        rest[^1].Data().Text("event").ShouldBe("completed");
    }
}
