using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Weft.Agents.Tests;
using Weft.Host.Demo;
using Weft.Host.Models;

namespace Weft.Host.Tests;

public sealed class OfflineAgentTests
{
    private readonly ThreadUnderTest _thread = new(DemoGraphs.Agent(new OfflineChatClient()))
    {
        Time = new FakeTimeProvider(new DateTimeOffset(2026, 7, 1, 10, 30, 0, TimeSpan.Zero)),
    };

    private string Answer => _thread.Messages[^1].Content();

    [Theory]
    [InlineData("calculate 2*(3+4)", "14")]
    [InlineData("what is 17*23", "391")]
    [InlineData("What's 10 / 4?", "2.5")]
    [InlineData("what time is it?", "Wednesday, 2026-07-01 10:30:00 +00:00 (UTC)")]
    [InlineData("what time is it in Europe/Berlin", "Wednesday, 2026-07-01 12:30:00 +02:00 (Europe/Berlin)")]
    [InlineData("calculate 1/0", "Error: Division by zero.")]
    [InlineData("list notes", "There are no notes yet.")]
    public async Task A_phrase_calls_its_tool_and_the_answer_is_the_result(string text, string answer)
    {
        await _thread.SayAsync(text);

        Answer.ShouldBe(answer);
        _thread.Messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai"]);
    }

    [Fact]
    public async Task Notes_stay_on_the_thread()
    {
        await _thread.SayAsync("note: buy milk");
        await _thread.SayAsync("remember to call Bob");
        await _thread.SayAsync("list notes");

        Answer.ShouldBe("1. buy milk\n2. call Bob");
        _thread.Values.GetProperty("notes").GetRawText().ShouldBe("""["buy milk","call Bob"]""");
    }

    [Fact]
    public async Task An_email_waits_for_approval_and_is_only_pretended()
    {
        await _thread.SayAsync("email bob@x.org: hello");
        _thread.Interrupt.GetProperty("action_requests")[0]
            .GetProperty("args")
            .GetRawText()
            .ShouldBe("""{"to":"bob@x.org","body":"hello"}""");

        await _thread.AnswerAsync("true");

        Answer.ShouldContain("was not really sent");
    }

    [Fact]
    public async Task Anything_else_is_repeated_word_by_word_by_something_that_says_what_it_is()
    {
        await _thread.SayAsync("how are you");

        Answer.ShouldStartWith("You said: \"how are you\". I am Weft's built-in offline stand-in, not a language model");
        _thread.Chunks.First().Content().ShouldBe("You ");
        string.Concat(_thread.Chunks.Select(chunk => chunk.Content())).ShouldBe(Answer);
    }

    [Fact]
    public async Task Without_tools_a_phrase_is_but_text()
    {
        var thread = new ThreadUnderTest(DemoGraphs.Chat(new OfflineChatClient()));

        await thread.SayAsync("calculate 1+1");

        thread.Messages[^1].Content().ShouldStartWith("You said: \"calculate 1+1\".");
    }
}
