using System.Text;
using System.Text.Json;
using CsCheck;

namespace Weft.Graphs.Tests.Checkpoints;

/// <summary>Checkpoints are stored as differences; whatever was stored in whatever order, each is read back as it was.</summary>
public sealed class CheckpointCodecTests
{
    private static readonly MessagesChannel Messages = Channel.Messages();
    private static readonly ListChannel<string> Trail = Channel.List<string>("trail");
    private static readonly ListChannel<int> Late = Channel.List<int>("late", absentAtFirst: true);
    private static readonly LastValueChannel<JsonElement> Any = Channel.LastValue<JsonElement>("any");
    private static readonly ReducerChannel<int> Count = Channel.Reducer("count", 0, (sum, more) => sum + more);
    private static readonly ChannelSchema Schema = new([Messages, Trail, Late, Any, Count]);
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A step: which checkpoint it grows from (mostly the newest), which channel it writes, and with what.</summary>
    private static readonly Gen<(int From, int Kind, int Value)[]> Steps = Gen.Select(
        Gen.Int[0, 1000], Gen.Int[0, 9], Gen.Int[0, 1000]).Array[1, 40];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_estimate_of_a_state_counts_values_of_every_kind_and_the_input_that_waits(bool readBack)
    {
        const int length = 1_000_000;
        var text = JsonSerializer.SerializeToElement(new string('x', length));
        long Estimate(ChannelWrite[] writes, StateUpdate? input = null)
        {
            var checkpoint = new Checkpoint
            {
                Id = "0001",
                Step = 0,
                Source = CheckpointSource.Loop,
                CreatedAt = Noon,
                Metadata = "{}",
                Values = Schema.Initial.Apply(writes),
                Input = input,
            };
            var (body, state) = CheckpointCodec.Encode(checkpoint, 1, null);
            return (readBack ? Decode([new StoredCheckpoint(1, "0001", null, "", null, "{}", Noon, body)], 0).State : state)
                .EstimateBytes();
        }

        Estimate([]).ShouldBeLessThan(1_000);
        Estimate([new ChannelWrite(Any, text)]).ShouldBeGreaterThan(length);
        Estimate([new ChannelWrite(Trail, new AppendList<string>([new string('x', length)]))]).ShouldBeGreaterThan(length);
        Estimate([], new StateUpdate().Set(Any, text)).ShouldBeGreaterThan(length);
    }

