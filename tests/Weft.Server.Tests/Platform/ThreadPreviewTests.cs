using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Server.Tests.Recovery;

namespace Weft.Server.Tests.Platform;

/// <summary>What lists show of threads (docs/protocol/weft.md 6).</summary>
public sealed class ThreadPreviewTests(SharedServer shared) : ServerTests(shared)
{
    private const string OnlyPreviews = """{"select":["thread_id","preview"],"ids":["{0}"]}""";

    [Fact]
    public async Task A_thread_shows_its_first_words_and_its_last_message_after_each_run()
    {
        var thread = await Root.NewThreadAsync();
        (await PreviewAsync(thread)).ValueKind.ShouldBe(JsonValueKind.Null);
        (await Root.GetAsync($"/threads/{thread}")).Json.Names().ShouldNotContain("preview");

        await RunAsync(thread, "Which\\n wool  is warm?");
        var preview = await PreviewAsync(thread);
        preview.Text("title").ShouldBe("Which wool is warm?");
        preview.GetProperty("first_message").Text("type").ShouldBe("human");
        preview.GetProperty("first_message").Text("text").ShouldBe("Which\n wool  is warm?");
        preview.GetProperty("last_message").Text("type").ShouldBe("ai");
        preview.GetProperty("last_message").Text("text").ShouldBe("echo: Which\n wool  is warm?");
        var state = (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").GetProperty("messages");
        preview.GetProperty("last_message").Text("id").ShouldBe(state[1].Text("id"));

        await RunAsync(thread, "And silk?");
        preview = await PreviewAsync(thread);
        preview.Text("title").ShouldBe("Which wool is warm?");
        preview.GetProperty("last_message").Text("text").ShouldBe("echo: And silk?");

        var copy = (await Root.PostAsync($"/threads/{thread}/copy")).ShouldBeOk().String("thread_id");
        (await PreviewAsync(copy)).GetRawText().ShouldBe(preview.GetRawText());
    }

    [Fact]
    public async Task A_search_selects_the_preview_and_the_gateway_has_the_title_among_the_values()
    {
        var thread = await Root.NewThreadAsync();
        await RunAsync(thread, "Which wool?");
        var search = OnlyPreviews.Replace("{0}", thread, StringComparison.Ordinal);

        var row = (await Root.PostAsync("/threads/search", search)).ShouldBeOk().Json[0];
        row.Names().ShouldBe(["thread_id", "preview"], ignoreOrder: true);
        row.GetProperty("preview").Text("title").ShouldBe("Which wool?");

        var listed = (await Gateway.PostAsync("/threads/search", $$"""{"ids":["{{thread}}"]}""")).ShouldBeOk().Json[0].GetProperty("values");
        listed.Text("title").ShouldBe("Which wool?");
        listed.GetProperty("messages").GetArrayLength().ShouldBe(2);
        (await Root.PostAsync("/threads/search", $$"""{"ids":["{{thread}}"]}""")).Json[0].GetProperty("values").Names()
            .ShouldBe(["messages"]);
    }

    [Fact]
    public async Task The_title_is_that_of_the_state_else_that_of_the_metadata_else_the_first_words()
    {
        var thread = await Root.NewThreadAsync();
        await RunAsync(thread, "Which wool?");
        (await Root.PatchAsync($"/threads/{thread}", """{"metadata":{"title":"Wool"}}""")).ShouldBeOk();
        (await PreviewAsync(thread)).Text("title").ShouldBe("Wool");

        (await Root.PostAsync($"/threads/{thread}/state", """{"values":{"title":"Warm wool"}}""")).ShouldBeOk();
        (await PreviewAsync(thread)).Text("title").ShouldBe("Warm wool");
        (await Gateway.PostAsync("/threads/search", $$"""{"ids":["{{thread}}"]}""")).Json[0].GetProperty("values").Text("title")
            .ShouldBe("Warm wool");

        await RunAsync(thread, "more");
        (await PreviewAsync(thread)).Text("title").ShouldBe("Warm wool");
    }

    [Fact]
    public async Task Long_texts_are_cut_between_characters_and_titles_between_words()
    {
        var thread = await Root.NewThreadAsync();
        var text = "Wool " + new string('w', 40) + " and silk and flax " + string.Concat(Enumerable.Repeat("🧶", 200));
        await RunAsync(thread, text);

        var preview = await PreviewAsync(thread);
        preview.Text("title").ShouldBe("Wool " + new string('w', 40) + " and silk and…");
        var first = preview.GetProperty("first_message").Text("text")!;
        first.ShouldEndWith("🧶…");
        first.Length.ShouldBeInRange(199, 200);
    }

    [Fact]
    public async Task Messages_without_text_and_other_messages_are_passed_over()
    {
        var thread = await Root.NewThreadAsync();
        (await Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            """
            {"assistant_id":"echo","input":{"messages":[
              {"role":"system","content":"be brief"},
              {"role":"user","content":[{"type":"image_url","image_url":"https://x.org/a.png"}]},
              {"role":"user","content":[{"type":"text","text":"What is "},{"type":"text","text":"this?"}]}]}}
            """)).ShouldBeOk();
        (await Root.PostAsync(
            $"/threads/{thread}/state",
            """
            {"values":{"messages":[
              {"role":"ai","content":"","tool_calls":[{"name":"f","args":{},"id":"c"}]},{"role":"tool","content":"20","tool_call_id":"c"}]}}
            """)).ShouldBeOk();

        var preview = await PreviewAsync(thread);
        preview.Text("title").ShouldBe("What is this?");
        preview.GetProperty("last_message").Text("text").ShouldBe("echo: What is this?");
    }

