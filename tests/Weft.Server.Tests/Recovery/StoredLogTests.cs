using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Server.Tests.Recovery;

/// <summary>
/// Logs of resumable runs refer to what is stored already. They stay small in each mode, and late readers see the same bytes.
/// </summary>
public sealed class StoredLogTests
{
    public static TheoryData<string> Modes =>
    [
        "values", "updates", "messages", "messages-tuple", "custom", "tasks", "checkpoints", "debug", "events", "tools",
        "values events messages updates tasks checkpoints debug",
    ];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Late_readers_see_the_same_bytes_after_a_restart(string modes)
    {
        using var folder = new TempFolder();
        var first = await StartAsync(folder);
        var thread = await first.Root.NewThreadAsync();
        var (random, logs) = (new Random(1), new List<(string Path, List<SseFrame> Frames)>());
        for (var turn = 0; turn < 6; turn++)
        {
            using var stream = await first.Root.StreamAsync($"/threads/{thread}/runs/stream", Body(modes, Text(random, 1_000), 400));
            logs.Add((stream.Header("Location")!, await stream.ToEndAsync()));
        }

        await first.StopAsync();

        var second = await StartAsync(folder);
        foreach (var (path, frames) in logs)
        {
            using var all = await second.Root.JoinAsync(path, ("Last-Event-ID", "-1"));
            (await all.ToEndAsync()).ShouldBe(frames);
            // The events before are in the same blocks.
            var middle = frames[frames.Count / 2];
            using var rest = await second.Root.JoinAsync(path, ("Last-Event-ID", middle.Id!));
            (await rest.ToEndAsync()).ShouldBe(frames[((frames.Count / 2) + 1)..]);
        }

        await second.StopAsync();
    }

    [Fact]
    public async Task Events_whose_states_were_pruned_are_missed_and_the_others_are_read()
    {
        using var folder = new TempFolder();
        var server = await StartAsync(folder, keepsEnded: false);
        var thread = await server.Root.NewThreadAsync();
        var (random, paths) = (new Random(2), new List<string>());
        var frames = new List<SseFrame>();
        for (var turn = 0; turn < 3; turn++)
        {
            using var stream = await server.Root.StreamAsync(
                $"/threads/{thread}/runs/stream", Body("events custom", Text(random, 1_000), 40));
            paths.Add(stream.Header("Location")!);
            frames = await stream.ToEndAsync();
        }

        (await server.Root.PostAsync("/threads/prune", $$"""{"thread_ids":["{{thread}}"],"strategy":"keep_latest"}""")).ShouldBeOk();

        using var joined = await server.Root.JoinAsync(paths[^1], ("Last-Event-ID", "-1"));
        var left = await joined.ToEndAsync();
        left.Where(frame => frame.Event == "custom").ShouldBe(frames.Where(frame => frame.Event == "custom"));
        left[^1].ShouldBe(frames[^1]);
        left.ShouldContain(frame => frame.Event == "gap");
        left.Where(frame => frame.Event != "gap").ShouldBeSubsetOf(frames);
        left.Count.ShouldBeLessThan(frames.Count);
        await server.StopAsync();
    }

    [Fact]
    public async Task Only_events_that_show_states_depend_on_the_channels_of_the_graph()
    {
        using var folder = new TempFolder();
        var first = await StartAsync(folder);
        var thread = await first.Root.NewThreadAsync();
        var (random, logs) = (new Random(4), new List<(string Path, List<SseFrame> Frames)>());
        for (var turn = 0; turn < 4; turn++)
        {
            using var stream = await first.Root.StreamAsync(
                $"/threads/{thread}/runs/stream", Body("values custom updates messages-tuple tools", Text(random, 1_000), 400));
            logs.Add((stream.Header("Location")!, await stream.ToEndAsync()));
        }

        await first.StopAsync();

        var second = await StartAsync(folder, hasMore: true);
        var lost = 0;
        foreach (var (path, frames) in logs)
        {
            using var joined = await second.Root.JoinAsync(path, ("Last-Event-ID", "-1"));
            var left = await joined.ToEndAsync();
            lost += left.Count(frame => frame.Event == "gap");
            left.Where(frame => !ShowsState(frame)).ShouldBe(frames.Where(frame => !ShowsState(frame)));
        }

        lost.ShouldBePositive();
        await second.StopAsync();
    }

    private static bool ShowsState(SseFrame frame) =>
        frame.Event is { } name && (name == "gap" || name.StartsWith("values", StringComparison.Ordinal));