    [Fact]
    public void Any_history_with_forks_is_read_back_in_any_order() =>
        Gen.Select(Steps, Gen.Int[0, 2], Gen.Int).Sample((steps, forget, seed) =>
        {
            var stored = new List<StoredCheckpoint>();
            var states = new List<StoredState>();
            foreach (var (from, kind, value) in steps)
            {
                var parent = stored.Count == 0 ? -1 : from % 4 == 0 ? from % stored.Count : stored.Count - 1;
                // As after a restart: the parent's state comes from what is stored, or nothing is known of it.
                var known = parent < 0 ? null : forget switch
                {
                    0 => states[parent],
                    1 => Decode(stored, parent).State,
                    _ => from % 3 == 0 ? null : states[parent],
                };
                var before = parent < 0 ? Empty(Schema.Initial) : states[parent].Checkpoint;
                var current = known?.Values ?? before.Values;
                // Input waits in a checkpoint of its own; what follows writes mostly that.
                var isInput = value % 3 == 0;
                ChannelWrite[] writes = [
                    .. !isInput && value % 5 > 0 && before.Input is { } waiting && CanApply(current, waiting.Writes)
                        ? waiting.Writes.SelectMany(write => value % 2 == 0 ? [write] : OneByOne(write))
                        : [],
                    .. before.Input is null || isInput || value % 5 < 2 ? Writes(current, kind, value) : []];
                var update = new StateUpdate();
                foreach (var write in isInput ? writes : [])
                {
                    update.Add(write);
                }

                if (!CanApply(current, writes))
                {
                    continue;
                }

                var checkpoint = new Checkpoint
                {
                    Id = $"{stored.Count:d4}",
                    ParentId = parent < 0 ? null : $"{parent:d4}",
                    Step = stored.Count - 1,
                    Source = (CheckpointSource)(value % 4),
                    CreatedAt = Noon,
                    Metadata = "{}",
                    Values = isInput ? current : current.Apply(writes),
                    Next = value % 2 == 0
                        ? [new PendingTask(StateGraph.Start, [StateGraph.Start])]
                        : [new PendingTask("n", ["branch:to:n"]), new PendingTask("m", ["join:a+b:m"]), new PendingTask("s", [PendingTask.PushTrigger], Send.Of("s", value))],
                    Input = isInput ? update : null,
                    LastNodes = value % 3 == 0 ? [] : ["a", "b"],
                    Completed = isInput
                        ? []
                        : [.. new[] { "other", TaskIdOf(before, 1) ?? "none" }.Select(id => new TaskOutcome { TaskId = id, Writes = new TaskWrites(writes, [], isNull: false) })],
                    Barriers = value % 5 == 0
                        ? new Dictionary<string, IReadOnlyList<string>> { ["join:a+b:c"] = ["a"] }
                        : Checkpoint.NoBarriers,
                };
                var (body, state) = CheckpointCodec.Encode(
                    checkpoint, stored.Count + 1, known, states.Count == 0 ? 0 : states[^1].BytesThrough);
                stored.Add(new StoredCheckpoint(stored.Count + 1, checkpoint.Id, checkpoint.ParentId, "", null, "{}", Noon, body));
                states.Add(state);
                Same(Decode(stored, stored.Count - 1).Checkpoint, checkpoint, state.Values);
                var completed = CheckpointCodec.DecodeCompleted(Schema, body, parent < 0 ? before : Decode(stored, parent).Checkpoint);
                completed.Select(outcome => (outcome.TaskId, Json(outcome.Writes!)))
                    .ShouldBe(checkpoint.Completed.Select(outcome => (outcome.TaskId, Json(outcome.Writes!))));
            }

            var order = Enumerable.Range(0, stored.Count).ToArray();
            new Random(seed).Shuffle(order);
            var decoder = Decoder(stored);
            foreach (var i in order)
            {
                var (checkpoint, state) = decoder.DecodeAsync(stored[i], CancellationToken.None).AsTask().Result;
                checkpoint.Values.Json().ShouldBe(states[i].Values.Json());
                state.Locations.Select(location => (location.Ordinal, location.ChainStart, location.ChainLength))
                    .ShouldBe(states[i].Locations.Select(location => (location.Ordinal, location.ChainStart, location.ChainLength)));
            }
        });

    [Fact]
    public void What_is_written_stays_in_proportion_to_what_changes()
    {
        var (stored, _) = Grow(500, (values, i) => values.Apply([new(Messages, new[] { Message.Human($"message {i}", $"m{i}") })]));
        // Whole lists would be some 12 MB.
        stored.Sum(checkpoint => checkpoint.Body.Length).ShouldBeLessThan(200_000);
    }

    [Fact]
    public void What_is_read_stays_in_proportion_to_what_is_there()
    {
        var (stored, last) = Grow(
            5000,
            (values, i) => values.Apply([new(Messages, new[] { Message.Human($"message {i}", $"m{i % 10}") }), new(Trail, new[] { "x" })]));
        // Ten messages that are replaced again and again; a list that only grows, by less than a link costs.
        last.Locations[0].ChainLength.ShouldBeLessThan(300);
        last.Locations[1].ChainLength.ShouldBeLessThan(4000);
        Decode(stored, stored.Count - 1).Checkpoint.Values.Json().ShouldBe(last.Values.Json());
    }

    [Fact]
    public void What_is_read_with_a_large_value_that_changes_stays_in_proportion_to_the_state()
    {
        var (stored, last) = Grow(
            400,
            (values, i) => values.Apply(
            [
                new(Messages, new[] { Message.Human($"message {i}", $"m{i}") }),
                new(Any, JsonElement.Parse($"\"{i} {new string('x', 100_000)}\"")),
            ]));

        BytesToRead(stored).ShouldBeLessThan(4 * last.Values.Json().Length);
        // Messages are stored whole again and again, which costs little compared with the value.
        stored.Sum(checkpoint => checkpoint.Body.Length).ShouldBeLessThan(400 * 125_000);
        Decode(stored, stored.Count - 1).Checkpoint.Values.Json().ShouldBe(last.Values.Json());
    }

    [Fact]
    public void A_list_of_large_items_is_not_stored_whole_with_each_of_them()
    {
        var (stored, last) = Grow(1000, (values, i) => values.Apply([new(Trail, new[] { $"{i} {new string('x', 1000)}" })]));

        stored.Sum(checkpoint => checkpoint.Body.Length).ShouldBeLessThan(3 * last.Values.Json().Length);
        BytesToRead(stored).ShouldBeLessThan(6 * last.Values.Json().Length);
        Decode(stored, stored.Count - 1).Checkpoint.Values.Json().ShouldBe(last.Values.Json());
    }

