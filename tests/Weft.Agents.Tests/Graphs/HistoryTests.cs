using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

public sealed class HistoryTests
{
    private readonly TrackedTools _tools = new();

    [Theory]
    [InlineData(1, new[] { "three" })]
    [InlineData(2, new[] { "three" })]
    [InlineData(3, new[] { "two", "Two.", "three" })]
    [InlineData(4, new[] { "two", "Two.", "three" })]
    [InlineData(9, new[] { "one", "One.", "two", "Two.", "three" })]
    public async Task The_model_sees_the_newest_messages_from_a_user_on_and_the_thread_keeps_all(int count, string[] seen)
    {
        using var client = new ScriptedChatClient(Says(null, "One."), Says(null, "Two."), Says(null, "Three."));
        var thread = new ThreadUnderTest(
            AgentGraph.Create(client, [], new AgentGraphOptions { SystemPrompt = "Count.", View = HistoryView.Last(count) }));

        await thread.SayAsync("one");
        await thread.SayAsync("two");
        await thread.SayAsync("three");

        client.Calls[2].Messages.Select(message => message.Text).ShouldBe(["Count.", .. seen]);
        thread.Messages.Count.ShouldBe(6);
    }

    [Fact]
    public async Task The_message_that_the_model_works_on_is_always_seen_with_all_calls_and_results()
    {
        using var client = new ScriptedChatClient(
            Says(null, "Hello."), Calls(("1", "look", [])), Calls(("2", "look", [])), Says(null, "Found."));
        var thread = new ThreadUnderTest(
            AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions { View = HistoryView.LastTokens(1) }));

        await thread.SayAsync("hi");
        await thread.SayAsync("search");

