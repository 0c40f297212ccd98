using System.Text;
using System.Text.Json;
using CsCheck;
using Weft.Graphs;

namespace Weft.Runs.Tests.Streams;

/// <summary>Values of stored events refer to what is stored already, and come back to the byte.</summary>
public sealed class StoredValueTests
{
    private static readonly RunKey Run = new(new ThreadId("t"), new RunId(Guid.Parse("0198c7f3-0b7e-7d11-8a55-2f6a1c0d9e33")));

    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_a_state_that_has_grown_only_what_was_added_is_stored()
    {
        var head = State("c1", Texts(0, 1_000), 1);
        var grown = State("c2", Texts(0, 1_003), 2);
        CostOf(head, grown.Utf8).ShouldBeLessThan(400);
    }

    [Fact]
    public void A_list_of_the_state_is_found_wherever_it_is()
    {
        var head = State("c1", Texts(0, 1_000), 1);
        var list = JsonSerializer.SerializeToUtf8Bytes(Texts(0, 1_003));
        CostOf(head, list).ShouldBeLessThan(400);
        var nested = new { input = new { b = 1, messages = new[] { Texts(10, 900) } } };
        CostOf(head, JsonSerializer.SerializeToUtf8Bytes(nested)).ShouldBeLessThan(200);
        CostOf(head, JsonSerializer.SerializeToUtf8Bytes(Texts(0, 1_000).Reverse())).ShouldBeLessThan(30_000);
    }

    [Fact]
    public void A_value_that_several_parts_show_is_stored_once_in_a_block()
    {
        var said = JsonSerializer.SerializeToUtf8Bytes(new { content = string.Join(' ', Texts(0, 100)), id = "m" });
        var shared = LazyJson.FromUtf8(said);
        RunEvent[] events =
        [
            Event(0, new CustomPart(shared)),
            Event(1, new CustomPart(shared)),
            Event(2, new UpdatePart("a", LazyJson.FromUtf8([.. "{\"messages\":["u8, .. said, .. "]}"u8]))),
            Event(3, new CustomPart(LazyJson.FromUtf8([.. said]))),
        ];
        var block = new BlockEncoder(new ValueEncoder(static () => null)).Encode(events).ShouldHaveSingleItem();
        block.Data.Length.ShouldBeLessThan(said.Length + 200);
        var read = Read(block, []);
        read.Select(JsonOf).ShouldBe(events.Select(JsonOf));
        ((CustomPart)read[1].Part).Value.ShouldBeSameAs(((CustomPart)read[0].Part).Value);
    }

    [Fact]
    public void The_text_so_far_of_a_message_costs_what_was_added()
    {
        var text = Encoding.UTF8.GetBytes("\"" + string.Join(' ', Texts(0, 100)));
        RunEvent[] events = [.. Enumerable.Range(0, text.Length / 8)
            .Select(i => Event(i, new PartialMessagePart("{\"content\":"u8.ToArray(), text.AsMemory(0, 8 * i), "\"}"u8.ToArray(), 8)))];
        var blocks = new BlockEncoder(new ValueEncoder(static () => null)).Encode(events);
        blocks.Sum(block => block.Data.Length).ShouldBeLessThan(80 * events.Length);
        blocks.SelectMany(block => Read(block, [])).Select(read => ((PartialMessagePart)read.Part).ToMessage())
            .ShouldBe(events.Select(told => ((PartialMessagePart)told.Part).ToMessage()));
    }

    [Fact]
    public void What_refers_to_a_state_that_is_gone_is_a_gap_and_the_rest_is_read()
    {
        var state = State("c1", Texts(0, 100), 1);
        var shown = LazyJson.FromUtf8(state.Utf8);
        RunEvent[] events =
        [
            Event(0, new CustomPart(LazyJson.FromText(new string('x', 300)))),
            Event(1, new ValuesPart(shown)),
            Event(2, new CustomPart(LazyJson.FromText(new string('x', 301)))),
            Event(3, new TaskStartPart("1", "a", shown, ["branch:to:a"])),
            Event(4, new RunEndPart(Run.RunId, RunStatus.Success)),
        ];
        var block = new BlockEncoder(new ValueEncoder(() => state.Checkpoint)).Encode(events).ShouldHaveSingleItem();

        Read(block, [state.Base]).Select(JsonOf).ShouldBe(events.Select(JsonOf));
        foreach (var bases in new StreamBase[][] { [], [new StreamBase("c1", Encoding.UTF8.GetBytes("{}"))] })
        {
            Read(block, bases).Select(read => read.Part.GetType())
                .ShouldBe([typeof(CustomPart), typeof(GapPart), typeof(CustomPart), typeof(GapPart), typeof(RunEndPart)]);
        }
    }

