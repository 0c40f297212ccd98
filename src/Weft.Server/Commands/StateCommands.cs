using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The commands that read the state of a thread.</summary>
internal sealed class StateCommands(ThreadStates states, WeftServerOptions options)
{
    private const int CheckpointsLimit = 10;

    public async Task<Action<Utf8JsonWriter>?> GetAsync(CommandCall call, CommandParams given)
    {
        var place = given.Namespace();
        var keys = given.Texts("keys");
        var state = await states.GetAsync(
            call.Actor, call.ThreadId, new CheckpointAddress(Namespace: place), subgraphs: false, call.Cancellation);
        return writer => WriteState(writer, state, keys);
    }

    public async Task<Action<Utf8JsonWriter>?> ListCheckpointsAsync(CommandCall call, CommandParams given)
    {
        var limit = given.Number("limit") ?? CheckpointsLimit;
        if (limit < 1 || limit > options.PageSizeMax)
        {
            throw given.Wrong("limit", $"at least 1 and at most {options.PageSizeMax}");
        }

        var before = given.Text("before");
        if (before is not null && !Requests.TryReadUuid(before, out _))
        {
            throw given.Wrong("before", "the id of a checkpoint");
        }

        var found = new List<Checkpoint>();
        var history = states.ReadHistoryAsync(
            call.Actor, call.ThreadId, given.Namespace(), (int)limit, before, null, call.Cancellation);
        await foreach (var state in history)
        {
            found.Add(state.Checkpoint);
        }

        return writer => WriteCheckpoints(writer, found);
    }

    private static void WriteState(Utf8JsonWriter writer, StateSnapshot? state, List<string>? keys)
    {
        writer.WritePropertyName("values"u8);
        if (state is null)
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
            return;
        }

        if (keys is null)
        {
            state.Values.WriteTo(writer);
        }
        else
        {
            WriteSelected(writer, state, keys);
        }

        writer.WriteStartObject("checkpoint"u8);
        writer.WriteString("id"u8, state.Checkpoint.Id);
        writer.WriteString("ns"u8, state.Checkpoint.Namespace);
        writer.WriteEndObject();
    }

    private static void WriteSelected(Utf8JsonWriter writer, StateSnapshot state, List<string> keys)
    {
        var values = GraphJson.Parse(GraphJson.Encode(state.Values, static (writer, values) => values.WriteTo(writer)));
        writer.WriteStartObject();
        foreach (var member in values.ValueKind == JsonValueKind.Object ? values.EnumerateObject() : default)
        {
            if (keys.Contains(member.Name))
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteCheckpoints(Utf8JsonWriter writer, List<Checkpoint> checkpoints)
    {
        writer.WriteStartArray("checkpoints"u8);
        foreach (var checkpoint in checkpoints)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, checkpoint.Id);
            writer.Time("timestamp"u8, checkpoint.CreatedAt);
            writer.WriteNumber("step"u8, checkpoint.Step);
            if (checkpoint.LastNodes is [var node])
            {
                writer.WriteString("node_name"u8, node);
            }

            writer.RawMember("metadata"u8, checkpoint.Metadata);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