    [Fact]
    public void What_is_read_of_a_branch_does_not_grow_with_the_other_one()
    {
        var (stored, _) = Grow(2000, (values, i) => values.Apply([new(Messages, new[] { Message.Human(new string('x', 500), $"m{i}") })]));
        var old = Decode(stored, 5).State;
        var all = stored.Sum(checkpoint => checkpoint.Body.Length);
        stored.Add(Store(
            Empty(old.Values.Apply([new(Messages, new[] { Message.Human("branch", "b") })])), stored.Count + 1, old, all).Stored);

        BytesToRead(stored).ShouldBeLessThan(100_000);
    }

    [Fact]
    public void Input_that_waits_keeps_its_writes_one_by_one()
    {
        var input = StateUpdate.FromJson(
            Schema,
            JsonElement.Parse("""{"messages":[{"role":"user","content":"hi","id":"m1"}],"trail":["a","b"],"any":{"x":[1.0,null]}}"""));
        var checkpoint = Empty(Schema.Initial) with { Input = input };
        var read = Decode([Store(checkpoint, 1, null).Stored], 0).Checkpoint;
        Schema.Initial.Apply(read.Input!.Writes).Json().ShouldBe(Schema.Initial.Apply(input.Writes).Json());
    }

    [Fact]
    public void What_an_input_brings_is_stored_once()
    {
        var text = new string('h', 500);
        var stored = new List<StoredCheckpoint>();
        StoredState? last = null;
        Checkpoint Add(Checkpoint checkpoint)
        {
            checkpoint = checkpoint with { Id = $"{stored.Count:d4}", ParentId = stored.Count == 0 ? null : $"{stored.Count - 1:d4}" };
            (var added, last) = Store(checkpoint, stored.Count + 1, last);
            stored.Add(added);
            return checkpoint;
        }

        for (var turn = 0; turn < 20; turn++)
        {
            var input = new StateUpdate()
                .Add(Messages, Message.Human(text, $"h{turn}"), Message.Human(text, $"i{turn}")).Add(Trail, text)
                .Set(Any, JsonElement.Parse($"\"{text}\""));
            var waiting = Add(
                Empty(last?.Values ?? Schema.Initial) with
                {
                    Input = input,
                    Next = [new PendingTask(StateGraph.Start, [StateGraph.Start])],
                });
            var outcome = new TaskOutcome { TaskId = TaskIdOf(waiting, 0)!, Writes = new TaskWrites(input.Writes, [], isNull: false) };
            Add(Empty(waiting.Values.Apply(input.Writes)) with { Completed = [outcome] });
            Encoding.UTF8.GetString(stored[^1].Body.Span).ShouldNotContain("hhh");
            stored[^1].Body.Length.ShouldBeLessThan(300);
            var read = CheckpointCodec.DecodeCompleted(Schema, stored[^1].Body, Decode(stored, stored.Count - 2).Checkpoint)
                .ShouldHaveSingleItem();
            (read.TaskId, Json(read.Writes!)).ShouldBe((outcome.TaskId, Json(outcome.Writes)));
            Add(Empty(last!.Values.Apply([new(Messages, new[] { Message.Ai("yes", $"a{turn}") })])));
        }

        Decode(stored, stored.Count - 1).Checkpoint.Values.Json().ShouldBe(last!.Values.Json());
        // As when only the newest is kept.
        var (alone, _) = Store(Empty(last.Values), 61, null);
        Decode([alone], 0).Checkpoint.Values.Json().ShouldBe(last.Values.Json());
    }

    [Fact]
    public void Tasks_that_write_parts_of_an_input_keep_their_own()
    {
        var first = Store(Empty(Schema.Initial.Apply([new(Messages, new[] { Message.Human("hello", "m0") })])), 1, null);
        var input = new StateUpdate().Add(Messages, Message.Human("hi", "m1"), Message.Human("there", "m2")).Set(Count, 1).Set(Count, 2);
        var waiting = Store(Empty(first.State.Values) with { Input = input }, 2, first.State);
        var writes = ((IReadOnlyList<Message>)input.Writes[0].Value)
            .Select(message => new ChannelWrite(Messages, new[] { message }))
            .Concat(input.Writes.Skip(1))
            .ToArray();
        var outcome = new TaskOutcome { TaskId = "t", Writes = new TaskWrites(writes, [], isNull: false) };
        var applied = Store(Empty(first.State.Values.Apply(writes)) with { Completed = [outcome], ParentId = "id" }, 3, waiting.State);

        var stored = new List<StoredCheckpoint> { first.Stored, waiting.Stored, applied.Stored };
        Decode(stored, 2).Checkpoint.Values.Json().ShouldBe(applied.State.Values.Json());
        var read = CheckpointCodec.DecodeCompleted(Schema, applied.Stored.Body, Decode(stored, 1).Checkpoint).ShouldHaveSingleItem();
        read.Writes!.Channels.Select(write => Schema.Initial.Apply([write]).Json())
            .ShouldBe(writes.Select(write => Schema.Initial.Apply([write]).Json()));
    }

