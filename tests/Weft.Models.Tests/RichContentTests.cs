using System.Text.Json;
using Weft.Server.Tests;
using static Weft.Models.Tests.ProviderServer;
using static Weft.Models.Tests.Reply;

namespace Weft.Models.Tests;

/// <summary>Images, files, reasoning and citations, as the real client of each provider sends and receives them.</summary>
public sealed class RichContentTests
{
    private const string Image = "iVBORw0KGgo=";
    private const string Pdf = "JVBERi0xLjQ=";

    public static TheoryData<string> Dialects => [.. Dialect.All.Keys];

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task An_image_and_a_file_of_a_user_arrive(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(dialect, Answers(dialect, Says("A cat.")));
        await using var app = await ModelApp.StartAsync(provider);

        (await app.Api.PostAsync(
            $"/threads/{await app.Api.NewThreadAsync()}/runs/wait",
            $$$"""
            {"assistant_id":"artist","input":{"messages":[{"role":"user","content":[
            {"type":"text","text":"What is this?"},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Image}}}"}},
            {"type":"file","source_type":"base64","mime_type":"application/pdf","data":"{{{Pdf}}}","filename":"cats.pdf"}]}]}}
            """)).ShouldBeOk();

        var sent = MessagesOf(provider.Calls.ShouldHaveSingleItem()).Last(message => message.Text("role") == "user");
        switch (provider.Dialect)
        {
            case AnthropicDialect:
                sent.GetProperty("content")[1].ShouldBeJson(
                    $$$"""{"type":"image","source":{"type":"base64","data":"{{{Image}}}","media_type":"image/png"}}""");
                sent.GetProperty("content")[2].ShouldBeJson(
                    $$$"""{"type":"document","source":{"media_type":"application/pdf","type":"base64","data":"{{{Pdf}}}"}}""");
                break;
            case OllamaDialect:
                sent.GetProperty("images").ShouldBeJson($"[\"{Image}\"]");
                // It has no files, so the model is told.
                sent.Text("content").ShouldContain("What is this?");
                sent.Text("content").ShouldContain("[A file (cats.pdf, application/pdf), which this model can't read]");
                break;
            default:
                sent.GetProperty("content")[1].ShouldBeJson(
                    $$$"""{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Image}}}"}}""");
                sent.GetProperty("content")[2].ShouldBeJson(
                    $$$"""{"type":"file","file":{"filename":"cats.pdf","file_data":"data:application/pdf;base64,{{{Pdf}}}"}}""");
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task An_image_in_the_result_of_a_tool_arrives(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(
            dialect, Answers(dialect, Asks("show", "{}")), Answers(dialect, Says("A cat.")), Answers(dialect, Says("Yes.")));
        await using var app = await ModelApp.StartAsync(provider);
        var thread = await app.Api.NewThreadAsync();

        (await app.SayAsync(thread, "Show it.", "artist")).ShouldBeOk();
        (await app.SayAsync(thread, "Sure?", "artist")).ShouldBeOk();

        foreach (var call in provider.Calls.Skip(1))
        {
            var sent = MessagesOf(call).SkipWhile(message => message.Text("role") != "assistant").ToList();
            if (provider.Dialect is AnthropicDialect)
            {
                var result = sent[1].GetProperty("content")[0];
                result.Text("type").ShouldBe("tool_result");
                result.GetProperty("content")[0].ShouldBeJson("""{"type":"text","text":"The picture:"}""");
                result.GetProperty("content")[1].ShouldBeJson(
                    $$$"""{"type":"image","source":{"type":"base64","data":"{{{Image}}}","media_type":"image/png"}}""");
                continue;
            }

            sent[1].Text("role").ShouldBe("tool");
            // The client of Ollama sends results as JSON.
            var text = provider.Dialect is OllamaDialect ? JsonElement.Parse(sent[1].Text("content")).Text("Result") : sent[1].Text("content");
            text.ShouldBe("The picture:\n[An image (image/png), in the next message]");
            sent[2].Text("role").ShouldBe("user");
            if (provider.Dialect is OllamaDialect)
            {
                sent[2].GetProperty("images").ShouldBeJson($"[\"{Image}\"]");
            }
            else
            {
                sent[2].GetProperty("content")[1].ShouldBeJson(
                    $$$"""{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Image}}}"}}""");
            }
        }

        provider.Calls.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_thinking_of_a_model_is_sent_back_with_its_signature(bool streams)
    {
        const string Dialect = "anthropic";
        await using var provider = await ProviderServer.StartAsync(
            Dialect,
            Answers(Dialect, Asks("show", "{}") with { Reasoning = ["Hm, ", "a picture."] }),
            Answers(Dialect, Says("A cat.")),
            Answers(Dialect, Says("Yes.")));
        await using var app = await ModelApp.StartAsync(provider);
        var thread = await app.Api.NewThreadAsync();

        if (streams)
        {
            await app.StreamAsync(thread, "Show it.", "artist");
        }
        else
        {
            (await app.SayAsync(thread, "Show it.", "artist")).ShouldBeOk();
        }

        (await app.SayAsync(thread, "Sure?", "artist")).ShouldBeOk();

        foreach (var call in provider.Calls.Skip(1))
        {
            var sent = MessagesOf(call).First(message => message.Text("role") == "assistant").GetProperty("content");
            sent[0].ShouldBeJson("""{"type":"thinking","thinking":"Hm, a picture.","signature":"c2ln"}""");
            sent[1].Text("type").ShouldBe("tool_use");
        }

        provider.Calls.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("anthropic", true)]
    [InlineData("anthropic", false)]
    // Its client does not read them from streams.
    [InlineData("openai", false)]
    public async Task The_sources_of_an_answer_are_in_the_message(string dialect, bool streams)
    {
        await using var provider = await ProviderServer.StartAsync(
            dialect, Answers(dialect, Says("A cat", " sat.") with { Citations = [new("https://cats.example/", "Cats", "The cat sat.")] }));
        await using var app = await ModelApp.StartAsync(provider);
        var thread = await app.Api.NewThreadAsync();

        if (streams)
        {
            await app.StreamAsync(thread, "What did it do?");
        }
        else
        {
            (await app.SayAsync(thread, "What did it do?")).ShouldBeOk();
        }

        var state = (await app.Api.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;
        var blocks = state.GetProperty("values").GetProperty("messages")[1].GetProperty("content").EnumerateArray().ToList();
        string.Concat(blocks.Select(block => block.Text("text"))).ShouldBe("A cat sat.");
        var source = blocks.SelectMany(block => block.TryGetProperty("annotations", out var found) ? found.EnumerateArray() : []).Single();
        source.Text("type").ShouldBe("citation");
        source.Text("url").ShouldBe("https://cats.example/");
        source.Text("title").ShouldBe("Cats");
    }

    private static IReadOnlyList<JsonElement> MessagesOf(ProviderCall call) => [.. call.Body.GetProperty("messages").EnumerateArray()];
}
