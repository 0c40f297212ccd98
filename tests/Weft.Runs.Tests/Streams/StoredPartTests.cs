using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;
using Weft.Server;

namespace Weft.Runs.Tests.Streams;

/// <summary>Parts come back from a store as they were, and events of earlier versions too.</summary>
public sealed class StoredPartTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly RunKey Run = new(new ThreadId("t"), new RunId(Guid.Parse("0198c7f3-0b7e-7d11-8a55-2f6a1c0d9e33")));

    private static readonly Interrupt[] Asked = [new("0123", Element("""{"q":"sure?"}"""))];

    private static readonly CheckpointInfo Info = new("1f0c", "1f0b", 3, CheckpointSource.Loop, Noon);

    private static readonly StreamedMessage Spoken = new("m1", new MessageSource("say", null, Bytes("""{"langgraph_node":"say"}""")));

    private static readonly LazyJson Shown = Json("\"aGk=\"");

    private static readonly CheckpointPart Checkpoint = new("t", Info, [KeyValuePair.Create("", "1f0a")])
    {
        CheckpointNamespace = "sub:1",
        State = Json("""{"a":1}"""),
        Metadata = Json("""{"step":3}"""),
        Next = Json("""["a"]"""),
        Tasks = Json("[]"),
    };

    private static readonly EventSource Source = new()
    {
        Kind = EventKind.ChatModel,
        Name = "model",
        RunId = "r",
        ParentIds = ["p"],
        Tags = ["x", "y"],
        Metadata = Bytes("{}"),
    };

    private static readonly StreamPart[] Parts =
    [
        new ValuesPart(Json("""{"a":1}""")),
        new ValuesPart(Json("""{"a":1}"""), [], Info),
        new ValuesPart(Json("{}"), Asked, new CheckpointInfo("1f0c", null, -1, CheckpointSource.Input, Noon)),
        new ValuesPart(Json("7"), Asked),
        new StateCheckpointPart(Info),
        new InputRequestedPart(Asked[0]),
        new InputAnsweredPart(["0123", "4567"]),
        new MessageStartPart(Spoken, "ai"),
        new MessageBlockPart(Spoken, MessageBlockPhase.Delta, 2, Json("""{"type":"text-delta","text":"é"}""")),
        new MessageBlockPart(Spoken, MessageBlockPhase.Delta, 3, Json("""{"type":"data-delta"}"""), Shown),
        new MessageBlockPart(Spoken, MessageBlockPhase.Finish, 3, Json("""{"type":"image"}"""), Shown),
        new MessageFinishPart(Spoken, "stop", Json("""{"total_tokens":3}"""), null),
        new MessageFinishPart(Spoken, "length", null, Json("""{"model_name":"small"}""")),
        new MessageErrorPart(Spoken, "gone"),
        new UpdatePart("a", Json("""{"b":2}""")),
        new UpdatePart("a\"", LazyJson.Null, isCached: true),
        new InterruptsPart(Asked),
        new StepPart("draft", Json("\"x\""), isCached: true),
        Checkpoint,
        new TaskStartPart("1", "a", Json("{}"), ["branch:to:a"]),
        new TaskResultPart("1", "a", "failed", null, []),
        new TaskResultPart("1", "a", null, Json("""{"b":2}"""), Asked),
        new DebugPart("checkpoint", 3, Noon, Checkpoint),
        new DebugPart("task", 3, Noon, new TaskStartPart("1", "a", Json("{}"), [])),
        new DebugPart("task_result", 3, Noon, new TaskResultPart("1", "a", null, Json("{}"), [])),
        new MessageChunkPart(Spoken, Bytes("""{"type":"ai"}""")),
        new MessageChunkPart(
            new StreamedMessage("m1", Spoken.Source) { Before = Bytes("{\"content\":"), After = Bytes("}"), BlockIndex = 3 },
            Bytes("\"é\"")),
        new MessageChunkPart(new StreamedMessage("m2", Spoken.Source) { IsWhole = true }, Bytes("""{"type":"tool"}""")),
        new MessageMetadataPart(Spoken),
        new PartialMessagePart(Bytes("{\"content\":"), Bytes("\"so far"), Bytes("\"}"), 7),
        new CompleteMessagesPart(Json("[{}]")),
        new CustomPart(Json("{}")),
        new CustomPart(Json("1"), "progress"),
        new ToolPart(ToolPhase.Started, null, "add", Json("""{"a":1}"""), "{ \"a\": 1 }"),
        new ToolPart(ToolPhase.Failed, "c1", "add", LazyJson.FromText("no luck")),
        new ToolPart(ToolPhase.Ended, "c1", "add", Json("3"), node: "tools"),
        new EventPart(Source, EventPhase.Stream, Json("{}")),
        new EventPart(Source, EventPhase.End, Json("{}"), Json("[1]")),
        new SubgraphPart(SubgraphPhase.Failed, "graph", "a") { IsSend = true, ToolCallId = "c1", Error = "no luck" },
        new RunStartedPart(Run.RunId, Run.ThreadId, 2),
        new RunStartedPart(Run.RunId, Run.ThreadId, 1) { GraphId = "graph" },
        new RunErrorPart("E", "m"),
        new RunEndPart(Run.RunId, RunStatus.Timeout),
        new RunEndPart(Run.RunId, RunStatus.Interrupted, CancelAction.Rollback),
        new RunEndPart(Run.RunId, RunStatus.Success) { IsPaused = true },
        new RunEndPart(Run.RunId, RunStatus.Success) { GraphId = "graph" },
        new RunEndPart(Run.RunId, RunStatus.Error)
        {
            GraphId = "graph",
            Failure = new RunFailure("E", "m") { UnknownInterruptIds = ["0123"], PendingInterruptIds = [] },
        },
    ];

    public static TheoryData<int, bool> All => [.. Enumerable.Range(0, 2 * Parts.Length).Select(i => (i / 2, i % 2 == 0))];

    [Theory]
    [MemberData(nameof(All))]
    public void A_part_is_the_same_after_it_was_stored(int index, bool sharesValues)
    {
        BlockEncoder NewEncoder() => new(sharesValues ? new ValueEncoder(static () => null) : null);

        var part = Parts[index];
        part.Namespace = "outer:1|inner:2";
        var stored = NewEncoder().Encode([new RunEvent(7, part, Noon)])[0];
        var read = Read(stored).ShouldHaveSingleItem().Part;
        read.ShouldBeOfType(part.GetType());
        read.Namespace.ShouldBe(part.Namespace);
        var again = NewEncoder().Encode([new RunEvent(7, read, Noon)])[0];
        again.Data.ToArray().ShouldBe(stored.Data.ToArray());
        if (part.Mode < StreamMode.Lifecycle)
        {
            read.EventOf().ShouldBe(part.EventOf());
            read.JsonOf().ShouldBe(part.JsonOf());
            JsonElement.Parse(part.JsonOf());
        }
    }

    [Fact]
    public void Parts_of_one_block_share_what_they_have_in_common()
    {
        RunEvent[] events = [.. Parts.Select((part, i) => new RunEvent(100 + i, part, Noon.AddTicks(7 + (i * i))))];
        var blocks = new BlockEncoder().Encode(events);
        // As a store keeps it.
        blocks.ShouldAllBe(block => block.CreatedAt.Ticks % TimeSpan.TicksPerMicrosecond == 0);
        var read = blocks.SelectMany(Read).ToList();

        read.Select(read => (read.Seq, read.CreatedAt)).ShouldBe(events.Select(told => (told.Seq, told.CreatedAt)));
        for (var i = 0; i < events.Length; i++)
        {
            var alone = new BlockEncoder().Encode([new RunEvent(7, read[i].Part, Noon)])[0];
            alone.Data.ToArray().ShouldBe(new BlockEncoder().Encode([new RunEvent(7, Parts[i], Noon)])[0].Data.ToArray());
        }

        var token = Bytes("\"token\"");
        RunEvent[] tokens = [.. Enumerable.Range(0, 1000).Select(i => new RunEvent(i, new MessageChunkPart(Spoken, token), Noon))];
        new BlockEncoder().Encode(tokens).Sum(block => block.Data.Length).ShouldBeLessThan(1000 * 16);
    }

    [Fact]
    public void An_image_is_stored_once_although_two_parts_have_it()
    {
        var image = LazyJson.FromText(new string('A', 100_000));
        RunEvent[] events =
        [
            new(1, new MessageBlockPart(Spoken, MessageBlockPhase.Start, 0, Json("""{"type":"image"}""")), Noon),
            new(2, new MessageBlockPart(Spoken, MessageBlockPhase.Delta, 0, Json("""{"type":"data-delta"}"""), image), Noon),
            new(3, new MessageBlockPart(Spoken, MessageBlockPhase.Finish, 0, Json("""{"type":"image"}"""), image), Noon),
            new(4, new MessageFinishPart(Spoken, "stop", null, null), Noon),
        ];
        var blocks = new BlockEncoder().Encode(events);

        blocks.Select(block => (block.FirstSeq, block.LastSeq)).ShouldBe([(1, 3), (4, 4)]);
        blocks[0].Data.Length.ShouldBeLessThan(101_000);
        var parts = Read(blocks[0]).Select(read => read.Part.ShouldBeOfType<MessageBlockPart>()).ToList();
        parts.Select(part => part.Data?.Length).ShouldBe([null, 100_002, 100_002]);
        parts[2].Data.ShouldBeSameAs(parts[1].Data);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_end_without_its_graph_is_read_as_earlier_versions_stored_it(bool sharesValues)
    {
        var step = new StepPart("draft", Json("\"x\""), isCached: false);
        var stored = new BlockEncoder(sharesValues ? new ValueEncoder(static () => null) : null)
            .Encode([new RunEvent(6, step, Noon), new RunEvent(7, new RunEndPart(Run.RunId, RunStatus.Success), Noon)])[0];
        // The last byte stands for the missing graph.
        var read = Read(stored with { Data = stored.Data[..^1] }).ToList();

        read.Select(read => read.Seq).ShouldBe([6, 7]);
        var end = read[1].Part.ShouldBeOfType<RunEndPart>();
        (end.Status, end.GraphId).ShouldBe((RunStatus.Success, null));
    }

    [Fact]
    public void Nothing_follows_an_end_in_its_block()
    {
        var end = new RunEndPart(Run.RunId, RunStatus.Success) { GraphId = "graph" };
        var blocks = new BlockEncoder().Encode([new RunEvent(1, end, Noon), new RunEvent(2, end, Noon)]);

        blocks.Select(block => (block.FirstSeq, block.LastSeq)).ShouldBe([(1, 1), (2, 2)]);
    }

    [Fact]
    public void A_part_that_an_earlier_version_stored_alone_is_read()
    {
        var chunk = new FieldWriter();
        chunk.Text("outer:1");
        chunk.Text("m1");
        chunk.Flag(true);
        chunk.Bytes(Bytes("""{"langgraph_node":"say"}"""));
        chunk.Bytes(Bytes("{\"content\":"));
        chunk.Bytes(Bytes("\"é\""));
        chunk.Bytes(Bytes("}"));
        chunk.Number(3);
        var values = new FieldWriter();
        values.Text("");
        values.Interrupts(null);
        values.Flag(false);

        StreamBlock Stored(string head, byte[] data) => new(5, 5, (byte[])[.. Bytes(head), .. data], Noon) { Format = BlockFormats.Part };

        var spoken = Read(Stored("message_chunk\n\n", chunk.Take())).ShouldHaveSingleItem().Part.ShouldBeOfType<MessageChunkPart>();
        (spoken.Namespace, spoken.Message.Id, spoken.Message.IsWhole, spoken.Message.Source.Node, spoken.Message.BlockIndex, spoken.Text)
            .ShouldBe(("outer:1", "m1", true, "say", 3, "é"));
        Encoding.UTF8.GetString(spoken.ToChunk()).ShouldBe("""{"content":"é"}""");

        var reader = new BlockReader(Stored("values\n1f0c\n", [.. values.Take(), .. Bytes("""{"a":1}""")]), Run);
        reader.Begin().ShouldBe("1f0c");
        var read = reader.Read(static state => state.ToArray());
        (read.Seq, read.CreatedAt, read.Part.JsonOf()).ShouldBe((5, Noon, """{"a":1}"""));
    }

    [Fact]
    public void Numbers_in_a_block_follow_each_other()
    {
        var blocks = new BlockEncoder().Encode([.. new[] { 3, 4, 9 }.Select(seq => new RunEvent(seq, Parts[0], Noon))]);
        blocks.Select(block => (block.FirstSeq, block.LastSeq)).ShouldBe([(3, 4), (9, 9)]);
    }

    [Fact]
    public void What_only_a_later_version_can_read_is_a_gap()
    {
        var unknown = new FieldWriter();
        unknown.Number(0);
        unknown.SharedText("hologram");
        unknown.SharedText("");
        Read(new StreamBlock(5, 7, unknown.Take(), Noon) { Format = BlockFormats.Parts })
            .ShouldAllBe(read => read.Part is GapPart && read.Seq >= 5);
        Read(new StreamBlock(5, 7, unknown.Take(), Noon) { Format = 99 }).Select(read => read.Seq).ShouldBe([5, 6, 7]);
    }

    [Fact]
    public void Every_kind_of_part_has_a_stored_form()
    {
        var kinds = typeof(StreamPart).Assembly.GetTypes().Concat(typeof(RunEvent).Assembly.GetTypes())
            .Where(type => type.IsSubclassOf(typeof(StreamPart)) && type != typeof(GapPart) && type != typeof(StoredJsonPart));
        Parts.Select(part => part.GetType()).Distinct().ShouldBe(kinds, ignoreOrder: true);
    }

    [Theory]
    [InlineData("values", """{"a":1}""")]
    [InlineData("values|sub:1", """{"a":{"__interrupt__":1}}""")]
    [InlineData("values", """{"a":1,"__interrupt__":[{"id":"01","value":{"q":"é"}}]}""")]
    [InlineData("values", """{"__interrupt__":[]}""")]
    [InlineData("updates", """{"a":{"b":2}}""")]
    [InlineData("messages/partial", "[{}]")]
    [InlineData("messages|sub:1", "[{},{}]")]
    [InlineData("debug", """{"type":"task"}""")]
    [InlineData("metadata", """{"run_id":"0198c7f3-0b7e-7d11-8a55-2f6a1c0d9e33","thread_id":"t","attempt":2}""")]
    [InlineData("error", """{"error":"E","name":"E","message":"m"}""")]
    [InlineData("end", """{"run_id":"0198c7f3-0b7e-7d11-8a55-2f6a1c0d9e33","status":"timeout"}""")]
    public void An_event_that_an_earlier_version_stored_is_shown_as_it_was(string name, string json)
    {
        var part = FirstProtocolEvents.Read(Run, name, Encoding.UTF8.GetBytes(json));
        part.EventOf().ShouldBe(name);
        part.JsonOf().ShouldBe(json);
    }

    [Fact]
    public void The_cancel_that_an_earlier_version_stored_ends_the_run()
    {
        var part = FirstProtocolEvents.Read(Run, "cancel", Encoding.UTF8.GetBytes("""{"cancel_mode":"rollback","message":"…"}"""));
        part.ShouldBeOfType<RunEndPart>().Cancel.ShouldBe(CancelAction.Rollback);
        part.EventOf().ShouldBe("cancel");
    }

    private static IEnumerable<RunEvent> Read(StreamBlock block)
    {
        for (var reader = new BlockReader(block, Run); !reader.IsAtEnd;)
        {
            reader.Begin();
            yield return reader.Read(static state => state.ToArray());
        }
    }

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    private static LazyJson Json(string json) => LazyJson.FromUtf8(Bytes(json));

    private static JsonElement Element(string json) => JsonElement.Parse(json);
}
