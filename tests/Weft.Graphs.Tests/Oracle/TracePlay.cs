using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Graphs.Tests.Streaming;
using Weft.Server;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>
/// Does with Weft what <c>tests/oracle/trace.mjs</c> did with the library, and tells of it in the same form: the stream, the
/// head after each step and the history of each namespace.
/// </summary>
internal sealed class TracePlay(OracleGraph scenario, bool subgraphs)
{
    private const string ThreadId = "t";

    private readonly InMemoryCheckpointer _checkpointer = new();
    private readonly List<string> _namespaces = [""];

    private CompiledGraph Graph => scenario.Graph;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async Task<JsonObject> PlayAsync(JsonArray ops)
    {
        var steps = new JsonArray();
        foreach (var op in ops)
        {
            var stream = new JsonArray();
            var error = await Record.ExceptionAsync(() => DoAsync(op!, stream));
            while (error is NodeFailedException { InnerException: GraphException cause })
            {
                error = cause;
            }

            steps.Add(new JsonObject
            {
                ["op"] = op!.DeepClone(),
                ["stream"] = stream,
                ["error"] = error is null ? null : new JsonObject { ["name"] = error.GetType().Name, ["message"] = error.Message },
                ["head"] = Snapshot(await Graph.GetStateAsync(_checkpointer, cancellationToken: Stop)),
                ["deepHead"] = Snapshot(await Graph.GetStateAsync(_checkpointer, subgraphs: true, cancellationToken: Stop)),
            });
        }

        var histories = new JsonObject();
        foreach (var ns in _namespaces)
        {
            if (await HistoryAsync(ns) is { } history)
            {
                histories[ns] = new JsonArray([.. history.Select(Snapshot)]);
            }
        }

        return new JsonObject { ["steps"] = steps, ["histories"] = histories };
    }

    private async Task DoAsync(JsonNode op, JsonArray stream)
    {
        var ns = await NamespaceOfAsync(op["in"] as JsonArray ?? []);
        var options = new GraphRunOptions
        {
            Checkpointer = scenario.IsKept ? _checkpointer : null,
            Store = scenario.Store,
            ThreadId = ThreadId,
            CheckpointNamespace = ns,
            CheckpointId = op["at"] is { } at ? await CheckpointIdAsync(ns, at.GetValue<int>()) : null,
        };
        switch (op["do"]?.ToString())
        {
            case "update":
                await Graph.UpdateStateAsync(options, ElementOrNull(op["values"]), op["asNode"]?.ToString(), Stop);
                break;
            case "bulk":
                await Graph.UpdateStateAsync(options, Supersteps(op["supersteps"]!.AsArray()), Stop);
                break;
            case "wait":
                scenario.Time.Advance(TimeSpan.FromSeconds(op["seconds"]!.GetValue<double>()));
                break;
            default:
                await RunAsync(op, options, stream);
                break;
        }
    }

    private async Task RunAsync(JsonNode op, GraphRunOptions options, JsonArray stream)
    {
        var sink = new Sink();
        try
        {
            await Graph.RunAsync(
                op["command"] is { } command ? await CommandOfAsync(command) : GraphInput.FromJson(Element(op["input"])),
                options with
                {
                    Modes = StreamMode.Values | StreamMode.Updates | StreamMode.MessagesTuple | StreamMode.Custom | StreamMode.Tasks | StreamMode.Checkpoints | StreamMode.Debug | StreamMode.Tools,
                    StreamSubgraphs = subgraphs,
                    Sink = sink,
                    InterruptBefore = Selection(op["interruptBefore"]),
                    InterruptAfter = Selection(op["interruptAfter"]),
                    RecursionLimit = op["recursionLimit"]?.GetValue<int>() ?? 25,
                    Durability = Enum.Parse<Durability>(op["durability"]?.ToString() ?? "async", ignoreCase: true),
                    Configurable = Element(op["configurable"] ?? new JsonObject()),
                    Context = ElementOrNull(op["context"]),
                },
                Stop);
        }
        finally
        {
            foreach (var part in sink.Parts)
            {
                stream.Add(Part(part));
                if (!_namespaces.Contains(part.Namespace))
                {
                    _namespaces.Add(part.Namespace);
                }
            }
        }
    }

    private async Task<string> NamespaceOfAsync(JsonArray path)
    {
        var ns = "";
        foreach (var node in path)
        {
            var state = await Graph.GetStateAsync(_checkpointer, checkpointNamespace: ns, cancellationToken: Stop);
            var task = Tasks(state!).First(task => task!["name"]!.ToString() == node!.ToString())!;
            ns = task["checkpoint"]!["checkpoint_ns"]!.ToString();
        }

        return ns;
    }

    /// <summary>A run from a checkpoint of a subgraph starts from the one of the root graph inside whose superstep it was made.</summary>
    private async Task<string> CheckpointIdAsync(string ns, int place)
    {
        var checkpoint = (await HistoryAsync(ns))!.Reverse().ElementAt(place).Checkpoint;
        return ns.Length == 0 ? checkpoint.Id : JsonNode.Parse(checkpoint.Metadata)!["parents"]![""]!.ToString();
    }

    private async Task<IReadOnlyList<StateSnapshot>?> HistoryAsync(string ns)
    {
        var history = new List<StateSnapshot>();
        try
        {
            await foreach (var state in Graph.GetHistoryAsync(_checkpointer, null, ns, Stop))
            {
                history.Add(state);
            }
        }
        catch (UnknownNodeException)
        {
            // A graph that code runs and no node names.
            return null;
        }

        return history;
    }

