using System.Text;
using System.Text.Json;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Streaming;

/// <summary>Blocks of images, audio, videos and files, in the forms in which messages have them.</summary>
public sealed class MediaBlockTests
{
    private const string Delta = """{"type":"data-delta","encoding":"base64"}""";

    [Theory]
    [InlineData(
        """{"type":"image","base64":"aGk=","mime_type":"image/png","index":0}""", """{"type":"image","mime_type":"image/png"}""")]
    [InlineData("""{"type":"image","data":"aGk=","mimeType":"image/png"}""", """{"type":"image","mime_type":"image/png"}""")]
    [InlineData(
        """{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk=","detail":"low"}}""",
        """{"type":"image","mime_type":"image/png","detail":"low"}""")]
    [InlineData(
        """{"type":"image_url","image_url":"data:image/svg\\u002Bxml;base64,aGk="}""", """{"type":"image","mime_type":"image/svg\\u002Bxml"}""")]
    [InlineData("""{"type":"image","url":"data:image/png;base64,aGk="}""", """{"type":"image","mime_type":"image/png"}""")]
    [InlineData(
        """{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}""",
        """{"type":"image","mime_type":"image/png"}""")]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"aGk=","format":"mp3"}}""", """{"type":"audio","mime_type":"audio/mp3"}""")]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"aGk="}}""", """{"type":"audio","mime_type":"audio/wav"}""")]
    [InlineData(
        """{"type":"audio","source_type":"base64","mime_type":"audio/wav","data":"aGk="}""",
        """{"type":"audio","source_type":"base64","mime_type":"audio/wav"}""")]
    [InlineData(
        """{"type":"file","file":{"file_data":"data:application/pdf;base64,aGk=","filename":"a.pdf"}}""",
        """{"type":"file","mime_type":"application/pdf","filename":"a.pdf"}""")]
    [InlineData("""{"type":"video","base64":"aGk=","mime_type":"video/mp4"}""", """{"type":"video","mime_type":"video/mp4"}""")]
    public async Task Data_comes_as_one_piece_between_start_and_finish(string block, string members)
    {
        var parts = await PartsOfAsync(block);

        parts.Select(part => (part.Phase, part.Index, part.Content.ToString(), part.Data?.ToString())).ShouldBe(
        [
            (MessageBlockPhase.Start, 0, members, null),
            (MessageBlockPhase.Delta, 0, Delta, "\"aGk=\""),
            (MessageBlockPhase.Finish, 0, members, "\"aGk=\""),
        ]);
        parts[2].Data.ShouldBeSameAs(parts[1].Data);
        parts[2].Content.ShouldBeSameAs(parts[0].Content);
    }

    [Theory]
    [InlineData("""{"type":"image_url","image_url":{"url":"https://a.example/b.png"}}""", """{"type":"image","url":"https://a.example/b.png"}""")]
    [InlineData("""{"type":"image","url":"data:text/plain,hi"}""", """{"type":"image","url":"data:text/plain,hi"}""")]
    [InlineData("""{"type":"image_url"}""", """{"type":"image"}""")]
    [InlineData("""{"type":"file","file_id":"f-1","base64":null}""", """{"type":"file","file_id":"f-1","base64":null}""")]
    [InlineData(
        """{"type":"file","file":{"file_id":"f-1","filename":"a.pdf"}}""", """{"type":"file","file_id":"f-1","filename":"a.pdf"}""")]
    [InlineData("""{"type":"file","source_type":"text","text":"hi"}""", """{"type":"file","source_type":"text","text":"hi"}""")]
    [InlineData("""{"type":"hologram","data":"aGk="}""", """{"type":"non_standard","value":{"type":"hologram","data":"aGk="}}""")]
    public async Task A_block_without_data_has_no_piece(string block, string members)
    {
        var parts = await PartsOfAsync(block);

        parts.Select(part => (part.Phase, part.Content.ToString(), part.Data?.ToString())).ShouldBe(
            [(MessageBlockPhase.Start, members, null), (MessageBlockPhase.Finish, members, null)]);
    }

    /// <summary>Returns the parts of a block, which are the same whether the message is streamed or returned.</summary>
    private static async Task<List<MessageBlockPart>> PartsOfAsync(string block)
    {
        var json = $$"""{"type":"ai","id":"a1","content":[{{block}}]}""";
        var returned = await PartsOfAsync(_ => new StateUpdate().Add(Chat, Message.FromJson(JsonElement.Parse(json))));
        var streamed = await PartsOfAsync(context =>
        {
            context.Messages.Emit("a1", Encoding.UTF8.GetBytes(json));
            return StateUpdate.None;
        });
        streamed.Select(part => (part.Phase, part.Content.ToString(), part.Data?.ToString()))
            .ShouldBe(returned.Select(part => (part.Phase, part.Content.ToString(), part.Data?.ToString())));
        return returned;
    }

    private static async Task<List<MessageBlockPart>> PartsOfAsync(Func<NodeContext, NodeResult> say)
    {
        var parts = new List<MessageBlockPart>();
        var options = new GraphRunOptions { Modes = StreamMode.MessagesTuple | StreamMode.MessageBlocks };
        var graph = New().AddNode("say", say).Chain("say").Compile();
        await foreach (var part in graph.StreamAsync(ThreadUnderTest.Json("{}"), options, TestContext.Current.CancellationToken))
        {
            if (part is MessageBlockPart block)
            {
                parts.Add(block);
            }
        }

        return parts;
    }
}
