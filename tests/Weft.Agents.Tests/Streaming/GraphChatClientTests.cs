using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Streaming;

public sealed class GraphChatClientTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_update_of_a_model_is_a_chunk_with_the_id_that_the_message_has_in_the_state()
    {
        var thread = new ThreadUnderTest(ChatGraph.Create(new ScriptedChatClient(Says(null, "Par", "is", "."))));

        await thread.SayAsync("capital?");

        var chunks = thread.Chunks.ToList();
        chunks.Select(chunk => chunk.Content()).ShouldBe(["Par", "is", "."]);
        chunks.ShouldAllBe(chunk => chunk.Text("type") == "AIMessageChunk");
        var id = chunks.Select(chunk => chunk.Text("id")).Distinct().ShouldHaveSingleItem()!;
        id.ShouldStartWith("lc_run--");
        thread.Messages[1].Text("id").ShouldBe(id);
        thread.Messages[1].Content().ShouldBe("Paris.");
    }

    [Fact]
    public async Task The_last_chunk_alone_tells_usage_and_why_the_model_stopped()
    {
        var thread = new ThreadUnderTest(ChatGraph.Create(new ScriptedChatClient(ScriptedAnswer.OfUpdates(
        [
            Piece("m", new TextContent("hi")),
            new() { MessageId = "m", FinishReason = ChatFinishReason.Length, ModelId = "small-1" },
            Piece("m", new UsageContent(new() { InputTokenCount = 2, OutputTokenCount = 1, TotalTokenCount = 3 })),
        ]))));

        await thread.SayAsync("hello");

        var chunks = thread.Chunks.ToList();
        chunks.Count.ShouldBe(2);
        chunks[0].TryGetProperty("usage_metadata", out _).ShouldBeFalse();
        chunks[0].GetProperty("response_metadata").GetRawText().ShouldBe("{}");
        chunks[1].Text("chunk_position").ShouldBe("last");
        chunks[1].GetProperty("usage_metadata").GetRawText().ShouldBe(thread.Messages[1].GetProperty("usage_metadata").GetRawText());
        chunks[1].GetProperty("response_metadata").GetRawText().ShouldBe("""{"finish_reason":"length","model_name":"small-1"}""");
        thread.Messages[1].GetProperty("response_metadata").GetRawText().ShouldBe("""{"finish_reason":"length","model_name":"small-1"}""");
    }

    [Fact]
    public async Task A_response_has_its_texts_and_what_stands_between_them_in_order()
    {
        ChatResponse? response = null;
        var messages = Channel.Messages();
        var reused = Piece("m", new TextContent(", un"));
        IEnumerable<ChatResponseUpdate> Updates()
        {
            yield return new(ChatRole.Assistant, "one")
            {
                MessageId = "m",
                ResponseId = "r",
                ModelId = "small-1",
                CreatedAt = DateTimeOffset.UnixEpoch,
            };
            yield return reused;
            reused.Contents = [new TextContent("o")];
            reused.CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(1);
            yield return reused;
            yield return Piece("m", new UriContent("https://example.org/a.png", "image/png"));
            yield return Piece("m", new TextContent("two"), new TextContent(", dos"));
            yield return Piece("n", new TextContent("three"));
        }

        var client = new ScriptedChatClient(ScriptedAnswer.OfUpdates(Updates())).StreamToGraph();
        var thread = new ThreadUnderTest(new StateGraph()
            .AddChannels(messages)
            .AddNode("model", async (_, cancellationToken) =>
            {
                response = await client.GetResponseAsync("count", cancellationToken: cancellationToken);
                return new StateUpdate();
            })
            .AddEdge(StateGraph.Start, "model")
            .Compile());

        await thread.SayAsync("count");

        response!.Messages.Select(message => message.MessageId).ShouldBe(["m", "n"]);
        response.Messages[0].Contents.Select(content => (content as TextContent)?.Text).ShouldBe(["one, uno", null, "two, dos"]);
        response.Messages[1].Text.ShouldBe("three");
        (response.ResponseId, response.ModelId, response.CreatedAt).ShouldBe(("r", "small-1", DateTimeOffset.UnixEpoch.AddSeconds(1)));
    }

    [Fact]
    public async Task Chunks_name_the_model_and_the_node()
    {
        var thread = new ThreadUnderTest(ChatGraph.Create(Model(Says("m", "hi"))));

        await thread.SayAsync("hello");

        var metadata = thread.Metadata.First();
        (metadata.Text("ls_provider"), metadata.Text("ls_model_name"), metadata.Text("langgraph_node"))
            .ShouldBe(("acme", "small", "model"));
    }

    [Fact]
    public async Task The_id_of_the_provider_is_kept()
    {
        var thread = new ThreadUnderTest(ChatGraph.Create(new ScriptedChatClient(Says("msg_1", "hi"))));

        await thread.SayAsync("hello");

        thread.Messages[1].Text("id").ShouldBe("msg_1");
    }

    [Fact]
    public async Task A_provider_that_gives_every_answer_the_same_id_does_not_overwrite_its_own_answers()
    {
        var thread = new ThreadUnderTest(ChatGraph.Create(new ScriptedChatClient(Says("chatcmpl-0", "one"), Says("chatcmpl-0", "two"))));

        await thread.SayAsync("a");
        await thread.SayAsync("b");

        thread.Messages.Select(message => message.Content()).ShouldBe(["a", "one", "b", "two"]);
        thread.Chunks.Select(chunk => chunk.Text("id")).Distinct().ShouldHaveSingleItem().ShouldBe(thread.Messages[3].Text("id"));
    }

    [Fact]
    public async Task A_tool_call_is_streamed_as_a_chunk_that_clients_can_merge()
    {
        var client = new ScriptedChatClient(Calls(("c1", "f", new() { ["a"] = 1 }), ("c2", "g", [])));
        var thread = new ThreadUnderTest(ChatGraph.Create(client));

        await thread.SayAsync("go");

        thread.Chunks.First().GetProperty("tool_call_chunks").GetRawText().ShouldBe(
            """[{"name":"f","args":"{\"a\":1}","id":"c1","index":0,"type":"tool_call_chunk"},{"name":"g","args":"{}","id":"c2","index":1,"type":"tool_call_chunk"}]""");
        thread.Chunks.First().GetProperty("invalid_tool_calls").GetArrayLength().ShouldBe(0);
        thread.Messages[1]
            .GetProperty("tool_calls")[0]
            .GetRawText()
            .ShouldBe("""{"name":"f","args":{"a":1},"id":"c1","type":"tool_call"}""");
    }

    [Fact]
    public async Task Reasoning_and_text_are_blocks_with_an_index_each()
    {
        var thread = new ThreadUnderTest(ChatGraph.Create(new ScriptedChatClient(ScriptedAnswer.OfUpdates(
        [
            Piece("m", new TextReasoningContent("h")),
            Piece("m", new TextReasoningContent("m")),
            Piece("m", new TextContent("so")),
            Piece("m", new TextContent(".")),
        ]))));

        await thread.SayAsync("think");

        thread.Chunks.Select(chunk => chunk.GetProperty("content").GetRawText()).ShouldBe(
        [
            """[{"type":"reasoning","reasoning":"h","index":0}]""",
            """[{"type":"reasoning","reasoning":"m","index":0}]""",
            """[{"type":"text","text":"so","index":1}]""",
            """[{"type":"text","text":".","index":1}]""",
        ]);
        thread.Messages[1]
            .GetProperty("content")
            .GetRawText()
            .ShouldBe("""[{"type":"reasoning","reasoning":"hm"},{"type":"text","text":"so."}]""");
    }

    [Theory]
    [InlineData(StreamMode.MessagesTuple)]
    [InlineData(StreamMode.MessagesTuple | StreamMode.Messages | StreamMode.Events)]
    public async Task A_character_that_comes_in_halves_is_streamed_whole(StreamMode modes)
    {
        const string Text = "a😀b😀";
        var thread = new ThreadUnderTest(
            ChatGraph.Create(new ScriptedChatClient(ScriptedAnswer.OfUpdates(Text.Select(unit => Piece("m", new TextContent(unit.ToString())))))))
        {
            Modes = modes | StreamMode.Values,
        };

        await thread.SayAsync("hi");

        thread.Chunks.Select(chunk => chunk.Content()).ShouldBe(["a", "😀", "b", "😀"]);
        thread.Messages[1].Content().ShouldBe(Text);
        if (modes.HasFlag(StreamMode.Events))
        {
            thread.Of(StreamMode.Messages).Last()[0].Content().ShouldBe(Text);
            thread.Of(StreamMode.Events).Where(told => told.Text("event") == "on_chat_model_stream")
                .Select(told => told.GetProperty("data").GetProperty("chunk").Content()).ShouldBe(["a", "😀", "b", "😀"]);
        }
    }

    [Fact]
    public async Task Half_a_character_waits_for_its_other_half_in_reasoning_too_and_is_not_lost_at_the_end()
    {
        var thread = new ThreadUnderTest(ChatGraph.Create(new ScriptedChatClient(ScriptedAnswer.OfUpdates(
        [
            Piece("m", new TextReasoningContent("h\ud83d")),
            Piece("m", new TextReasoningContent("\ude00")),
            Piece("m", new TextContent("so\ud83d")),
        ]))));

        await thread.SayAsync("think");

        thread.Chunks.Select(chunk => chunk.GetProperty("content").GetRawText()).Select(json => JsonElement.Parse(json)[0])
            .Select(block => block.TryGetProperty("text", out var text) ? text.GetString() : block.Text("reasoning"))
            .ShouldBe(["h", "😀", "so", "\ufffd"]);
    }

    [Theory]
    [InlineData("nostream")]
    [InlineData("langsmith:nostream")]
    public async Task A_call_tagged_nostream_shows_its_message_only_when_the_node_returns_it(string tag)
    {
        var options = new ChatOptions { AdditionalProperties = new() { ["tags"] = new List<string> { tag } } };
        var client = new ScriptedChatClient(Says(null, "a", "b"));
        var thread = new ThreadUnderTest(ChatGraph.Create(client, new ChatGraphOptions { ChatOptions = options }));

        await thread.SayAsync("quiet");

        thread.Chunks.ShouldHaveSingleItem().Content().ShouldBe("ab");
        thread.Chunks.First().Text("type").ShouldBe("ai");
        client.Calls.Count(call => call.IsStreaming).ShouldBe(0);
    }

    [Fact]
    public async Task A_client_tagged_nostream_is_silent_and_the_one_beside_it_is_not()
    {
        var messages = Channel.Messages();
        var silent = new ScriptedChatClient(Says("quiet", "a", "b"))
            .StreamToGraph(new GraphChatClientOptions { Tags = [StreamTags.NoStream] });
        var heard = new ScriptedChatClient(Says("loud", "c", "d")).StreamToGraph();
        var thread = new ThreadUnderTest(new StateGraph()
            .AddChannel(messages)
            .AddNode("both", async (context, stop) => new StateUpdate().Add(
                messages,
                await silent.GetMessageAsync(context.Get(messages), null, stop),
                await heard.GetMessageAsync(context.Get(messages), null, stop)))
            .AddEdge(StateGraph.Start, "both")
            .Compile());

        await thread.SayAsync("hi");

        thread.Chunks.Select(chunk => chunk.Content()).ShouldBe(["c", "d", "ab"]);
        Should.Throw<ArgumentException>(() => heard.StreamToGraph(new GraphChatClientOptions()));
    }

    [Fact]
    public async Task Tags_of_the_client_and_of_the_call_are_in_the_metadata()
    {
        var client = new ScriptedChatClient(Says(null, "a")).StreamToGraph(new GraphChatClientOptions { Tags = ["joke"] });
        var options = new ChatOptions { AdditionalProperties = new() { ["tags"] = "short" } };
        var thread = new ThreadUnderTest(ChatGraph.Create(client, new ChatGraphOptions { ChatOptions = options }));

        await thread.SayAsync("hi");

        thread.Metadata.First().GetProperty("tags").GetRawText().ShouldBe("""["joke","short"]""");
    }

    [Fact]
    public async Task Without_a_reader_of_tokens_the_model_is_not_asked_to_stream()
    {
        var client = new ScriptedChatClient(Says(null, "a", "b"));
        var thread = new ThreadUnderTest(ChatGraph.Create(client)) { Modes = StreamMode.Values };

        await thread.SayAsync("hello");

        client.Calls.Count(call => call.IsStreaming).ShouldBe(0);
        thread.Messages[1].Content().ShouldBe("ab");
        thread.Messages[1].Text("id")!.ShouldStartWith("lc_run--");
    }

    [Fact]
    public async Task Outside_of_a_node_the_client_changes_nothing()
    {
        var client = new ScriptedChatClient(Says(null, "a")).StreamToGraph();

        var response = await client.GetResponseAsync("hello", cancellationToken: Stop);

        response.Messages.ShouldHaveSingleItem().MessageId.ShouldBeNull();
    }

    [Fact]
    public void A_client_that_streams_already_is_not_wrapped_again()
    {
        var client = new ScriptedChatClient().StreamToGraph();

        client.StreamToGraph().ShouldBeSameAs(client);
    }

    [Fact]
    public async Task A_node_that_reads_the_stream_itself_sees_the_ids_that_the_run_sees()
    {
        var client = new ScriptedChatClient(Says(null, "a", "b")).StreamToGraph();
        var messages = Channel.Messages();
        var seen = new List<string?>();
        var graph = new StateGraph()
            .AddChannel(messages)
            .AddNode("n", async (context, cancellationToken) =>
            {
                var text = "";
                await foreach (var update in client.GetStreamingResponseAsync(context.Get(messages).ToChatMessages(), null, cancellationToken))
                {
                    seen.Add(update.MessageId);
                    text += update.Text;
                }

                return new StateUpdate().Add(messages, Message.Ai(text, seen[0]));
            })
            .AddEdge(StateGraph.Start, "n")
            .Compile();
        var thread = new ThreadUnderTest(graph);

        await thread.SayAsync("hello");

        var id = seen.Distinct().ShouldHaveSingleItem();
        thread.Chunks.ShouldAllBe(chunk => chunk.Text("id") == id);
        thread.Messages[1].Content().ShouldBe("ab");
    }

    [Fact]
    public async Task Tools_that_a_client_runs_itself_are_streamed_and_kept_as_messages_of_their_own()
    {
        var tool = AIFunctionFactory.Create(() => "sunny", "weather");
        var client = new ScriptedChatClient(Calls(("c", "weather", [])), Says(null, "It is ", "sunny."));
        var model = new ChatClientBuilder(client).UseFunctionInvocation().Build();
        var thread = new ThreadUnderTest(ChatGraph.Create(model, new ChatGraphOptions { ChatOptions = new() { Tools = [tool] } }));

        await thread.SayAsync("weather?");

        thread.Messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai"]);
        thread.Messages.Select(message => message.Content()).ShouldBe(["weather?", "", "sunny", "It is sunny."]);
        thread.Chunks.Select(chunk => chunk.Text("id")).Distinct().ShouldBe(thread.Messages.Skip(1).Select(message => message.Text("id")));
    }

    [Fact]
    public async Task A_model_that_fails_while_it_streams_fails_the_node()
    {
        var thread = new ThreadUnderTest(ChatGraph.Create(new ScriptedChatClient(
            Says(null, "hal").ThenFails(new HttpRequestException("line cut")))));

        var error = await Should.ThrowAsync<NodeFailedException>(() => thread.SayAsync("hello"));

        error.Message.ShouldBe("line cut");
        thread.Chunks.ShouldHaveSingleItem().Content().ShouldBe("hal");
    }
}
