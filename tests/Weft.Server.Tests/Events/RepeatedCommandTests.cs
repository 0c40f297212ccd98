using System.Text.Json;
using static Weft.Server.Tests.EventCalls;

namespace Weft.Server.Tests.Events;

/// <summary>The header <c>Idempotency-Key</c> of commands (docs/protocol/runs.md B6).</summary>
public sealed class RepeatedCommandTests(SharedServer shared) : ServerTests(shared)
{
    private const string Start = """{"assistant_id":"echo","input":{"messages":[{"role":"user","content":"hello"}]}}""";

    [Fact]
    public async Task A_repeated_start_has_the_run_of_the_first_one()
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var thread = NewThread();
            var first = await SendAsync(api, thread, "run.start", Start, "k");
            await api.ReplayAsync(thread);

            var again = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(api, thread, "run.start", Start, "k")));

            again.ShouldAllBe(answer => answer.GetRawText() == first.GetRawText());
            (await RunsAsync(thread)).ShouldBe(1);
            (await SendAsync(api, thread, "run.start", Start, "other")).Text("type").ShouldBe("success");
            (await SendAsync(api, thread, "run.start", Start, null)).Text("type").ShouldBe("success");
            (await RunsAsync(thread)).ShouldBe(3);
        }
    }

    [Fact]
    public async Task Starts_with_one_key_at_once_make_one_run()
    {
        var thread = NewThread();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(Root, thread, "run.start", Start, "k")));

        answers.Select(answer => answer.GetProperty("result").Text("run_id")).Distinct().ShouldHaveSingleItem();
        (await RunsAsync(thread)).ShouldBe(1);
    }

    [Fact]
    public async Task A_repeated_answer_is_not_refused()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "asking", """{"messages":[]}""");
        var id = (await Root.ReplayAsync(thread)).Single(frame => frame.Event == "input.requested").Data().Text("interrupt_id");
        var answer = $$"""{"interrupt_id":"{{id}}","response":"red"}""";

        for (var i = 0; i < 3; i++)
        {
            (await SendAsync(Root, thread, "input.respond", answer, "k")).Text("type").ShouldBe("success");
        }

        (await SendAsync(Root, thread, "input.respond", answer, null)).Text("error").ShouldBe("invalid_argument");
        await SendAsync(Root, thread, "input.inject", """{"message":{"role":"user","content":"x"}}""", "i");
        await SendAsync(Root, thread, "input.inject", """{"message":{"role":"user","content":"x"}}""", "i");
        (await RunsAsync(thread)).ShouldBe(3);
    }

    [Fact]
    public async Task A_key_belongs_to_one_command()
    {
        var thread = NewThread();
        await SendAsync(Root, thread, "run.start", Start, "k");

        foreach (var (key, given) in ((string, string)[])[("k", """{"assistant_id":"echo","input":{}}"""), (new string('x', 256), Start)])
        {
            var refused = await SendAsync(Root, thread, "run.start", given, key);
            refused.Text("error").ShouldBe("invalid_argument");
            refused.Text("message").ShouldStartWith("header.Idempotency-Key: ");
        }

        (await RunsAsync(thread)).ShouldBe(1);
    }

    [Fact]
    public async Task A_key_of_the_handshake_is_no_key_of_commands()
    {
        var thread = NewThread();
        using var client = await SocketClient.OpenAsync(Root, thread, ("Idempotency-Key", "k"));

        var first = (await client.CommandAsync(1, "run.start", Start)).GetProperty("result").Text("run_id");
        (await client.CommandAsync(2, "run.start", Start)).GetProperty("result").Text("run_id").ShouldNotBe(first);
    }

    private static async Task<JsonElement> SendAsync(Api api, string thread, string method, string given, string? key)
    {
        (string, string)[] headers = key is null ? [] : [("Idempotency-Key", key)];
        return (await api.PostAsync($"/threads/{thread}/commands", $$"""{"id":1,"method":"{{method}}","params":{{given}}}""", headers))
            .ShouldBeOk().Json;
    }

    private async Task<int> RunsAsync(string thread) => (await Root.GetAsync($"/threads/{thread}/runs")).ShouldBeOk().Json.GetArrayLength();
}