    [Fact]
    public void A_state_that_an_earlier_version_stored_as_a_difference_is_read()
    {
        var state = State("c1", Texts(0, 20), 1);
        byte[] difference = [.. state.Base.Hash, 0, 0, 5, 3, .. "7}}"u8, 0, 0];
        var fields = new FieldWriter();
        fields.Number(0);
        fields.SharedText("values");
        fields.SharedText("c1");
        fields.SharedText("");
        fields.Interrupts(null);
        fields.Flag(false);
        fields.Bytes(difference);
        var reader = new BlockReader(new StreamBlock(0, 0, fields.Take(), Noon) { Format = BlockFormats.Parts }, Run);

        reader.Begin().ShouldBe("c1");
        var read = reader.Read(stored => state.Base.Restore(stored)).Part.ShouldBeOfType<ValuesPart>();
        Encoding.UTF8.GetString(read.State.Utf8.Span).ShouldBe(Encoding.UTF8.GetString(state.Utf8.AsSpan(0, 5)) + "7}}");
    }

    [Fact]
    public void Damaged_values_are_a_gap()
    {
        var state = State("c1", Texts(0, 100), 1);
        var events = new[] { Event(0, new ValuesPart(LazyJson.FromUtf8(state.Utf8))), Event(1, new CustomPart(LazyJson.Null)) };
        var block = new BlockEncoder(new ValueEncoder(() => state.Checkpoint)).Encode(events)[0];
        for (var i = 0; i < block.Data.Length; i++)
        {
            var damaged = block.Data.ToArray();
            damaged[i] ^= 0x55;
            Read(block with { Data = damaged }, [state.Base]).Count.ShouldBe(2);
            Read(block with { Data = block.Data[..i] }, [state.Base]).Count.ShouldBe(2);
        }
    }

    [Theory]
    [InlineData(60)]
    [InlineData(3_000)]
    public void Any_values_are_put_back(int lengthMax) =>
        Gen.Select(Objects(lengthMax), Objects(lengthMax).Array[1, 6]).Sample((was, values) =>
        {
            var state = State("c1", [.. was.Values], was.Count);
            // Parts of one value are in another one, so that there is something to find.
            RunEvent[] events = [.. values.Select((value, i) => Event(i, PartOf(i, LazyJson.FromUtf8(
                JsonSerializer.SerializeToUtf8Bytes(new { value, earlier = values[..i], was })))))];
            var blocks = new BlockEncoder(new ValueEncoder(() => state.Checkpoint)).Encode(events);
            blocks.SelectMany(block => Read(block, [state.Base])).Select(JsonOf).ShouldBe(events.Select(JsonOf));
            // Without the state, all values that are not states are still the same.
            blocks.SelectMany(block => Read(block, [])).Where(read => read.Part is CustomPart).Select(JsonOf)
                .ShouldBe(events.Where(told => told.Part is CustomPart).Select(JsonOf));
        });

    [Fact]
    public void Only_states_and_lists_of_messages_need_a_checkpoint()
    {
        var state = State("c1", Texts(0, 60), 1);
        var shared = LazyJson.FromUtf8(state.Utf8);
        StreamPart[] parts =
        [
            new ValuesPart(shared),
            new CustomPart(shared),
            new UpdatePart("a", LazyJson.FromUtf8([.. "{\"a\":"u8, .. state.Utf8, (byte)'}'])),
            new CompleteMessagesPart(shared),
            new TaskResultPart("1", "a", null, shared, []),
            new CustomPart(LazyJson.FromUtf8([.. state.Utf8])),
        ];
        RunEvent[] events = [.. parts.Select((part, i) => Event(i, part))];
        var block = new BlockEncoder(new ValueEncoder(() => state.Checkpoint)).Encode(events).ShouldHaveSingleItem();

        Read(block, [state.Base]).Select(JsonOf).ShouldBe(events.Select(JsonOf));
        // The list of messages is the same value as the event before it, which needs no checkpoint.
        Read(block, []).Select(read => read.Part.GetType()).ShouldBe([typeof(GapPart), .. parts[1..].Select(part => part.GetType())]);
        block.Data.Length.ShouldBeLessThan(state.Utf8.Length + 400);
    }

