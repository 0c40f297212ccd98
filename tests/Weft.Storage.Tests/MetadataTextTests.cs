namespace Weft.Storage.Tests;

/// <summary>The words of columns are removed from metadata, and put back where they were.</summary>
public sealed class MetadataTextTests
{
    private const string Thread = "0199aaaa-0000-7000-8000-000000000001";
    private const string Run = "0199bbbb-0000-7000-8000-000000000002";

    [Theory]
    [InlineData($$"""{"source":"loop","step":12,"parents":{},"a":1,"thread_id":"{{Thread}}","run_id":"{{Run}}","b":2}""", 12, "\u0001,\"parents\":{},\"a\":1,\"thread_id\":\"\u0002\",\"run_id\":\"\u0003\",\"b\":2}")]
    [InlineData($$"""{"source":"loop","step":-1,"run_id":"{{Run}}","thread_id":"{{Thread}}"}""", -1, "\u0001,\"run_id\":\"\u0003\",\"thread_id\":\"\u0002\"}")]
    [InlineData($$"""{"source":"loop","step":3,"thread_id":"{{Thread}}"}""", 3, "\u0001,\"thread_id\":\"\u0002\"}")]
    [InlineData($$"""{"source":"loop","step":3,"run_id":"{{Run}}"}""", 3, "\u0001,\"run_id\":\"\u0003\"}")]
    [InlineData("""{"source":"loop","step":3}""", 3, "\u0001}")]
    [InlineData("""{"source":"input","step":3}""", 0, """{"source":"input","step":3}""")]
    [InlineData("""{"step":3,"source":"loop"}""", 0, """{"step":3,"source":"loop"}""")]
    [InlineData("{}", 0, "{}")]
    // Members of clients that look like those of the server, and the ids elsewhere.
    [InlineData($$"""{"source":"loop","step":1,"thread_id":"{{Thread}}","note":"{{Run}}","thread_id":"{{Thread}}","x":"{{Thread}}"}""", 1, $"\u0001,\"thread_id\":\"{Thread}\",\"note\":\"{Run}\",\"thread_id\":\"\u0002\",\"x\":\"{Thread}\"}}")]
    [InlineData($$"""{"source":"loop","step":1,"my_thread_id":"{{Thread}}","run_id":"{{Run}}0"}""", 1, $"\u0001,\"my_thread_id\":\"{Thread}\",\"run_id\":\"{Run}0\"}}")]
    public void Words_of_a_checkpoint_are_removed_and_put_back(string metadata, int step, string text)
    {
        MetadataText.OfCheckpoint(metadata, "loop", Thread, Guid.Parse(Run)).ShouldBe((text, step));
        MetadataText.CheckpointMetadata(text, "loop", step, Thread, Run).ShouldBe(metadata);
    }

    [Fact]
    public void A_checkpoint_without_a_run_keeps_what_looks_like_one()
    {
        var metadata = $$"""{"source":"update","step":0,"run_id":"{{Run}}","thread_id":"t-1"}""";

        var (text, step) = MetadataText.OfCheckpoint(metadata, "update", "t-1", null);

        text.ShouldBe($"\u0001,\"run_id\":\"{Run}\",\"thread_id\":\"\u0002\"}}");
        MetadataText.CheckpointMetadata(text, "update", step, "t-1", null).ShouldBe(metadata);
    }

    [Fact]
    public void The_assistant_of_a_run_is_removed_and_put_back()
    {
        var metadata = """{"assistant_id":"a-1","graph_id":"g","assistant_id":"a-1"}""";

        var text = MetadataText.OfRun(metadata, "a-1");

        text.ShouldBe("{\"assistant_id\":\"a-1\",\"graph_id\":\"g\",\"assistant_id\":\"\u0004\"}");
        MetadataText.RunMetadata(text, "a-1").ShouldBe(metadata);
    }
}