    [Fact]
    public async Task A_reference_to_an_input_that_is_not_stored_says_so()
    {
        var input = new StateUpdate().Add(Messages, Message.Human("hi", "m1"));
        var waiting = Store(Empty(Schema.Initial) with { Input = input }, 7, null);
        var applied = Store(Empty(Schema.Initial.Apply(input.Writes)), 8, waiting.State);
        var decoder = new CheckpointDecoder(Schema, (_, _, _, _) => new([]));
        (await Should.ThrowAsync<InvalidDataException>(() => decoder.DecodeAsync(applied.Stored, CancellationToken.None).AsTask()))
            .Message.ShouldContain("ordinal 7");
        var another = new StoredBody(7, "{}"u8.ToArray());
        decoder = new CheckpointDecoder(Schema, (_, _, _, _) => new([another]));
        (await Should.ThrowAsync<InvalidDataException>(() => decoder.DecodeAsync(applied.Stored, CancellationToken.None).AsTask()))
            .Message.ShouldContain("ordinal 7");
    }

    [Fact]
    public void Bodies_of_the_first_form_are_read_and_built_on()
    {
        string[] bodies =
        [
            """{"c":{},"step":-1,"src":0,"next":[{"n":"__start__","t":["__start__"]}],"in":[["messages",[{"type":"human","id":"h1","content":"hi","additional_kwargs":{},"response_metadata":{}}]],["any",500]]}""",
            """{"c":{"messages":{"v":[{"type":"human","id":"h1","content":"hi","additional_kwargs":{},"response_metadata":{}}]},"any":{"v":500}},"step":0,"src":1,"next":[{"n":"agent","t":["branch:to:agent"]}],"done":[{"id":"t1","w":[["messages",[{"type":"human","id":"h1","content":"hi","additional_kwargs":{},"response_metadata":{}}]],["any",500]]}]}""",
            """{"c":{"messages":{"b":2,"s":2,"l":1,"z":217,"d":{"k":1,"a":[{"type":"ai","id":"a1","content":"yes","additional_kwargs":{},"response_metadata":{},"tool_calls":[],"invalid_tool_calls":[]}]}},"any":{"r":2}},"step":1,"src":1,"last":["agent"],"done":[{"id":"t2","w":[["messages",0,1]]}]}""",
            """{"c":{"messages":{"r":3},"any":{"r":2}},"step":2,"src":0,"next":[{"n":"__start__","t":["__start__"]}],"in":[["messages",[{"type":"human","id":"h2","content":"and","additional_kwargs":{},"response_metadata":{}}]],["any",501]],"last":["agent"]}""",
            """{"c":{"messages":{"b":3,"s":2,"l":2,"z":319,"d":{"k":2,"a":[{"type":"human","id":"h2","content":"and","additional_kwargs":{},"response_metadata":{}}]}},"any":{"v":501}},"step":3,"src":1,"next":[{"n":"agent","t":["branch:to:agent"]}],"last":["agent"],"done":[{"id":"t3","w":[["messages",0,1],["any",501]]}]}""",
        ];
        List<StoredCheckpoint> stored =
        [
            .. bodies.Select(
                (body, i) => new StoredCheckpoint(
                    i + 1, $"{i}", i == 0 ? null : $"{i - 1}", "", null, "{}", Noon, Encoding.UTF8.GetBytes(body))),
        ];
        var read = stored.Select((_, i) => Decode(stored, i)).ToArray();

        read.Select(each => string.Join(' ', each.Checkpoint.Values.Get(Messages).Select(message => message.Id)))
            .ShouldBe(["", "h1", "h1 a1", "h1 a1", "h1 a1 h2"]);
        read.Select(each => each.Checkpoint.Values.Get(Any).ToString()).ShouldBe(["", "500", "500", "500", "501"]);
        read.Select(each => string.Join(' ', each.Checkpoint.Next.Select(task => $"{task.Node} {task.Triggers.Single()}")))
            .ShouldBe(["__start__ __start__", "agent branch:to:agent", "", "__start__ __start__", "agent branch:to:agent"]);
        string Done(int index) => string.Join(
            ' ',
            CheckpointCodec.DecodeCompleted(Schema, stored[index].Body, read[index - 1].Checkpoint)
                .Select(outcome => $"{outcome.TaskId} {Ids(outcome.Writes!)}"));
        Enumerable.Range(1, 4).Select(Done).ShouldBe(["t1 h1", "t2 a1", "", "t3 h2"]);

        // The same step again, as it is stored today.
        var (again, _) = Store(
            read[4].Checkpoint with { Values = read[3].State.Values.Apply(read[3].Checkpoint.Input!.Writes) }, 6, read[3].State);
        Encoding.UTF8.GetString(again.Body.Span).ShouldNotContain("h2");
        Decode([.. stored, again], 5).Checkpoint.Values.Json().ShouldBe(read[4].Checkpoint.Values.Json());
    }

