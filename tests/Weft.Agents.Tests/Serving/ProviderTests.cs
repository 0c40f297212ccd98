using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using static Weft.Agents.Tests.Serving.ModelServer;

namespace Weft.Agents.Tests.Serving;

/// <summary>Agents with the client of OpenAI, and a provider over HTTP that misbehaves.</summary>
public sealed class ProviderTests
{
    private static readonly AIFunction Add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "Adds.");

    [Theory]
    [InlineData("hangs", "TaskCanceledException", "")]
    [InlineData("429", "ClientResultException", "Slow down.")]
    [InlineData("500", "ClientResultException", "Out of order.")]
    [InlineData("cuts", "", "")]
    public async Task A_provider_that_fails_ends_the_run_with_an_error_and_the_thread_goes_on(string kind, string error, string message)
    {
        Func<ModelRequest, Task> failure = kind switch
        {
            "hangs" => Hangs(),
            "429" => Refuses(429, "Slow down."),
            "500" => Refuses(500, "Out of order."),
            _ => Cuts(),
        };
        await using var provider = await ModelServer.StartAsync(failure, Says("Hello."));
        using var client = provider.CreateClient(kind == "hangs" ? TimeSpan.FromSeconds(2) : null);
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("agent", client));
        var thread = await server.Api.NewThreadAsync();

        using (var stream = await server.Api.StreamAsync(
            $"/threads/{thread}/runs/stream",
            """{"assistant_id":"agent","input":{"messages":"one"},"stream_mode":["values","messages-tuple"]}"""))
        {
            var failed = (await stream.ToEndAsync()).Single(frame => frame.Event == "error").Json;
            failed.Text("error")!.ShouldContain(error);
            failed.Text("message")!.ShouldContain(message);
            failed.Text("message")!.ShouldNotBeEmpty();
        }

        (await server.Api.GetAsync($"/threads/{thread}")).String("status").ShouldBe("error");
        var values = (await server.SayAsync(thread, "agent", "two")).ShouldBeOk();
        values.Json.GetProperty("messages").EnumerateArray().Select(said => said.Content()).ShouldBe(["one", "two", "Hello."]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Arguments_that_are_not_json_are_told_to_the_model(bool streamed)
    {
        await using var provider = await ModelServer.StartAsync(
            Calls("call_1", "add", "{\"a\": 1, \"b\""),
            Says("Sorry."));
        using var client = provider.CreateClient();
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("agent", client, [Add]));

        var thread = await server.Api.NewThreadAsync();

        using var stream = await server.Api.StreamAsync(
            $"/threads/{thread}/runs/stream",
            $$"""{"assistant_id":"agent","input":{"messages":"1+2?"},"stream_mode":["values"{{(streamed ? ",\"messages-tuple\"" : "")}}]}""");
        var frames = await stream.ToEndAsync();
        frames.Where(frame => frame.Event == "error").Select(frame => frame.Data).ShouldBeEmpty();
        var values = frames.Last(frame => frame.Event == "values").Json;

        var messages = values.GetProperty("messages").EnumerateArray().ToList();
        messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai"]);
        messages[1].GetProperty("invalid_tool_calls")[0].Text("name").ShouldBe("add");
        messages[2].Text("status").ShouldBe("error");
        messages[2].Content().ShouldStartWith("Error: the call was not made, because its arguments must be a JSON object.");
        var sent = provider.Requests[1].GetProperty("messages");
        sent[1].GetProperty("tool_calls")[0].GetProperty("function").Text("arguments").ShouldBe("{}");
        sent[2].Text("tool_call_id").ShouldBe("call_1");
    }

    [Fact]
    public async Task A_typed_answer_is_asked_for_by_its_schema()
    {
        await using var provider = await ModelServer.StartAsync(
            Says("Three balls."), Says("""{"item":"wool","amount":3}"""));
        using var client = provider.CreateClient();
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent<Order>("orders", client, [Add]));

        var values = (await server.SayAsync(await server.Api.NewThreadAsync(), "orders", "Wool!")).ShouldBeOk();

        values.Json.GetProperty("structured_response").GetRawText().ShouldBeJson("""{"item":"wool","amount":3}""");
        foreach (var request in provider.Requests)
        {
            request.GetProperty("response_format").GetProperty("json_schema").GetProperty("schema").GetProperty("properties")
                .TryGetProperty("amount", out _).ShouldBeTrue();
            request.GetProperty("tools").GetArrayLength().ShouldBe(1);
        }

        provider.Requests[1].Text("tool_choice").ShouldBe("none");
    }

    private sealed record Order(string Item, int Amount);
}
