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
    private static readonly Gen<(int From, int Kind, int Value)[]> Steps = Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 9], Gen.Int[0, 1000]).Array[1, 40];

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
                ChannelWrite[] writes = [.. Writes(known?.Values ?? Schema.Initial, kind, value)];
                var values = (known?.Values ?? (parent < 0 ? Schema.Initial : states[parent].Values)).Apply(writes);
                var checkpoint = new Checkpoint
                {
                    Id = $"{stored.Count:d4}",
                    ParentId = parent < 0 ? null : $"{parent:d4}",
                    Step = stored.Count - 1,
                    Source = (CheckpointSource)(value % 4),
                    CreatedAt = Noon,
                    Metadata = "{}",
                    Values = values,
                    Next = value % 2 == 0 ? [] : [new PendingTask("n", ["branch:to:n"]), new PendingTask("s", [PendingTask.PushTrigger], Send.Of("s", value))],
                    LastNodes = value % 3 == 0 ? [] : ["a", "b"],
                    Completed = [new TaskOutcome { TaskId = "t", Writes = new TaskWrites(writes, [], isNull: false) }],
                    Barriers = value % 5 == 0 ? new Dictionary<string, IReadOnlyList<string>> { ["join:a+b:c"] = ["a"] } : Checkpoint.NoBarriers,
                };
                var (body, state) = CheckpointCodec.Encode(checkpoint, stored.Count + 1, known);
                stored.Add(new StoredCheckpoint(stored.Count + 1, checkpoint.Id, checkpoint.ParentId, "", null, "{}", Noon, body));
                states.Add(state);
                Same(Decode(stored, stored.Count - 1).Checkpoint, checkpoint, state.Values);
                Json(CheckpointCodec.DecodeCompleted(Schema, body).ShouldHaveSingleItem().Writes!).ShouldBe(Json(checkpoint.Completed[0].Writes!));
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
        var (stored, last) = Grow(5000, (values, i) => values.Apply([new(Messages, new[] { Message.Human($"message {i}", $"m{i % 10}") }), new(Trail, new[] { "x" })]));
        // Ten messages that are replaced again and again; a list that only grows, by less than a link costs.
        last.Locations[0].ChainLength.ShouldBeLessThan(300);
        last.Locations[1].ChainLength.ShouldBeLessThan(4000);
        Decode(stored, stored.Count - 1).Checkpoint.Values.Json().ShouldBe(last.Values.Json());
    }

    [Fact]
    public void Input_that_waits_keeps_its_writes_one_by_one()
    {
        var input = StateUpdate.FromJson(Schema, JsonElement.Parse("""{"messages":[{"role":"user","content":"hi","id":"m1"}],"trail":["a","b"],"any":{"x":[1.0,null]}}"""));
        var checkpoint = Empty(Schema.Initial) with { Input = input };
        var read = Decode([Store(checkpoint, 1, null).Stored], 0).Checkpoint;
        Schema.Initial.Apply(read.Input!.Writes).Json().ShouldBe(Schema.Initial.Apply(input.Writes).Json());
    }

    [Fact]
    public void An_outcome_survives_storage()
    {
        var outcome = new TaskOutcome
        {
            TaskId = "t",
            Writes = new TaskWrites([new(Messages, new[] { Message.Human("ü", "m") }), new(Any, JsonElement.Parse("null")), new(Count, 3)], ["next", Send.Of("work", new[] { 1, 2 })], isNull: false),
            Interrupts = [new Interrupt("0123", JsonElement.Parse("""{"q":1}"""))],
            Resumes = [JsonElement.Parse("\"yes\""), JsonElement.Parse("null")],
            ResumedBy = "run",
            Error = "broke \"here\"",
        };
        var read = CheckpointCodec.DecodeOutcome(Schema, CheckpointCodec.Encode(outcome));
        CheckpointCodec.Encode(read).ShouldBe(CheckpointCodec.Encode(outcome));
        read.Writes!.Routes.Select(route => route.Node).ShouldBe(["next", "work"]);
        read.Writes.Routes[1].Send!.Input.GetRawText().ShouldBe("[1,2]");
        read.Resumes.Select(resume => resume.GetRawText()).ShouldBe(["\"yes\"", "null"]);
        read.ResumedBy.ShouldBe("run");
        read.Error.ShouldBe("broke \"here\"");
    }

    [Fact]
    public async Task A_reference_to_what_is_not_stored_says_so()
    {
        var first = Store(Empty(Schema.Initial.Apply([new(Count, 1)])), 1, null);
        var second = Store(Empty(first.State.Values), 2, first.State);
        var decoder = new CheckpointDecoder(Schema, (_, _, _, _) => new([]));
        (await Should.ThrowAsync<InvalidDataException>(() => decoder.DecodeAsync(second.Stored, CancellationToken.None).AsTask())).Message.ShouldContain("ordinal 1");
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
                yield return new(Trail, new[] { $"{value}", "\"" });
                yield return new(Late, value % 2 == 0 ? [] : new[] { value });
                break;
            case 7:
                yield return new(Any, JsonElement.Parse(value % 4 == 0 ? "null" : $$"""{"v":{{value}}.50}"""));
                break;
            case 8:
                yield return new(Count, value);
                yield return new(Messages, Enumerable.Range(0, value % 30).Select(i => Message.Human(new string('x', value), $"b{value}-{i}")).ToArray());
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

    private static (StoredCheckpoint Stored, StoredState State) Store(Checkpoint checkpoint, long ordinal, StoredState? known)
    {
        var (body, state) = CheckpointCodec.Encode(checkpoint, ordinal, known);
        return (new StoredCheckpoint(ordinal, checkpoint.Id, checkpoint.ParentId, "", null, "{}", Noon, body), state);
    }

    private static (Checkpoint Checkpoint, StoredState State) Decode(List<StoredCheckpoint> stored, int index) =>
        Decoder(stored).DecodeAsync(stored[index], CancellationToken.None).AsTask().Result;

    private static CheckpointDecoder Decoder(List<StoredCheckpoint> stored) =>
        new(Schema, (_, from, to, _) => new([.. stored.Where(checkpoint => checkpoint.Ordinal >= from && checkpoint.Ordinal <= to).Select(checkpoint => new StoredBody(checkpoint.Ordinal, checkpoint.Body))]));

    private static void Same(Checkpoint read, Checkpoint written, ChannelValues values)
    {
        read.Values.Json().ShouldBe(values.Json());
        (read.Id, read.ParentId, read.Step, read.Source).ShouldBe((written.Id, written.ParentId, written.Step, written.Source));
        read.LastNodes.ShouldBe(written.LastNodes);
        read.Next.Select(task => $"{task.Node} {string.Join(',', task.Triggers)} {task.Send?.Input.GetRawText()}")
            .ShouldBe(written.Next.Select(task => $"{task.Node} {string.Join(',', task.Triggers)} {task.Send?.Input.GetRawText()}"));
        read.Barriers.Select(barrier => $"{barrier.Key}={string.Join(',', barrier.Value)}").ShouldBe(written.Barriers.Select(barrier => $"{barrier.Key}={string.Join(',', barrier.Value)}"));
    }

    private static string Json(TaskWrites writes) => System.Text.Encoding.UTF8.GetString(GraphJson.Encode(writes, static (writer, writes) => writes.WriteTo(writer)));
}
