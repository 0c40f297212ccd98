using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weft.Server.Tests;
using static Weft.Models.Tests.ProviderServer;
using static Weft.Models.Tests.Reply;

namespace Weft.Models.Tests;

/// <summary>The real client of each provider, between a server with an agent and a provider.</summary>
public sealed class ProviderTests
{
    public static TheoryData<string> Dialects => [.. Dialect.All.Keys];

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Tokens_calls_of_tools_reasoning_and_usage_are_streamed(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(
            dialect,
            Answers(dialect, Asks("add", "{\"a\": 1,", " \"b\": 2}")),
            Answers(dialect, new Reply { Reasoning = ["One and ", "two."], Text = ["It is ", "three."] }));
        await using var app = await ModelApp.StartAsync(provider);
        var thread = await app.Api.NewThreadAsync();

        var frames = await app.StreamAsync(thread, "1+2?");

        frames.Where(frame => frame.Event == "error").Select(frame => frame.Data).ShouldBeEmpty();
        var messages = frames.Last(frame => frame.Event == "values").Json.GetProperty("messages").EnumerateArray().ToList();
        messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai"]);
        var call = messages[1].GetProperty("tool_calls")[0];
        call.Text("name").ShouldBe("add");
        call.GetProperty("args").ShouldBeJson("""{"a":1,"b":2}""");
        messages[2].Text("content").ShouldBe("3");
        messages[2].Text("tool_call_id").ShouldBe(call.Text("id"));
        TextOf(messages[3]).ShouldBe("It is three.");
        ReasoningOf(messages[3]).ShouldBe(provider.Dialect.HasReasoning ? "One and two." : "");
        messages[3].GetProperty("usage_metadata").GetProperty("input_tokens").GetInt32().ShouldBe(7);
        messages[3].GetProperty("usage_metadata").GetProperty("output_tokens").GetInt32().ShouldBe(5);
        messages[3].GetProperty("response_metadata").Text("finish_reason").ShouldBe("stop");

        var chunks = frames.Where(frame => frame.Event == "messages").Select(frame => frame.Json)
            .Where(chunk => chunk[1].Text("langgraph_node") == "agent").ToList();
        chunks.ShouldAllBe(chunk => chunk[1].GetProperty("ls_provider").GetString() == provider.Dialect.TelemetryName
            && chunk[1].GetProperty("ls_model_name").GetString() == Dialect.Model);
        var pieces = chunks.Select(chunk => chunk[0]).Where(chunk => chunk.Text("id") == messages[3].Text("id")).Select(TextOf)
            .Where(text => text.Length > 0);
        pieces.ShouldBe(["It is ", "three."]);

        provider.Calls.Count.ShouldBe(2);
        provider.Calls.ShouldAllBe(sent => sent.Path == provider.Dialect.CallPath && sent.Streams);
        provider.Calls.ShouldAllBe(sent =>
            sent.Headers.GetValueOrDefault(provider.Dialect.KeyHeader) == provider.Dialect.KeyFormat.Replace("{0}", Key));
        provider.Calls[1].Body.GetRawText().ShouldContain("add");
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task An_answer_that_nobody_listens_to_is_complete_too(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(
            dialect,
            Answers(dialect, Asks("add", "{\"a\": 1, \"b\": 2}")),
            Answers(dialect, new Reply { Reasoning = ["One and two."], Text = ["It is three."] }));
        await using var app = await ModelApp.StartAsync(provider);

        var values = (await app.SayAsync(await app.Api.NewThreadAsync(), "1+2?")).ShouldBeOk().Json;

        var messages = values.GetProperty("messages").EnumerateArray().ToList();
        messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai"]);
        TextOf(messages[3]).ShouldBe("It is three.");
        ReasoningOf(messages[3]).ShouldBe(provider.Dialect.HasReasoning ? "One and two." : "");
        messages[3].GetProperty("usage_metadata").GetProperty("total_tokens").GetInt32().ShouldBe(12);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Settings_of_the_model_reach_the_provider(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(dialect, Answers(dialect, Says("Hi.")));
        var options = provider.Options();
        options.MaxOutputTokens = 77;
        options.Temperature = dialect == "anthropic" ? null : 0.5f;
        await using var app = await ModelApp.StartAsync(services =>
            services.AddWeftModels(new ModelsOptions { Chat = { ["small"] = options } }));

        (await app.SayAsync(await app.Api.NewThreadAsync(), "hi")).ShouldBeOk();

        var body = provider.Calls.ShouldHaveSingleItem().Body.GetRawText();
        body.ShouldContain(":77");
        body.Contains("\"temperature\":0.5").ShouldBe(dialect != "anthropic", body);
    }

    [Fact]
    public async Task Headers_of_the_environment_are_not_sent()
    {
        await using var provider = await ProviderServer.StartAsync("anthropic", Answers("anthropic", Says("Hi.")));
        await using var app = await ModelApp.StartAsync(provider);

        (await app.SayAsync(await app.Api.NewThreadAsync(), "hi")).ShouldBeOk();

        var headers = provider.Calls.ShouldHaveSingleItem().Headers;
        headers.ContainsKey("x-other-gateway").ShouldBeFalse();
        headers.ContainsKey("x-another-gateway").ShouldBeFalse();
        headers[provider.Dialect.KeyHeader].ShouldContain(Key);
    }

    /// <summary>Anthropic's client reads them once, whichever test uses it first.</summary>
    [ModuleInitializer]
    internal static void SetHeadersOfTheEnvironment() =>
        Environment.SetEnvironmentVariable("ANTHROPIC_CUSTOM_HEADERS", "x-other-gateway: secret\nX-Another-Gateway:secret, too");

    private static string TextOf(JsonElement message) => Blocks(message, "text", "text");

    private static string ReasoningOf(JsonElement message) => Blocks(message, "reasoning", "reasoning") + Blocks(message, "thinking", "thinking");

    /// <summary>The content is a text, or blocks of several types.</summary>
    private static string Blocks(JsonElement message, string type, string member) => message.GetProperty("content") switch
    {
        { ValueKind: JsonValueKind.String } text => type == "text" ? text.GetString()! : "",
        var blocks => string.Concat(blocks.EnumerateArray().Where(block => block.Text("type") == type).Select(block => block.Text(member))),
    };
}
