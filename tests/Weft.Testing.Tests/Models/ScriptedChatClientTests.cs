using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Testing.Tests.Models;

public sealed class ScriptedChatClientTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_come_in_the_order_of_the_script()
    {
        var model = new ScriptedChatClient("Hello.", ScriptedAnswer.Says("Good", "bye."));

        (await model.GetResponseAsync("Hi", cancellationToken: Stop)).Text.ShouldBe("Hello.");
        var second = await model.GetResponseAsync("Bye", cancellationToken: Stop);

        second.Text.ShouldBe("Goodbye.");
        second.Messages.ShouldHaveSingleItem().MessageId.ShouldBe("answer_2");
        second.FinishReason.ShouldBe(ChatFinishReason.Stop);
        second.ModelId.ShouldBe("scripted");
        model.ExpectNoAnswersLeft();
    }

    [Fact]
    public async Task A_stream_has_the_pieces_of_the_script()
    {
        var model = new ScriptedChatClient(ScriptedAnswer.Says("Hel", "lo").AndUses(7, 2));

        var pieces = await model.GetStreamingResponseAsync("Hi", cancellationToken: Stop).ToListAsync(Stop);

        pieces.Select(piece => piece.Text).ShouldBe(["Hel", "lo", ""]);
        pieces.Select(piece => piece.FinishReason).ShouldBe([null, null, ChatFinishReason.Stop]);
        pieces[2].Contents.OfType<UsageContent>().Single().Details.TotalTokenCount.ShouldBe(9);
    }

    [Fact]
    public async Task Updates_of_a_provider_are_sent_as_they_are()
    {
        var update = new ChatResponseUpdate(ChatRole.Assistant, "Hi") { ResponseId = "r", FinishReason = ChatFinishReason.Length };
        var model = new ScriptedChatClient(
            ScriptedAnswer.OfUpdates(update).AndUses(1, 1).ThenFails(new IOException("cut")), "Bye.")
        {
            Metadata = new ChatClientMetadata("acme", defaultModelId: "small"),
        };

        var sent = new List<ChatResponseUpdate>();
        await Should.ThrowAsync<IOException>(async () =>
        {
            await foreach (var piece in model.GetStreamingResponseAsync("Hi", cancellationToken: Stop))
            {
                sent.Add(piece);
            }
        });

        sent[0].ShouldBeSameAs(update);
        (update.MessageId, update.ModelId).ShouldBe((null, null));
        sent[1].Contents.ShouldHaveSingleItem().ShouldBeOfType<UsageContent>();
        model.GetService<ChatClientMetadata>()!.ProviderName.ShouldBe("acme");
        (await model.GetResponseAsync("Hi", cancellationToken: Stop)).ModelId.ShouldBe("small");
    }

    [Fact]
    public async Task What_follows_updates_of_a_provider_belongs_to_their_message()
    {
        var update = new ChatResponseUpdate(ChatRole.Assistant, "Hi") { MessageId = "m" };
        var model = new ScriptedChatClient(ScriptedAnswer.OfUpdates(update).AndUses(1, 1));

        var response = await model.GetResponseAsync("Hi", cancellationToken: Stop);

        response.Messages.ShouldHaveSingleItem().MessageId.ShouldBe("m");
        response.Usage!.TotalTokenCount.ShouldBe(2);
    }

    [Fact]
    public async Task Calls_of_an_answer_are_one_piece_and_have_ids_of_their_own()
    {
        var model = new ScriptedChatClient(
            ScriptedAnswer.Says("Let me see.").AndCalls("price", ("item", "silk")).AndCalls("price", ("item", "wool")),
            ScriptedAnswer.Calls("stock"));

        var pieces = await model.GetStreamingResponseAsync("Prices?", cancellationToken: Stop).ToListAsync(Stop);
        var next = await model.GetResponseAsync("Stock?", cancellationToken: Stop);

        pieces.Count.ShouldBe(2);
        pieces[1].FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        pieces[1].Contents.Cast<FunctionCallContent>()
            .Select(call => $"{call.CallId} {call.Name} {call.Arguments!["item"]}")
            .ShouldBe(["call_1 price silk", "call_2 price wool"]);
        next.Messages[0].Contents.OfType<FunctionCallContent>().Single().CallId.ShouldBe("call_3");
    }

    [Fact]
    public async Task It_records_what_it_was_asked()
    {
        var model = new ScriptedChatClient("Yes.", "No.");
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] };

        await model.GetResponseAsync([new ChatMessage(ChatRole.System, "Be brief."), new ChatMessage(ChatRole.User, "Is it?")], options, Stop);
        await model.GetStreamingResponseAsync("And now?", cancellationToken: Stop).ToListAsync(Stop);

        model.Calls.Select(call => $"{call.LastText} {call.IsStreaming} {string.Join(',', call.Tools)}")
            .ShouldBe(["Is it? False one", "And now? True "]);
        model.Calls[0].Messages[0].Text.ShouldBe("Be brief.");
    }

    [Fact]
    public async Task Delays_and_pauses_are_those_of_the_clock()
    {
        var time = new FakeTimeProvider();
        var model = new ScriptedChatClient(
            ScriptedAnswer.Says("One ", "two.").After(TimeSpan.FromMinutes(1)).WithPause(TimeSpan.FromSeconds(1)))
        {
            Time = time,
        };

        await using var pieces = model.GetStreamingResponseAsync("Count", cancellationToken: Stop).GetAsyncEnumerator(Stop);
        var first = pieces.MoveNextAsync().AsTask();
        await model.WaitForCallAsync(cancellationToken: Stop);
        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(59), first);
        pieces.Current.Text.ShouldBe("One ");
        var second = pieces.MoveNextAsync().AsTask();
        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), second);

        pieces.Current.Text.ShouldBe("two.");
    }

    [Fact]
    public async Task An_answer_waits_for_what_the_test_does()
    {
        var gate = new TaskCompletionSource();
        var model = new ScriptedChatClient(ScriptedAnswer.Says("At last.").After(gate.Task));

        var answer = model.GetResponseAsync("Well?", cancellationToken: Stop);
        await model.WaitForCallAsync(cancellationToken: Stop);
        answer.IsCompleted.ShouldBeFalse();
        gate.SetResult();

        (await answer).Text.ShouldBe("At last.");
    }

    [Fact]
    public async Task A_cancelled_call_ends_while_its_answer_waits()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var model = new ScriptedChatClient(ScriptedAnswer.Says("Never.").After(new TaskCompletionSource().Task));

        var answer = model.GetResponseAsync("Well?", cancellationToken: stop.Token);
        await model.WaitForCallAsync(cancellationToken: Stop);
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task Failures_come_before_or_after_the_pieces()
    {
        var model = new ScriptedChatClient(
            ScriptedAnswer.Fails(new HttpRequestException("429")), ScriptedAnswer.Says("Half").ThenFails(new IOException("cut")));
        var seen = new List<string>();

        (await Should.ThrowAsync<HttpRequestException>(() => model.GetResponseAsync("1", cancellationToken: Stop))).Message.ShouldBe("429");
        await Should.ThrowAsync<IOException>(async () =>
        {
            await foreach (var piece in model.GetStreamingResponseAsync("2", cancellationToken: Stop))
            {
                seen.Add(piece.Text);
            }
        });

        seen.ShouldBe(["Half"]);
    }

    [Fact]
    public async Task An_answer_may_depend_on_the_call()
    {
        var model = new ScriptedChatClient(ScriptedAnswer.From(call => $"You said {call.LastText}."));

        (await model.GetResponseAsync("hi", cancellationToken: Stop)).Text.ShouldBe("You said hi.");
    }

    [Fact]
    public async Task A_call_after_the_end_of_the_script_says_so()
    {
        var model = new ScriptedChatClient("Only this.");
        await model.GetResponseAsync("First", cancellationToken: Stop);

        (await Should.ThrowAsync<ExpectationException>(() => model.GetResponseAsync("Again", cancellationToken: Stop)))
            .Message.ShouldBe("The script has 1 answers, but this is call 2 of the model. Its last message is: Again");
    }

    [Fact]
    public async Task Answers_that_are_left_are_reported()
    {
        var model = new ScriptedChatClient("One.", "Two.");
        await model.GetResponseAsync("Hi", cancellationToken: Stop);

        Should.Throw<ExpectationException>(model.ExpectNoAnswersLeft)
            .Message.ShouldBe("The script has 2 answers, but the model was called 1 times.");
    }

    /// <summary>The client arms its timer on another thread, so the clock may have to move more than once.</summary>
    private static async Task AdvanceUntilAsync(FakeTimeProvider time, TimeSpan step, Task reached)
    {
        while (!reached.IsCompleted)
        {
            time.Advance(step);
            await Task.WhenAny(reached, Task.Delay(1, Stop));
        }

        await reached;
    }
}
