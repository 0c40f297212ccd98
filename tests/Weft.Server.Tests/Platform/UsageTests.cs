using System.Net;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server.Tests.Platform;

/// <summary>The tokens that models took (docs/protocol/runs.md B14).</summary>
public sealed class UsageTests(UsageServer shared) : IClassFixture<UsageServer>
{
    private Api Root => shared.Server.Root;

    [Fact]
    public async Task A_run_has_the_tokens_that_its_messages_say()
    {
        var thread = await Root.NewThreadAsync();
        var first = await RunAsync(thread, """{"say":[[10,2,12,4,1],[100,20,0,0,0]]}""");
        first.ShouldBe(Usage(110, 22, 132, 4, 1));
        (await RunAsync(thread, """{"say":[]}""")).ShouldBe("null");
        (await RunAsync(thread, """{"say":[[1,1,3,0,0]]}""")).ShouldBe(Usage(1, 1, 3, 0, 0));

        (await Root.GetAsync($"/weft/threads/{thread}/usage")).ShouldBeOk().Text
            .ShouldBe($$"""{"thread_id":"{{thread}}","runs":2,"usage":{{Usage(111, 23, 135, 4, 1)}}}""");
    }

    [Fact]
    public async Task Tokens_are_counted_for_each_model_that_says_its_name()
    {
        var thread = await Root.NewThreadAsync();
        var first = await RunAsync(thread, """{"say":[[10,2,12,4,1,"large"],[5,1,6,0,0,"small"],[1,1,2,0,0,"large"],[3,0,3,0,0]]}""");
        var large = Usage(11, 3, 14, 4, 1);
        first.ShouldBe(
            $$"""{{Usage(19, 4, 23, 4, 1)[..^1]}},"by_model":{"large":{{large}},"small":{{Usage(5, 1, 6, 0, 0)}}""" + "}}");
        await RunAsync(thread, """{"say":[[1,0,1,0,0,"small"]],"fail":true}""");

        (await Root.GetAsync($"/weft/threads/{thread}/usage")).ShouldBeOk().Json.GetProperty("usage").GetProperty("by_model")
            .ShouldBeJson($$"""{"large":{{large}},"small":{{Usage(6, 1, 7, 0, 0)}}}""");
    }

    [Fact]
    public async Task Messages_of_the_input_and_those_that_were_there_before_are_not_counted()
    {
        const string Message = """{"type":"ai","id":"m","content":"a","usage_metadata":{"input_tokens":7,"output_tokens":1,"total_tokens":8}}""";
        var thread = await Root.NewThreadAsync();

        (await RunAsync(thread, $$"""{"messages":[{{Message}}],"say":[]}""")).ShouldBe("null");
        (await RunAsync(thread, """{"say":[],"again":true}""")).ShouldBe("null");
    }

    [Theory]
    [InlineData("\"many\"")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("1e30")]
    [InlineData("null")]
    public async Task What_is_not_a_count_is_zero(string count)
    {
        var thread = await Root.NewThreadAsync();

        (await RunAsync(thread, $$"""{"say":[[{{count}},2,0,{{count}},0]]}""")).ShouldBe(Usage(0, 2, 2, 0, 0));
    }