    [Fact]
    public void An_outcome_survives_storage()
    {
        var outcome = new TaskOutcome
        {
            TaskId = "t",
            Writes = new TaskWrites(
                [new(Messages, new[] { Message.Human("ü", "m") }), new(Any, JsonElement.Parse("null")), new(Count, 3)],
                ["next", Send.Of("work", new[] { 1, 2 })],
                isNull: false),
            Interrupts = [new Interrupt("0123", JsonElement.Parse("""{"q":1}"""))],
            Resumes = [JsonElement.Parse("\"yes\""), JsonElement.Parse("null")],
            Questions = [new TaskQuestion("4567", true, null), new TaskQuestion("89ab", false, JsonElement.Parse("null"))],
            ResumedBy = "run",
            Error = "broke \"here\"",
        };
        var read = CheckpointCodec.DecodeOutcome(Schema, CheckpointCodec.Encode(outcome));
        CheckpointCodec.Encode(read).ShouldBe(CheckpointCodec.Encode(outcome));
        read.Writes!.Routes.Select(route => route.Node).ShouldBe(["next", "work"]);
        read.Writes.Routes[1].Send!.Input.GetRawText().ShouldBe("[1,2]");
        read.Resumes.Select(resume => resume.GetRawText()).ShouldBe(["\"yes\"", "null"]);
        read.Questions.Select(question => (question.Id, question.HasKey, question.Answer?.GetRawText()))
            .ShouldBe([("4567", true, null), ("89ab", false, "null")]);
        read.ResumedBy.ShouldBe("run");
        read.Error.ShouldBe("broke \"here\"");
    }

    [Fact]
    public async Task A_reference_to_what_is_not_stored_says_so()
    {
        var first = Store(Empty(Schema.Initial.Apply([new(Count, 1)])), 1, null);
        var second = Store(Empty(first.State.Values), 2, first.State);
        var decoder = new CheckpointDecoder(Schema, (_, _, _, _) => new([]));
        (await Should.ThrowAsync<InvalidDataException>(() => decoder.DecodeAsync(second.Stored, CancellationToken.None).AsTask()))
            .Message.ShouldContain("ordinal 1");
    }

    private static IEnumerable<ChannelWrite> Writes(ChannelValues values, int kind, int value)
    {
        var messages = values.Get(Messages)!;
        switch (kind)
        {
            case 0 or 1 or 2:
                yield return new(Messages, new[] { Message.Human($"text {value}", $"n{value}") });
                break;
            case 3 when messages.Count > 0:
                yield return new(Messages, new[] { Message.Ai("replaced", messages[value % messages.Count].Id) });
                break;
            case 4 when messages.Count > 0:
                yield return new(Messages, new[] { Message.Remove(messages[value % messages.Count].Id!) });
                break;
            case 5 when value % 5 == 0:
                yield return new(Messages, new[] { Message.RemoveAll(), Message.Human("afresh", $"n{value}") });
                break;
            case 6:
                yield return new(Trail, new[] { $"{value}", new string('"', value % 100) });
                yield return new(Late, value % 2 == 0 ? [] : new[] { value });
                break;
            case 7:
                yield return new(
                    Any,
                    JsonElement.Parse(value % 4 == 0 ? "null" : $$"""{"v":{{value}}.50,"a":["{{new string('y', value % 100)}}"]}"""));
                break;
            case 8:
                yield return new(Count, value);
                yield return new(
                    Messages,
                    Enumerable.Range(0, value % 30).Select(i => Message.Human(new string('x', value), $"b{value}-{i}")).ToArray());
                break;
        }
    }

