using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

/// <summary>
/// The models here refuse what OpenAI and Anthropic refuse: a tool call without a result right after it, and a result
/// without a call.
/// </summary>
public sealed class UnansweredCallsTests
{
    private const string Stopped = "The call of quick was stopped before it was done; whether it had an effect is not known.";

    private static readonly AIFunction Quick = AIFunctionFactory.Create(() => "quick done", "quick");

    [Fact]
    public async Task After_a_stop_the_conversation_goes_on_and_the_model_is_told_of_the_stop()
    {
        var reached = new TaskCompletionSource();
        var slow = AIFunctionFactory.Create(
            async (CancellationToken stop) =>
            {
                reached.SetResult();
                await Task.Delay(Timeout.Infinite, stop);
            },
            "slow");
        var thread = Thread([slow, Quick], Calls(("1", "slow", []), ("2", "quick", [])), Says(null, "Hello."), Says(null, "Again."));

        await thread.SayAndStopAsync("go", reached.Task);
        await thread.SayAsync("and now?");

        thread.Messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "tool", "human", "ai"]);
        thread.Messages[2].Text("tool_call_id").ShouldBe("1");
        thread.Messages[2].Text("name").ShouldBe("slow");
        thread.Messages[2].Text("status").ShouldBe("error");
        thread.Messages[2].Content().ShouldBe("The call of slow was stopped before it was done; whether it had an effect is not known.");

        await thread.SayAsync("and then?");
        thread.Messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "tool", "human", "ai", "human", "ai"]);
    }

    [Fact]
    public async Task A_message_in_place_of_an_approval_is_answered()
    {
        var options = new AgentGraphOptions { RequireApproval = ["quick"] };
        var thread = Thread(options, [Quick], Calls(("1", "quick", []), ("2", "quick", [])), Says(null, "Fine."));

        await thread.SayAsync("go");
        thread.IsPaused.ShouldBeTrue();
        await thread.SayAsync("never mind");

        thread.Messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "tool", "human", "ai"]);
        thread.Messages.Where(message => message.Text("type") == "tool").ShouldAllBe(message => message.Text("status") == "error");
    }

    [Fact]
    public async Task Calls_that_a_client_adds_get_their_results_wherever_those_stand()
    {
        ToolCall Call(string id) => new("quick", GraphJson.EmptyObject, id);
        var thread = Thread([Quick], Says(null, "Fine."), Says(null, "Good."));

        await thread.AddAsync(
            Message.Human("hi"),
            Message.Ai("", "a1", [Call("1"), Call("2"), Call("3")]),
            Message.Tool("two", "2"),
            Message.Human("hm"),
            Message.Tool("one", "1"),
            Message.Human("so?"));

        thread.Messages.Select(message => message.Content())
            .ShouldBe(["hi", "", "one", "two", Stopped, "hm", "so?", "Fine."]);

        // A result that comes late stays in the state, but the model does not see it.
        await thread.AddAsync(Message.Tool("late", "3"), Message.Human("and?"));
        thread.Messages.Select(message => message.Content()).TakeLast(3).ShouldBe(["late", "and?", "Good."]);
    }

    [Fact]
    public async Task An_id_that_is_used_again_belongs_to_the_newest_call()
    {
        ToolCall[] calls = [new("quick", GraphJson.EmptyObject, "call_0")];
        var thread = Thread([Quick], Says(null, "Fine."));

        await thread.AddAsync(
            Message.Human("a"),
            Message.Ai("", "a1", calls),
            Message.Human("b"),
            Message.Ai("", "a2", calls),
            Message.Tool("second", "call_0"),
            Message.Human("c"));

        thread.Messages.Select(message => message.Content())
            .ShouldBe(["a", "", Stopped, "b", "", "second", "c", "Fine."]);
    }

    private static ThreadUnderTest Thread(IReadOnlyList<AITool> tools, params IReadOnlyList<ScriptedAnswer> script) =>
        Thread(null, tools, script);

    private static ThreadUnderTest Thread(
        AgentGraphOptions? options, IReadOnlyList<AITool> tools, params IReadOnlyList<ScriptedAnswer> script) =>
        new(AgentGraph.Create(new StrictClient(new ScriptedChatClient(script)), tools, options));

    private sealed class StrictClient(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            base.GetResponseAsync(Checked(messages), options, cancellationToken);

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var update in base.GetStreamingResponseAsync(Checked(messages), options, cancellationToken))
            {
                yield return update;
            }
        }

        private static IReadOnlyList<ChatMessage> Checked(IEnumerable<ChatMessage> messages)
        {
            ChatMessage[] history = [.. messages];
            var open = new List<string>();
            foreach (var message in history)
            {
                foreach (var result in message.Contents.OfType<FunctionResultContent>())
                {
                    open.Remove(result.CallId).ShouldBeTrue($"The result of {result.CallId} follows no call.");
                }

                if (message.Role != ChatRole.Tool)
                {
                    open.ShouldBeEmpty("A call has no result.");
                    open.AddRange(message.Contents.OfType<FunctionCallContent>().Select(call => call.CallId));
                }
            }

            open.ShouldBeEmpty("A call has no result.");
            return history;
        }
    }
}