    [Fact]
    public async Task Sums_that_are_too_large_are_the_largest_number()
    {
        var thread = await Root.NewThreadAsync();

        (await RunAsync(thread, """{"say":[[9000000000000000000,1,0,0,0],[9000000000000000000,1,0,0,0]]}"""))
            .ShouldBe(Usage(long.MaxValue, 2, long.MaxValue, 0, 0));
        await RunAsync(thread, """{"say":[[9000000000000000000,1,0,0,0]]}""");
        (await Root.GetAsync($"/weft/threads/{thread}/usage")).ShouldBeOk().Json.GetProperty("runs").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task A_run_that_fails_has_its_tokens_too()
    {
        var thread = await Root.NewThreadAsync();

        (await RunAsync(thread, """{"say":[[1,2,3,0,0]],"fail":true}""")).ShouldBe(Usage(1, 2, 3, 0, 0));
    }

    [Fact]
    public async Task Below_the_gateway_a_run_has_no_usage()
    {
        var thread = await Root.NewThreadAsync();
        var path = (await Root.PostAsync($"/threads/{thread}/runs/wait", Body("""{"say":[[1,2,3,0,0]]}"""))).RunPath;

        (await Root.GetAsync("/api" + path)).ShouldBeOk().Json.Names().ShouldNotContain("usage");
        (await Root.GetAsync($"/api/threads/{thread}/runs")).ShouldBeOk().Json[0].Names().ShouldNotContain("usage");
        (await Root.GetAsync($"/threads/{thread}/runs?select=usage")).ShouldBeOk().Text
            .ShouldBe($$"""[{"usage":{{Usage(1, 2, 3, 0, 0)}}}]""");
        (await Root.GetAsync($"/api/weft/threads/{thread}/usage")).ShouldBeOk().Json.GetProperty("runs").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_thread_without_runs_has_zeros_and_one_that_does_not_exist_none()
    {
        var thread = await Root.NewThreadAsync();

        (await Root.GetAsync($"/weft/threads/{thread}/usage")).ShouldBeOk().Text
            .ShouldBe($$"""{"thread_id":"{{thread}}","runs":0,"usage":{{Usage(0, 0, 0, 0, 0)}}}""");
        (await Root.GetAsync($"/weft/threads/{Guid.NewGuid()}/usage")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync("/weft/threads/x/usage")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private static string Usage(long input, long output, long total, long cached, long reasoning) =>
        $$$"""{"input_tokens":{{{input}}},"output_tokens":{{{output}}},"total_tokens":{{{total}}},"input_token_details":{"cache_read":{{{cached}}}},"output_token_details":{"reasoning":{{{reasoning}}}}}""";

    private static string Body(string input) => $$"""{"assistant_id":"saying","input":{{input}}}""";

    /// <summary>Runs on a thread. Returns the usage of the run as JSON.</summary>
    private async Task<string> RunAsync(string thread, string input)
    {
        var created = (await Root.PostAsync($"/threads/{thread}/runs/wait", Body(input))).ShouldBeOk();
        return (await Root.GetAsync(created.RunPath)).ShouldBeOk().Json.GetProperty("usage").GetRawText();
    }
}

/// <summary>A server with a graph that adds messages with the usage that its input has.</summary>
public sealed class UsageServer : IAsyncLifetime
{
    private TestServer? _server;

    public TestServer Server => _server ?? throw new InvalidOperationException("The server has not been started.");

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(add: weft => weft.AddGraph("saying", Saying()));

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private static CompiledGraph Saying()
    {
        var messages = Channel.Messages();
        var say = Channel.LastValue<JsonElement>("say");
        var (again, fail) = (Channel.LastValue<bool>("again"), Channel.LastValue<bool>("fail"));
        return new StateGraph()
            .AddChannels(messages, say, again, fail)
            .AddNode("say", context => context.Get(say).EnumerateArray().Aggregate(
                new StateUpdate(), (update, counts) => update.Add(messages, MessageOf(counts))))
            .AddNode("end", context => context.Get(fail) ? throw new InvalidOperationException("no")
                : context.Get(again) ? context.Get(messages).Aggregate(new StateUpdate(), (update, message) => update.Add(messages, message))
                : StateUpdate.None)
            .AddEdge(StateGraph.Start, "say").AddEdge("say", "end").AddEdge("end", StateGraph.End)
            .Compile();
    }

    private static Message MessageOf(JsonElement counts) => Message.FromJson(JsonElement.Parse(
        $$"""
        {
          "type": "ai", "content": "a",
          "usage_metadata": {
            "input_tokens": {{counts[0].GetRawText()}}, "output_tokens": {{counts[1].GetRawText()}}, "total_tokens": {{counts[2].GetRawText()}},
            "input_token_details": { "cache_read": {{counts[3].GetRawText()}} }, "output_token_details": { "reasoning": {{counts[4].GetRawText()}} }
          },
          "response_metadata": { {{(counts.GetArrayLength() > 5 ? $"\"model_name\": {counts[5].GetRawText()}" : "")}} }
        }
        """));
}