    private static (List<StoredCheckpoint> Stored, StoredState Last) Grow(int count, Func<ChannelValues, int, ChannelValues> step)
    {
        var stored = new List<StoredCheckpoint>();
        StoredState? last = null;
        for (var i = 0; i < count; i++)
        {
            var (checkpoint, state) = Store(Empty(step(last?.Values ?? Schema.Initial, i)), i + 1, last);
            stored.Add(checkpoint);
            last = state;
        }

        return (stored, last!);
    }

    private static Checkpoint Empty(ChannelValues values) => new()
    {
        Id = "id",
        Step = 0,
        Source = CheckpointSource.Loop,
        CreatedAt = Noon,
        Metadata = "{}",
        Values = values,
    };

    private static (StoredCheckpoint Stored, StoredState State) Store(
        Checkpoint checkpoint, long ordinal, StoredState? known, long? storedBytes = null)
    {
        var (body, state) = CheckpointCodec.Encode(checkpoint, ordinal, known, storedBytes ?? known?.BytesThrough ?? 0);
        return (new StoredCheckpoint(ordinal, checkpoint.Id, checkpoint.ParentId, "", null, "{}", Noon, body), state);
    }

    private static (Checkpoint Checkpoint, StoredState State) Decode(List<StoredCheckpoint> stored, int index) =>
        Decoder(stored).DecodeAsync(stored[index], CancellationToken.None).AsTask().Result;

    /// <summary>The bytes of the bodies that the newest checkpoint needs.</summary>
    private static long BytesToRead(List<StoredCheckpoint> stored)
    {
        var decoder = Decoder(stored);
        decoder.DecodeAsync(stored[^1], CancellationToken.None).AsTask().Wait(TestContext.Current.CancellationToken);
        return decoder.FirstBytes;
    }

    private static CheckpointDecoder Decoder(List<StoredCheckpoint> stored) =>
        new(
            Schema,
            (_, from, to, _) => new([.. stored.Where(checkpoint => checkpoint.Ordinal >= from && checkpoint.Ordinal <= to).Select(checkpoint => new StoredBody(checkpoint.Ordinal, checkpoint.Body))]));

    private static void Same(Checkpoint read, Checkpoint written, ChannelValues values)
    {
        read.Values.Json().ShouldBe(values.Json());
        (read.Id, read.ParentId, read.Step, read.Source).ShouldBe((written.Id, written.ParentId, written.Step, written.Source));
        read.LastNodes.ShouldBe(written.LastNodes);
        (read.Input?.ToPairs().GetRawText()).ShouldBe(written.Input?.ToPairs().GetRawText());
        read.Next.Select(task => $"{task.Node} {string.Join(',', task.Triggers)} {task.Send?.Input.GetRawText()}")
            .ShouldBe(written.Next.Select(task => $"{task.Node} {string.Join(',', task.Triggers)} {task.Send?.Input.GetRawText()}"));
        read.Barriers.Select(barrier => $"{barrier.Key}={string.Join(',', barrier.Value)}")
            .ShouldBe(written.Barriers.Select(barrier => $"{barrier.Key}={string.Join(',', barrier.Value)}"));
    }

    private static ChannelWrite[] OneByOne(ChannelWrite write) =>
        write.Value is IReadOnlyList<Message> messages
            ? [.. messages.Select(message => new ChannelWrite(write.Channel, new[] { message }))]
            : [write];

    private static bool CanApply(ChannelValues values, IReadOnlyList<ChannelWrite> writes)
    {
        try
        {
            return values.Apply(writes) is not null;
        }
        catch (InvalidUpdateException)
        {
            // It removes a message that another branch has, or writes twice what takes one write.
            return false;
        }
    }

    private static string? TaskIdOf(Checkpoint checkpoint, int index) =>
        index < checkpoint.Next.Count
            ? TaskIds.ForTask(checkpoint.Id, checkpoint.Namespace, checkpoint.Step + 1, checkpoint.Next[index], index)
            : null;

    private static string Ids(TaskWrites writes) => string.Join(
        ' ',
        writes.Channels.Where(write => write.Channel == Messages)
            .SelectMany(write => (IReadOnlyList<Message>)write.Value)
            .Select(message => message.Id));

    private static string Json(TaskWrites writes) =>
        Encoding.UTF8.GetString(GraphJson.Encode(writes, static (writer, writes) => writes.WriteTo(writer)));
}