    [Fact]
    public async Task A_run_that_is_cancelled_or_fails_has_a_preview_too_and_a_thread_without_messages_has_no_title()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        using (var stream = await Root.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Gated(gate, ""","stream_mode":["custom"]""")))
        {
            await stream.UntilAsync("custom").Within("the run at its gate");
            (await Root.PostAsync($"/threads/{thread}/runs/{stream.Ids().RunId}/cancel?wait=1")).Status.ShouldBeLessThan(300);
        }

        (await PreviewAsync(thread)).GetProperty("last_message").Text("text").ShouldBe("begun");

        var failed = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{failed}/runs/wait", """{"assistant_id":"failing","input":{"fail":true}}""");
        (await PreviewAsync(failed))
            .ShouldBeJson("""{"title":null,"first_message":null,"last_message":null}""");
    }

    [Fact]
    public async Task A_restart_keeps_previews_and_an_option_turns_them_off()
    {
        using var folder = new TempFolder();
        string thread;
        await using (var first = await TestServer.StartAsync(folder.Path))
        {
            thread = await first.Root.NewThreadAsync();
            (await first.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("Which wool?"))).ShouldBeOk();
        }

        await using var second = await TestServer.StartAsync(folder.Path, configureRuns: options => options.ThreadPreviews = false);
        (await PreviewAsync(second.Root, thread)).Text("title").ShouldBe("Which wool?");

        var other = await second.Root.NewThreadAsync();
        (await second.Root.PostAsync($"/threads/{other}/runs/wait", Bodies.Echo("Which wool?"))).ShouldBeOk();
        (await PreviewAsync(second.Root, other)).ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_model_writes_the_title_after_the_first_run()
    {
        var model = new TitleModel("\"Warm\n wool\"");
        await using var server = await StartAsync(model);
        var thread = await server.Root.NewThreadAsync();

        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("Which wool is warm?"))).ShouldBeOk();
        await Waiting.Until(
            async () => (await PreviewAsync(server.Root, thread)).Text("title") == "Warm wool",
            "the title of the model");
        model.Asked.ShouldHaveSingleItem()[1].Text.ShouldBe("User: Which wool is warm?\nAssistant: echo: Which wool is warm?");
        (await server.Root.GetAsync($"/threads/{thread}")).Json.GetProperty("metadata").Text("title").ShouldBe("Warm wool");

        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("And silk?"))).ShouldBeOk();
        (await server.Root.PostAsync("/runs/wait", Bodies.Echo("no thread"))).ShouldBeOk();
        var titled = (await server.Root.PostAsync("/threads", """{"metadata":{"title":"Mine"}}""")).String("thread_id");
        (await server.Root.PostAsync($"/threads/{titled}/runs/wait", Bodies.Echo("hi"))).ShouldBeOk();
        (await PreviewAsync(server.Root, titled)).Text("title").ShouldBe("Mine");
    }

    [Fact]
    public async Task A_model_that_fails_or_does_not_end_leaves_the_first_words_and_delays_no_run()
    {
        await using var failing = await StartAsync(new TitleModel(null, new InvalidOperationException("secret")));
        await using var hanging = await StartAsync(new TitleModel(null));
        foreach (var server in (TestServer[])[failing, hanging])
        {
            var thread = await server.Root.NewThreadAsync();
            (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("Which wool?"))).ShouldBeOk();
            (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("And silk?"))).ShouldBeOk();
            (await PreviewAsync(server.Root, thread)).Text("title").ShouldBe("Which wool?");
        }
    }

    private static Task<TestServer> StartAsync(TitleModel model) => TestServer.StartAsync(
        configure: options => options.TitleModel = "titles",
        add: weft => weft.Services.AddKeyedSingleton<IChatClient>("titles", model));

    private async Task RunAsync(string thread, string text) =>
        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(text))).ShouldBeOk();

    private Task<JsonElement> PreviewAsync(string thread) => PreviewAsync(Root, thread);

    private static async Task<JsonElement> PreviewAsync(Api api, string thread) =>
        (await api.GetAsync($"/threads/{thread}?include=preview")).ShouldBeOk().Json.GetProperty("preview");

    /// <summary>A model that gives an answer, fails, or does not end.</summary>
    private sealed class TitleModel(string? answer, Exception? failure = null) : IChatClient
    {
        public List<IReadOnlyList<ChatMessage>> Asked { get; } = [];

        public async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Asked.Add([.. messages]);
            if (failure is not null)
            {
                throw failure;
            }

            if (answer is null)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return new ChatResponse(new ChatMessage(ChatRole.Assistant, answer));
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
