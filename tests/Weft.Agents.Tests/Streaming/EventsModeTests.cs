using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Streaming;

public sealed class EventsModeTests
{
    [Fact]
    public async Task The_call_of_a_model_is_told_piece_by_piece()
    {
        var model = Model(Says("m1", "he", "llo"))
            .StreamToGraph(new GraphChatClientOptions { Name = "scripted", Tags = ["small"] });
        var thread = Thread(ChatGraph.Create(model));

        await thread.SayAsync("hi");

        var told = Events(thread).Where(told => told.Text("name") == "scripted").ToList();
        told.Select(told => told.Text("event"))
            .ShouldBe(["on_chat_model_start", "on_chat_model_stream", "on_chat_model_stream", "on_chat_model_end"]);
        told[0].GetProperty("tags").GetRawText().ShouldBe("""["small"]""");
        told[0].GetProperty("metadata").Text("ls_provider").ShouldBe("acme");
        told[0].GetProperty("data").GetProperty("input").GetProperty("messages")[0][0].Content().ShouldBe("hi");
        told[1..3].Select(told => told.GetProperty("data").GetProperty("chunk").Content()).ShouldBe(["he", "llo"]);
        told[3].GetProperty("data").GetProperty("output").Content().ShouldBe("hello");
        told[3].GetProperty("data").GetProperty("output").Text("id").ShouldBe("m1");
        told.Select(told => told.Text("run_id")).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Each_piece_is_told_as_an_event_before_it_is_told_as_a_message()
    {
        var client = new ScriptedChatClient(ScriptedAnswer.OfUpdates(
            [Piece("m", new TextContent("al")), Piece("m", new TextContent("pha")), new() { MessageId = "m", FinishReason = ChatFinishReason.Stop }]));
        var thread = new ThreadUnderTest(ChatGraph.Create(client)) { Modes = StreamMode.Events | StreamMode.MessagesTuple };

        await thread.SayAsync("hi");

        string?[] told = ["event al", "message al", "event pha", "message pha", "event ", "message "];
        thread.Parts.Select(part => part.Mode == StreamMode.MessagesTuple ? $"message {part.Data[0].Content()}"
            : part.Data.Text("event") == "on_chat_model_stream" ? $"event {part.Data.GetProperty("data").GetProperty("chunk").Content()}"
            : null).Where(part => part is not null).ShouldBe(told);
        thread.Chunks.Select(chunk => chunk.TryGetProperty("chunk_position", out _)).ShouldBe([false, false, true]);
    }

    [Fact]
    public async Task A_call_that_arrives_whole_is_told_in_the_pieces_in_which_providers_stream_it()
    {
        var calls = Piece(
            "m",
            new TextContent("Wait."),
            new FunctionCallContent("c1", "f", new Dictionary<string, object?> { ["a"] = 1 }),
            new FunctionCallContent("c2", "g"));
        var thread = Thread(ChatGraph.Create(new ScriptedChatClient(ScriptedAnswer.OfUpdates(calls))));

        await thread.SayAsync("hi");

        var chunks = Events(thread)
            .Where(told => told.Text("event") == "on_chat_model_stream")
            .Select(told => told.GetProperty("data").GetProperty("chunk"))
            .ToList();
        chunks.Select(chunk => chunk.Content()).ShouldBe(["Wait.", "", "", "", "", "", ""]);
        chunks.Select(chunk => chunk.GetProperty("tool_call_chunks").GetRawText()).ShouldBe(
        [
            "[]",
            "[]",
            """[{"name":"f","args":"","id":"c1","index":0,"type":"tool_call_chunk"}]""",
            """[{"name":null,"args":"{\"a\":1}","id":null,"index":0,"type":"tool_call_chunk"}]""",
            "[]",
            """[{"name":"g","args":"","id":"c2","index":1,"type":"tool_call_chunk"}]""",
            """[{"name":null,"args":"{}","id":null,"index":1,"type":"tool_call_chunk"}]""",
        ]);
    }

    [Fact]
    public async Task Events_are_told_of_a_model_whose_messages_are_not()
    {
        var model = new ScriptedChatClient(Says("m1", "x")).StreamToGraph(new GraphChatClientOptions { Tags = [StreamTags.NoStream] });
        var thread = new ThreadUnderTest(ChatGraph.Create(model)) { Modes = StreamMode.Events | StreamMode.MessagesTuple };

        await thread.SayAsync("hi");

        Events(thread).Count(told => told.Text("event") == "on_chat_model_stream").ShouldBe(1);
        Events(thread).Select(told => told.Text("name")).ShouldContain(nameof(ScriptedChatClient));
        thread.Chunks.ShouldHaveSingleItem().Text("type").ShouldBe("ai");
    }

    [Fact]
    public async Task A_model_inside_of_a_tool_has_the_tool_as_its_parent()
    {
        var inner = new ScriptedChatClient(Says("m1", "rain")).StreamToGraph(new GraphChatClientOptions { Name = "inner" });
        var ask = AIFunctionFactory.Create(
            async (string city, CancellationToken stop) => (await inner.GetResponseAsync(city, cancellationToken: stop)).Text,
            "ask");
        var thread = Thread(
            AgentGraph.Create(
                new ScriptedChatClient(Calls(("c1", "ask", new() { ["city"] = "Rome" })), Says(null, "Take a coat.")), [ask]));

        await thread.SayAsync("hi");

        var tool = Events(thread).Single(told => told.Text("event") == "on_tool_start");
        tool.Text("name").ShouldBe("ask");
        tool.GetProperty("data").GetProperty("input").GetRawText().ShouldBe("""{"city":"Rome"}""");
        var model = Events(thread).Single(told => told.Text("event") == "on_chat_model_start" && told.Text("name") == "inner");
        model.GetProperty("parent_ids").EnumerateArray().Last().GetString().ShouldBe(tool.Text("run_id"));
        Events(thread)
            .Single(told => told.Text("event") == "on_tool_end")
            .GetProperty("data")
            .GetProperty("output")
            .Content()
            .ShouldBe("rain");
    }

    private static ThreadUnderTest Thread(CompiledGraph graph) => new(graph) { Modes = StreamMode.Events };

    private static List<JsonElement> Events(ThreadUnderTest thread) => [.. thread.Of(StreamMode.Events)];
}