        client.Calls[3].Messages.Select(message => message.Role.Value).ShouldBe(["user", "assistant", "tool", "assistant", "tool"]);
        client.Calls[3].Messages[0].Text.ShouldBe("search");
    }

    [Fact]
    public async Task System_messages_at_the_start_and_summaries_are_always_seen()
    {
        using var client = new ScriptedChatClient(Says(null, "One."), Says(null, "Two."));
        using var writer = new ScriptedChatClient(Says(null, "They counted."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [], new AgentGraphOptions
        {
            View = HistoryView.Last(1),
            Summary = new SummaryOptions { TokensMax = 2, TokensKept = 1, CountTokens = _ => 1, Client = writer },
        }));

        await thread.AddAsync(Message.System("Count."), Message.Human("one"));
        client.Calls[0].Messages.Select(message => message.Text).ShouldBe(["Count.", "one"]);
        await thread.SayAsync("two");

        client.Calls[1].Messages.Select(message => message.Text)
            .ShouldBe(["Count.", "Summary of the conversation before the messages below:\nThey counted.", "two"]);
        client.Calls[1].Messages.Select(message => message.Role.Value).ShouldBe(["system", "user", "user"]);
        writer.Calls[0].Messages[1].Text.ShouldEndWith("\n\nhuman: one\nai: One.");
    }

    [Fact]
    public async Task A_view_may_add_instructions_of_the_run()
    {
        using var client = new ScriptedChatClient(Says(null, "Hallo."));
        var graph = AgentGraph.Create(client, [], new AgentGraphOptions
        {
            View = (context, history) => history.Prepend(Message.System($"Answer in {context.GetConfigurable("language")}.")),
        });

        await graph.RunAsync(
            GraphInput.FromJson(System.Text.Json.JsonElement.Parse("""{"messages":"hi"}""")),
            new GraphRunOptions { Configurable = System.Text.Json.JsonElement.Parse("""{"language":"German"}""") },
            TestContext.Current.CancellationToken);

        client.Calls[0].Messages.Select(message => message.Text).ShouldBe(["Answer in German.", "hi"]);
    }

    [Fact]
    public async Task Older_messages_are_summarized_and_each_summary_extends_the_last()
    {
        using var client = new ScriptedChatClient(Says(null, "One."), Says(null, "Two."), Says(null, "Three."), Says(null, "Four."), Says(null, "Five."));
        using var writer = new ScriptedChatClient(Says("s1", "They counted to one."), Says("s2", "They counted to two."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [], new AgentGraphOptions
        {
            SystemPrompt = "Count.",
            Summary = new SummaryOptions { TokensMax = 3, TokensKept = 2, CountTokens = _ => 1, Client = writer, Prompt = "Summarize." },
        }));

        await thread.SayAsync("one");
        await thread.SayAsync("two");
        writer.Calls.ShouldBeEmpty();
        await thread.SayAsync("three");

        writer.Calls[0].Messages.Select(message => message.Text)
            .ShouldBe(["Summarize.", "Summarize these messages:\n\nhuman: one\nai: One.\nhuman: two\nai: Two."]);
        client.Calls[2].Messages.Select(message => message.Text)
            .ShouldBe(["Count.", "Summary of the conversation before the messages below:\nThey counted to one.", "three"]);
        thread.Values.GetProperty("running_summary").Text("summary").ShouldBe("They counted to one.");
        thread.Values.GetProperty("running_summary").Text("last_summarized_message_id").ShouldBe(thread.Messages[3].Text("id"));
        thread.Messages.Count.ShouldBe(6);
        thread.Chunks.ShouldAllBe(chunk => chunk.Text("id") != "s1");

        await thread.SayAsync("four");
        writer.Calls.Count.ShouldBe(1);
        await thread.AddAsync(Message.Human("more"), Message.Human("five"));
        writer.Calls[1].Messages[1].Text.ShouldStartWith(
            "The summary so far:\nThey counted to one.\n\nExtend it by these messages:\n\nhuman: three\nai: Three.\nhuman: four");
    }

    [Fact]
    public async Task A_summary_keeps_calls_and_results_together()
    {
        using var client = new ScriptedChatClient(
            Calls(("1", "look", new() { ["x"] = "a" })), Calls(("2", "look", new() { ["x"] = "b" })), Says(null, "Found."));
        using var writer = new ScriptedChatClient(Says(null, "It looked at a."), Says(null, "It looked."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions
        {
            Summary = new SummaryOptions { TokensMax = 4, TokensKept = 1, CountTokens = _ => 1, Client = writer },
        }));

        await thread.SayAsync("search");

        client.Calls[2].Messages.Select(message => message.Role.Value).ShouldBe(["user", "user", "assistant", "tool"]);
        client.Calls[2].Messages[1].Text.ShouldBe("search");
        writer.Calls.ShouldHaveSingleItem().Messages[1].Text
            .ShouldEndWith("human: search\nai:  [calls look {\"x\":\"a\"}]\ntool look: ok");
    }

    [Fact]
    public async Task The_last_message_of_a_user_is_seen_as_it_is_however_long_the_turn_is()
    {
        using var client = new ScriptedChatClient(
            Calls(("1", "look", [])), Calls(("2", "look", [])), Calls(("3", "look", [])), Says(null, "Found."), Says(null, "Bye."));
        using var writer = new ScriptedChatClient(Says(null, "Once."), Says(null, "Twice."), Says(null, "All."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions
        {
            Summary = new SummaryOptions { TokensMax = 3, TokensKept = 1, CountTokens = _ => 1, Client = writer },
        }));

        await thread.SayAsync("search for red wool");

        client.Calls[3].Messages.Select(message => message.Role.Value).ShouldBe(["user", "user", "assistant", "tool"]);
        client.Calls[3].Messages[0].Text.ShouldEndWith("Twice.");
        client.Calls[3].Messages[1].Text.ShouldBe("search for red wool");
        writer.Calls[1].Messages[1].Text.ShouldStartWith("The summary so far:\nOnce.");

        await thread.SayAsync("bye");
        client.Calls[4].Messages.Select(message => message.Text).ShouldBe(["Summary of the conversation before the messages below:\nAll.", "bye"]);
        thread.Messages.Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_message_of_a_user_that_is_too_long_by_itself_is_not_summarized()
    {
        using var client = new ScriptedChatClient(Calls(("1", "look", [])), Says(null, "Found."));
        using var writer = new ScriptedChatClient();
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions
        {
            Summary = new SummaryOptions { TokensMax = 50, TokensKept = 40, CountTokens = message => message.Text.Length, Client = writer },
        }));

        await thread.SayAsync(new string('a', 60));

        writer.Calls.ShouldBeEmpty();
        client.Calls[1].Messages.Select(message => message.Role.Value).ShouldBe(["user", "assistant", "tool"]);
    }

    [Fact]
    public async Task A_second_result_of_a_call_at_the_end_of_a_summary_does_not_undo_it()
    {
        using var client = new ScriptedChatClient(Says(null, "One."), Says(null, "Two."));
        using var writer = new ScriptedChatClient(Says(null, "They looked."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [_tools.Create("look")], new AgentGraphOptions
        {
            Summary = new SummaryOptions { TokensMax = 4, TokensKept = 1, CountTokens = _ => 1, Client = writer },
        }));
        var call = new ToolCall("look", GraphJson.EmptyObject, "1");

        await thread.AddAsync(
            Message.Human("one"), Message.Ai("", toolCalls: [call]), Message.Tool("ok", "1", "look"), Message.Tool("ok", "1", "look"), Message.Human("two"));

        client.Calls[0].Messages.Select(message => message.Text)
            .ShouldBe(["Summary of the conversation before the messages below:\nThey looked.", "two"]);
    }

    [Fact]
    public async Task A_summary_of_messages_that_were_removed_does_not_count()
    {
        using var client = new ScriptedChatClient(Says(null, "One."), Says(null, "Two."), Says(null, "Three."));
        using var writer = new ScriptedChatClient(Says(null, "They counted."));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [], new AgentGraphOptions
        {
            Summary = new SummaryOptions { TokensMax = 2, TokensKept = 1, CountTokens = _ => 1, Client = writer },
        }));

        await thread.SayAsync("one");
        await thread.SayAsync("two");
        client.Calls[1].Messages[0].Text.ShouldEndWith("They counted.");
        await thread.AddAsync(Message.RemoveAll(), Message.Human("three"));

        client.Calls[2].Messages.Select(message => message.Text).ShouldBe(["three"]);
    }
}