    [Fact]
    public void A_state_is_asked_for_only_by_the_event_that_needs_it()
    {
        var state = State("c1", Texts(0, 100), 1);
        RunEvent[] events =
        [
            Event(0, new ValuesPart(LazyJson.FromUtf8(state.Utf8))),
            Event(1, new RunEndPart(Run.RunId, RunStatus.Success)),
        ];
        var reader = new BlockReader(new BlockEncoder(new ValueEncoder(() => state.Checkpoint)).Encode(events)[0], Run);

        reader.Begin();
        reader.Read(static _ => null).Part.ShouldBeOfType<GapPart>();
        reader.MissingBaseId.ShouldBe("c1");
        reader.Begin();
        reader.Read(static _ => null).Part.ShouldBeOfType<RunEndPart>();
        reader.MissingBaseId.ShouldBeNull();
    }

    private static StreamPart PartOf(int i, LazyJson value) => i % 2 == 0 ? new ValuesPart(value) : new CustomPart(value);

    private static int CostOf((byte[] Utf8, Checkpoint Checkpoint, StreamBase Base) head, byte[] json)
    {
        var events = new[] { Event(0, new ValuesPart(LazyJson.FromUtf8(json))) };
        var block = new BlockEncoder(new ValueEncoder(() => head.Checkpoint)).Encode(events).ShouldHaveSingleItem();
        Read(block, [head.Base]).Select(JsonOf).ShouldBe(events.Select(JsonOf));
        return block.Data.Length;
    }

    private static List<RunEvent> Read(StreamBlock block, StreamBase[] bases)
    {
        var reader = new BlockReader(block, Run);
        var read = new List<RunEvent>();
        while (!reader.IsAtEnd)
        {
            reader.Begin();
            var added = reader.Read(static _ => null);
            if (reader.MissingBaseId is { } missing)
            {
                reader.Use(missing, Array.Find(bases, state => state.CheckpointId == missing));
                read.Clear();
                continue;
            }

            read.Add(added);
        }

        return read;
    }

    private static (byte[] Utf8, Checkpoint Checkpoint, StreamBase Base) State(string id, string[] texts, int count)
    {
        var (messages, number) = (Channel.List<string>("messages"), Channel.LastValue<int>("count"));
        var graph = new StateGraph().AddChannels(messages, number).AddNode("a", _ => StateUpdate.None)
            .AddEdge(StateGraph.Start, "a").Compile();
        var thread = new InMemoryCheckpointer();
        var update = new StateUpdate().Set(number, count);
        foreach (var text in texts)
        {
            update.Add(messages, text);
        }

        graph.RunAsync(update, new GraphRunOptions { Checkpointer = thread }).GetAwaiter().GetResult();
        var head = thread.FindAsync(graph.Schema, "", null, TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();
        var checkpoint = head!.Checkpoint with { Id = id };
        var state = StreamBase.Of(checkpoint);
        return (state.Utf8, checkpoint, state);
    }

    private static string JsonOf(RunEvent told) => told.Part is RunEndPart end ? $"{end.Status}" : told.Part switch
    {
        CustomPart custom => custom.Value.ToString(),
        UpdatePart update => update.Writes.ToString(),
        ValuesPart values => values.State.ToString(),
        TaskStartPart start => start.Input.ToString(),
        TaskResultPart result => $"{result.Result}",
        CompleteMessagesPart complete => complete.Messages.ToString(),
        _ => told.Part.GetType().Name,
    };

    private static RunEvent Event(long seq, StreamPart part) => new(seq, part, Noon);

    private static Gen<Dictionary<string, string>> Objects(int lengthMax) =>
        Gen.Dictionary(Gen.String[Gen.Char.AlphaNumeric, 1, 2], Gen.String[0, lengthMax])[0, 6];

    private static string[] Texts(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => $"text number {i} of a long conversation")];
}