    private async Task<GraphInput> CommandOfAsync(JsonNode command)
    {
        var resume = command["resume"];
        if (command["resumeByIndex"] is JsonObject byIndex)
        {
            var interrupts = (await Graph.GetStateAsync(_checkpointer, cancellationToken: Stop))!.Interrupts.ToList();
            resume = new JsonObject(
                byIndex.Select(pair => KeyValuePair.Create(interrupts[int.Parse(pair.Key, null)].Id, pair.Value?.DeepClone())));
        }

        if (command["resumeUnknown"] is { } answer)
        {
            resume = new JsonObject { [new string('0', 32)] = answer.DeepClone() };
        }

        return new Command
        {
            Update = command["update"] is { } update ? StateUpdate.FromJson(Graph.Schema, Element(update)) : null,
            Goto = [.. (command["goto"] as JsonArray ?? []).Select(Destination)],
            Resume = ElementOrNull(resume),
        };
    }

    private static Destination Destination(JsonNode? to) =>
        to is JsonObject send ? new Send(send["node"]!.ToString(), Element(send["input"])) : (Destination)to!.ToString();

    private static IReadOnlyList<IReadOnlyList<NodeUpdate>> Supersteps(JsonArray supersteps) =>
        [.. supersteps.Select(superstep => (IReadOnlyList<NodeUpdate>)
            [.. superstep!["updates"]!.AsArray().Select(update => new NodeUpdate(ElementOrNull(update!["values"]), update["asNode"]?.ToString()))])];

    private static NodeSelection Selection(JsonNode? nodes) => nodes switch
    {
        null => NodeSelection.None,
        JsonArray names => NodeSelection.Of(names.Select(name => name!.ToString())),
        _ => NodeSelection.All,
    };

    private static JsonArray Part((string Mode, string Namespace, string Json) part)
    {
        var data = JsonNode.Parse(part.Json);
        if (part.Mode == "checkpoints")
        {
            data = CheckpointPart(data!);
        }
        else if (part.Mode == "debug")
        {
            data = new JsonObject
            {
                ["step"] = data!["step"]!.DeepClone(),
                ["type"] = data["type"]!.DeepClone(),
                ["payload"] = data["type"]!.ToString() == "checkpoint" ? CheckpointPart(data["payload"]!) : data["payload"]!.DeepClone(),
            };
        }

        return [new JsonArray([.. part.Namespace.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(segment => JsonValue.Create(segment))]), part.Mode, data];
    }

    private static JsonObject CheckpointPart(JsonNode data) => new()
    {
        ["checkpoint"] = data["checkpoint"]!["checkpoint_id"]!.DeepClone(),
        ["parent"] = data["parent_checkpoint"]?["checkpoint_id"]?.DeepClone(),
        ["map"] = data["checkpoint"]!["checkpoint_map"]?.DeepClone(),
        ["values"] = data["values"]?.DeepClone(),
        ["next"] = data["next"]!.DeepClone(),
        ["metadata"] = Metadata(data["metadata"]!),
        ["tasks"] = new JsonArray([.. data["tasks"]!.AsArray().Select(task => WithState(task!.DeepClone()))]),
    };

    private static JsonObject? Snapshot(StateSnapshot? state)
    {
        if (state is null)
        {
            return null;
        }

        return new JsonObject
        {
            ["ns"] = state.Checkpoint.Namespace,
            ["checkpoint"] = state.Checkpoint.Id,
            ["parent"] = state.Checkpoint.ParentId,
            ["values"] = JsonNode.Parse(state.Json()),
            ["next"] = new JsonArray([.. state.Next.Select(node => JsonValue.Create(node))]),
            ["metadata"] = Metadata(JsonNode.Parse(state.Checkpoint.Metadata)!),
            ["tasks"] = new JsonArray([.. Tasks(state).Select(task => WithState(task!.DeepClone()))]),
        };
    }

    private static JsonObject Nothing(string inside) =>
        new() { ["ns"] = inside, ["values"] = new JsonObject(), ["next"] = new JsonArray(), ["tasks"] = new JsonArray() };

    private static JsonArray Tasks(StateSnapshot state) =>
        JsonNode.Parse(GraphJson.Encode(state, static (writer, state) => state.WriteTasks(
            writer,
            ThreadId,
            (inner, inside, found) => inner.WriteRawValue((Snapshot(found) ?? Nothing(inside)).ToJsonString()))))!.AsArray();

    private static JsonNode WithState(JsonNode task)
    {
        if (task["checkpoint"] is { } reference)
        {
            task["state"] = new JsonObject { ["ns"] = reference["checkpoint_ns"]!.DeepClone() };
        }

        task.AsObject().Remove("checkpoint");
        return task;
    }

    private static JsonObject Metadata(JsonNode metadata) => new()
    {
        ["source"] = metadata["source"]!.DeepClone(),
        ["step"] = metadata["step"]!.DeepClone(),
        ["parents"] = metadata["parents"]!.DeepClone(),
    };

    private static JsonElement Element(JsonNode? node) => JsonElement.Parse(node?.ToJsonString() ?? "null");

    private static JsonElement? ElementOrNull(JsonNode? node) => node is null ? null : Element(node);

    private sealed class Sink : IStreamSink
    {
        public List<(string Mode, string Namespace, string Json)> Parts { get; } = [];

        public void Emit(StreamPart part) => Parts.Add((PartEvents.NameOf(part), PartEvents.NamespaceOf(part), part.JsonOf()));
    }
}
