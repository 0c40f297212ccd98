using System.Text.Json;

namespace Weft.Server.Tests.OpenAi;

public sealed class ChatThreadTests(OpenAiServer fixture) : IClassFixture<OpenAiServer>
{
    private const string Path = "/v1/chat/completions";

    private Api Root => fixture.Server.Root;

    [Fact]
    public async Task A_thread_keeps_the_conversation_and_gets_only_what_it_lacks()
    {
        var thread = NewId();
        await SayAsync(thread, "echo", """{"role":"system","content":"Be brief."}""", User("one"));
        var second = await SayAsync(
            thread, "echo", """{"role":"system","content":"Be brief."}""", User("one"), Assistant("echo: one"), User("two"));
        await SayAsync(thread, "echo", User("three"));

        ChatTests.TextOf(second).ShouldBe("echo: two");
        second.Json.GetProperty("weft").Text("thread_id").ShouldBe(thread);
        second.Header("Content-Location")!.ShouldStartWith($"/threads/{thread}/runs/");
        (await TextsAsync(thread)).ShouldBe(["Be brief.", "one", "echo: one", "two", "echo: two", "three", "echo: three"]);
    }

    [Fact]
    public async Task The_header_names_the_thread_too()
    {
        var thread = NewId();

        await Root.PostAsync(Path, ChatTests.Chat("echo", "one"), ("x-thread-id", thread));

        (await TextsAsync(thread)).ShouldBe(["one", "echo: one"]);
    }

    [Fact]
    public async Task The_next_message_of_the_user_answers_a_question()
    {
        var thread = NewId();
        var asked = await SayAsync(thread, "choosing", User("hi"));
        var answered = await SayAsync(thread, "choosing", User("hi"), Assistant("which one?"), User("red"));

        ChatTests.TextOf(asked).ShouldBe("which one?");
        ChatTests.TextOf(answered).ShouldBe("you chose red");
        answered.Json.GetProperty("weft").GetProperty("interrupts").GetArrayLength().ShouldBe(0);
        (await TextsAsync(thread)).ShouldBe(["hi", "you chose red"]);
    }

    [Fact]
    public async Task A_message_that_got_no_answer_is_not_added_twice()
    {
        var thread = NewId();
        await SayAsync(thread, "broken", User("one"));
        (await SayAsync(thread, "echo", User("one"))).ShouldBeOk();

        (await TextsAsync(thread)).ShouldBe(["one", "echo: one"]);
    }

    [Fact]
    public async Task Requests_for_one_thread_at_the_same_time_follow_one_another()
    {
        var thread = NewId();
        await SayAsync(thread, "echo", User("zero"));

        var answers = await Task.WhenAll(Enumerable.Range(1, 4).Select(i => SayAsync(thread, "echo", User($"{i}"))));

        answers.Select(ChatTests.TextOf).ShouldBe(["echo: 1", "echo: 2", "echo: 3", "echo: 4"]);
        var texts = await TextsAsync(thread);
        texts.Length.ShouldBe(10);
        texts.Chunk(2).ShouldAllBe(turn => turn[1] == "echo: " + turn[0]);
    }

    [Fact]
    public async Task A_conversation_goes_on_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("weft-");
        var thread = NewId();
        await using (var first = await OpenAiServer.StartAsync(folder.FullName))
        {
            await first.Root.PostAsync(Path, ChatTests.Chat("echo", "one"), ("x-thread-id", thread));
        }

        await using (var second = await OpenAiServer.StartAsync(folder.FullName))
        {
            await second.Root.PostAsync(Path, ChatTests.Chat("echo", "two"), ("x-thread-id", thread));
            (await second.Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts()
                .ShouldBe(["one", "echo: one", "two", "echo: two"]);
        }

        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","stream":true""")]
    public async Task A_run_is_cancelled_when_its_client_disconnects(string more)
    {
        await using var server = await OpenAiServer.StartAsync();
        var gate = server.Gates.Of("");
        var (call, leave) = server.Root.Begin(HttpMethod.Post, Path, ChatTests.Chat("gated", "go", more));
        using (leave)
        {
            await gate.EnteredAsync();
            await leave.CancelAsync();

            await gate.CancelledAsync();
            await Should.ThrowAsync<OperationCanceledException>(call.Within("the call to break off"));
        }
    }

    [Fact]
    public async Task A_silent_stream_has_heartbeats()
    {
        await using var server = await OpenAiServer.StartAsync();
        using var stream = await server.Root.StreamAsync(Path, ChatTests.Chat("gated", "go", ""","stream":true"""));
        string? line;
        do
        {
            line = await stream.LineAsync();
        }
        while (line != ": heartbeat");

        server.Gates.Of("").Open();
        var frames = await stream.ToEndAsync();
        frames[^1].Data.ShouldBe("[DONE]");
    }

    private static string NewId() => Guid.CreateVersion7().ToString();

    private static string User(string text) => $$"""{"role":"user","content":"{{text}}"}""";

    private static string Assistant(string text) => $$"""{"role":"assistant","content":"{{text}}"}""";

    private Task<Answer> SayAsync(string thread, string model, params string[] messages) => Root.PostAsync(
        Path, $$$"""{"model":"{{{model}}}","messages":[{{{string.Join(',', messages)}}}],"metadata":{"thread_id":"{{{thread}}}"}}""");

    private async Task<string[]> TextsAsync(string thread)
    {
        var state = await Root.GetAsync($"/threads/{thread}/state");
        return state.ShouldBeOk().Json.GetProperty("values").Texts();
    }
}
