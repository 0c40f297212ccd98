using System.Text;
using System.Text.Json;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Streaming;

/// <summary>What encoders find in parts.</summary>
public sealed class PartTests
{
    [Fact]
    public async Task The_parts_of_a_superstep_share_the_json_of_its_state_and_its_checkpoint()
    {
        var parts = await StreamAsync(Line("a", "b"), StreamMode.Values | StreamMode.Checkpoints | StreamMode.Tasks);
        var checkpoint = parts.OfType<CheckpointPart>().Last();
        var values = parts.OfType<ValuesPart>().Last();
        values.State.ShouldBeSameAs(checkpoint.State);
        values.Checkpoint.ShouldBeSameAs(checkpoint.Info);
        values.Interrupts.ShouldBeNull();
        checkpoint.Info.Source.ShouldBe(CheckpointSource.Loop);
        checkpoint.Info.ParentId.ShouldBe(parts.OfType<CheckpointPart>().ToList()[^2].Info.Id);
        parts.OfType<TaskStartPart>().Last().Input.ShouldBeSameAs(parts.OfType<CheckpointPart>().ToList()[^2].State);
    }

    [Fact]
    public async Task A_piece_of_a_message_says_what_it_adds()
    {
        var graph = New().AddNode("say", context =>
        {
            var text = context.Messages.BeginText(
                "a1", """{"type":"AIMessageChunk","id":"a1","content":"""u8, "}"u8, new ModelInfo("acme", "small"));
            text.Emit("Grüße\n");
            context.Messages.Emit("a1", Encoding.UTF8.GetBytes("""
                {"type":"AIMessageChunk","id":"a1","content":"","response_metadata":{"finish_reason":"tool_calls"},"chunk_position":"last",
                 "usage_metadata":{"output_tokens":4},"tool_call_chunks":[{"name":"add","args":"{\"a\"","id":"c1","index":0,"type":"tool_call_chunk"}]}
                """));
            return new StateUpdate().Add(Chat, Message.Ai("whole", "a2"));
        }).Chain("say").Compile();
        var parts = (await StreamAsync(graph, StreamMode.MessagesTuple)).Cast<MessageChunkPart>().ToList();

        (parts[0].IsText, parts[0].Text, parts[0].Read().Text).ShouldBe((true, "Grüße\n", "Grüße\n"));
        (parts[0].Message.Source.Node, parts[0].Message.Source.Model!.Name).ShouldBe(("say", "small"));
        JsonElement.Parse(parts[0].ToChunk()).GetProperty("content").GetString().ShouldBe("Grüße\n");

        var last = parts[1].Read();
        (parts[1].IsText, last.IsLast, last.FinishReason, last.Text).ShouldBe((false, true, "tool_calls", ""));
        last.ToolCallChunks.ShouldBe([new ToolCallChunk(0, "c1", "add", "{\"a\"")]);
        last.Usage!.Value.GetProperty("output_tokens").GetInt32().ShouldBe(4);

        (parts[2].Message.IsWhole, parts[2].Message.Id, parts[2].Read().Type).ShouldBe((true, "a2", "ai"));
    }

    [Fact]
    public async Task A_node_may_name_the_channel_of_what_it_writes()
    {
        var graph = New().AddNode("a", context =>
        {
            context.Write(1);
            context.Write(2, channel: "progress");
            return StateUpdate.None;
        }).Chain("a").Compile();
        (await StreamAsync(graph, StreamMode.Custom)).Cast<CustomPart>().Select(part => (part.Channel, part.Value.ToString()))
            .ShouldBe([(null, "1"), ("progress", "2")]);
    }

    [Fact]
    public void A_form_is_made_once_for_each_encoder()
    {
        var (first, second) = (0, 0);
        Func<StreamItem, string> one = _ => $"one {++first}";
        Func<StreamItem, string> other = _ => $"other {++second}";
        var part = new CustomPart(LazyJson.Null);
        foreach (var _ in Enumerable.Range(0, 3))
        {
            part.FormOf(one).ShouldBe("one 1");
            part.FormOf(other).ShouldBe("other 1");
        }
    }

    private static async Task<List<StreamPart>> StreamAsync(CompiledGraph graph, StreamMode modes)
    {
        var parts = new List<StreamPart>();
        var options = new GraphRunOptions { Modes = modes, Checkpointer = new InMemoryCheckpointer() };
        await foreach (var part in graph.StreamAsync(ThreadUnderTest.Json("{}"), options, TestContext.Current.CancellationToken))
        {
            parts.Add(part);
        }

        return parts;
    }
}
