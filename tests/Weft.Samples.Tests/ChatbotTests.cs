using Weft.Server.Tests;
using Weft.Server.Tests.Recovery;

namespace Weft.Samples.Tests;

public sealed class ChatbotTests
{
    [Theory]
    [InlineData("1", "Hello!\n\n", "You: Bot: You said: Hello!\nYou: ")]
    [InlineData("2", "", """
        You: Search for: what is a weft?
        Bot: I was told: The weft is the thread that crosses the warp.

        """)]
    [InlineData("3", "", """
        You: My name is Ann.
        Bot: You said: My name is Ann.
        You: What is my name?
        Bot: Your name is Ann.
        You: What is my name?
        Bot: I do not know your name.
        The first thread has 4 messages.

        """)]
    [InlineData("4", "Wool.\n", """
        You: Ask an expert: which yarn is best for a beginner?

        Expert, please answer. which yarn is best for a beginner? Bot: I was told: Wool.

        """)]
    [InlineData("5", "1815-12-10\n", """
        You: Save the birthday of Ada Lovelace.

        {"question":"Is this right?","person":"Ada Lovelace","birthday":"1815-12-11"} A correction, or nothing: Bot: I was told: Saved: Ada Lovelace was born on 1815-12-10.
        Ada, Countess of Lovelace, born on 1815-12-10

        """)]
    [InlineData("6", "", """
        You: My name is Ann.
        Bot: You said: My name is Ann.
        You: Search for: what is a weft?
        Bot: I was told: The weft is the thread that crosses the warp.
        step 6: 6 messages, next: 
        step 5: 5 messages, next: agent
        step 4: 4 messages, next: tools
        step 3: 3 messages, next: agent
        step 2: 2 messages, next: __start__
        step 1: 2 messages, next: 
        step 0: 1 messages, next: agent
        step -1: 0 messages, next: __start__
        Again, from before the last answer:
        Bot: I was told: The weft is the thread that crosses the warp.
        Another way, from the end of the first run:
        You: What is my name?
        Bot: Your name is Ann.

        """)]
    public async Task Each_part_prints_its_conversation(string part, string typed, string printed)
    {
        using var folder = new TempFolder();
        using var process = SampleProgram.Start("Chatbot", folder.Path, part);
        try
        {
            await process.StandardInput.WriteAsync(typed);
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

            (await output.Within($"part {part} to end")).ShouldBe(printed, await errors.Within("its errors"));
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task The_last_part_serves_the_chatbot()
    {
        await using var sample = await RunningSample.StartAsync("Chatbot", "7");

        using var stream = await sample.Api.StreamAsync(
            "/runs/stream",
            """{"assistant_id":"chatbot","input":{"messages":"Search for: what is a weft?"},"stream_mode":"messages-tuple"}""");
        var frames = await stream.ToEndAsync();

        string.Concat(frames.Where(frame => frame.Event == "messages").Select(frame => frame.Json[0])
            .Where(message => message.GetProperty("type").GetString() == "AIMessageChunk")
            .Select(message => message.GetProperty("content").GetString()))
            .ShouldBe("I was told: The weft is the thread that crosses the warp.");
    }
}