    /// <summary>With whole states the logs of 60 turns have 20 to 100 times the bytes that were said.</summary>
    [Theory]
    [InlineData("values", 3.0)]
    [InlineData("messages", 5.0)]
    [InlineData("events", 5.0)]
    [InlineData("debug", 6.0)]
    [InlineData("values updates messages-tuple", 6.0)]
    public async Task The_database_has_a_few_times_the_bytes_that_were_said(string modes, double timesMax)
    {
        const int Turns = 60;
        using var folder = new TempFolder();
        await (await StartAsync(folder)).StopAsync();
        var empty = BytesOf(folder);
        var server = await StartAsync(folder);
        var thread = await server.Root.NewThreadAsync();
        var random = new Random(3);
        for (var turn = 0; turn < Turns; turn++)
        {
            (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Body(modes, Text(random, 1_000), 4_000, "plain"))).ShouldBeOk();
        }

        await server.StopAsync();
        ((BytesOf(folder) - empty) / (Turns * 5_000.0)).ShouldBeInRange(1, timesMax);
    }

    private static long BytesOf(TempFolder folder) => new DirectoryInfo(folder.Path).GetFiles("weft.db*").Sum(file => file.Length);

    private static string Body(string modes, string text, int size, string graph = "talk")
    {
        var input = new { messages = new[] { new { role = "human", content = text } }, size };
        return JsonSerializer.Serialize(new
        {
            assistant_id = graph,
            input,
            stream_mode = modes.Split(' '),
            stream_resumable = true,
            stream_subgraphs = true,
        });
    }

    private static Task<TestServer> StartAsync(TempFolder folder, bool keepsEnded = true, bool hasMore = false) => TestServer.StartAsync(
        folder.Path,
        configureRuns: options => options.EndedStreamsMax = keepsEnded ? options.EndedStreamsMax : 0,
        add: weft => weft.AddGraph("talk", Talking(hasMore)).AddGraph("plain", Plain()));

    /// <summary>Says texts of the size that the input asks for.</summary>
    private static CompiledGraph Plain()
    {
        var (messages, size) = (Channel.Messages(), Channel.LastValue<int>("size"));
        return new StateGraph().AddChannels(messages, size)
            .AddNode("say", context =>
            {
                var random = new Random(context.Get(messages)!.Count);
                return new StateUpdate().Add(messages, Message.Ai(Text(random, context.Get(size))));
            })
            .AddEdge(StateGraph.Start, "say").Compile();
    }

    /// <summary>A graph inside a graph calls a model that streams, and each writes to its list of messages.</summary>
    /// <param name="hasMore">Whether the graph has one more list, as after an update.</param>
    private static CompiledGraph Talking(bool hasMore)
    {
        var (messages, size) = (Channel.Messages(), Channel.LastValue<int>("size"));
        var model = new WordsClient().StreamToGraph();
        var inner = new StateGraph().AddChannels(messages, size)
            .AddNode("think", async (context, cancellationToken) =>
            {
                context.Write(JsonElement.Parse("""{"percent":50}"""));
                context.Write(JsonSerializer.SerializeToElement(new { asked = context.Get(messages)![^1].Text }));
                var history = context.Get(messages)!.Select(message => new ChatMessage(ChatRole.User, message.Text));
                var options = new ChatOptions { MaxOutputTokens = context.Get(size) };
                var response = await model.GetResponseAsync(history, options, cancellationToken);
                return new StateUpdate().Add(messages, Message.Ai(response.Text, response.Messages[0].MessageId));
            })
            .AddNode("look", context =>
            {
                var call = new ToolCall("look", JsonElement.Parse("""{"q":"rome"}"""), $"call-{context.TaskId}");
                var tool = context.StartTool(call);
                var result = Message.Tool(Text(new Random(9), 500), call.Id!, "look");
                tool?.End(result);
                return new StateUpdate().Add(messages, result);
            })
            .AddEdge(StateGraph.Start, "think").AddEdge("think", "look").Compile();
        var notes = Channel.List<string>("notes");
        var graph = new StateGraph().AddChannels(messages, size, notes);
        return (hasMore ? graph.AddChannels(Channel.List<string>("more")) : graph)
            .AddNode("inner", inner)
            .AddNode("note", context => new StateUpdate().Add(notes, $"\"note\" {context.Get(messages)!.Count} é"))
            .AddEdge(StateGraph.Start, "inner").AddEdge("inner", "note").Compile();
    }

    private static string Text(Random random, int length)
    {
        var text = new StringBuilder();
        while (text.Length < length)
        {
            text.Append(random.Next().ToString("x", CultureInfo.InvariantCulture)).Append(' ');
        }

        return text.ToString(0, length);
    }

    /// <summary>Streams as many characters as it may.</summary>
    private sealed class WordsClient : IChatClient
    {
        public async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var id = $"said-{messages.Count()}";
            foreach (var word in Text(new Random(messages.Count()), options!.MaxOutputTokens!.Value).Chunk(8))
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return new ChatResponseUpdate(ChatRole.Assistant, new string(word)) { MessageId = id };
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

        public void Dispose()
        {
        }
    }
}
