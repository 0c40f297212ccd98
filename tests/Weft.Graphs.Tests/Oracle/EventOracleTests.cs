using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Graphs.Tests.Streaming;
using static Weft.Graphs.Tests.Oracle.OracleParts;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The events of a run: kinds, names, order, nesting, tags, where from, and data.</summary>
public sealed class EventOracleTests
{
    private static readonly string[] Where =
        ["langgraph_node", "langgraph_step", "langgraph_triggers", "langgraph_path", "langgraph_checkpoint_ns"];

    public static TheoryData<string> Scenarios => Traces.Of("events");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Weft_does_what_the_js_library_did(string scenario)
    {
        var recording = JsonNode.Parse(
            await File.ReadAllTextAsync(Traces.FileOf("events", scenario), TestContext.Current.CancellationToken))!;
        var sink = new Events();
        var error = await Record.ExceptionAsync(() => Build(scenario).RunAsync(
            GraphInput.FromJson(JsonElement.Parse(recording["input"]!.ToJsonString())),
            new GraphRunOptions { Modes = StreamMode.Events, Sink = sink, Checkpointer = new InMemoryCheckpointer() },
            TestContext.Current.CancellationToken));
        (error is null).ShouldBe(recording["error"] is null);
        Lines(sink.All.Select(told => (told, told["parent_ids"]!.AsArray(), told["run_id"]!.ToString()))).ShouldBe(
            Lines(recording["events"]!.AsArray().Where(told => IsTold(told!)).Select(told => (told!, told!["parents"]!.AsArray(), told["run"]!.ToString()))));
    }

    /// <summary>Hidden ones are not told (D8). What the root graph streams, the other modes tell.</summary>
    private static bool IsTold(JsonNode told) =>
        !told["tags"]!.AsArray().Any(tag => tag!.ToString() == "langsmith:hidden")
            && (told["event"]!.ToString() != "on_chain_stream" || told["parents"]!.AsArray().Count > 0);

    private static string Lines(IEnumerable<(JsonNode Event, JsonArray Parents, string Run)> events)
    {
        var runs = new List<string>();
        return string.Join('\n', events.Select(told =>
        {
            var metadata = told.Event["metadata"];
            var where = Where.Select(
                member => OracleJson.Write(member == "langgraph_checkpoint_ns" ? NodesOf(metadata?[member]) : metadata?[member]));
            return $"{told.Event["event"]} {told.Event["name"]} {Number(told.Run)} in {string.Join('/', told.Parents.Select(parent => Number(parent!.ToString())))} {OracleJson.Write(told.Event["tags"])} {string.Join(' ', where)} {OracleJson.Write(told.Event["data"])}";
        }));

        int Number(string run)
        {
            if (!runs.Contains(run))
            {
                runs.Add(run);
            }

            return runs.IndexOf(run);
        }
    }

    private static JsonNode? NodesOf(JsonNode? ns) =>
        ns is null ? null : string.Join('|', ns.ToString().Split('|').Select(segment => segment.Split(':')[0]));

    private static CompiledGraph Build(string scenario) => scenario switch
    {
        "sequence" => Line("one", "two").Compile(),
        "model" => ChatState().AddNode("say", Saying("m1", "Words", [], "Hel", "lo")).Chain("say").Compile(),
        "model_tagged" => ChatState().AddNode("say", context =>
        {
            Saying("m1", "poet", ["mine"], "a", "b")(context);
            return StateUpdate.None;
        }).Chain("say").Compile(),
        "subgraph" => State("before").AddNode("sub", State().AddNode("say", context =>
        {
            Saying("m1", "Words", [], "Hel", "lo")(context);
            return NoteIn("said");
        }).Chain("say").Compile()).Chain("before", "sub").Compile(),
        "tool" => State().AddNode("call", Calling).Chain("call").Compile(),
        "routing" => State("pick", "x", "y")
            .AddEdge(StateGraph.Start, "pick")
            .AddConditionalEdges("pick", _ => "y", ["x", "y", StateGraph.End])
            .Compile(),
        "custom" => State().AddNode("talk", context =>
        {
            context.Write(JsonElement.Parse("""{"at":1}"""));
            return StateUpdate.None;
        }).Chain("talk").Compile(),
        "asks" => State().AddNode("ask", context => NoteIn(context.Interrupt("sure?").GetString()!)).Chain("ask").Compile(),
        "fails" => State().AddNode("bad", _ => throw new InvalidOperationException("no luck")).Chain("bad").Compile(),
        _ => throw new InvalidOperationException($"Build the graph of '{scenario}' here, as events.mjs does."),
    };

    private static Func<NodeContext, NodeResult> Saying(string id, string model, string[] tags, params string[] words) => context =>
    {
        var span = context.Events.Start(EventKind.ChatModel, model, Payload("""{"messages":[[{"type":"human","content":"go"}]]}"""), tags)!;
        foreach (var word in words)
        {
            span.Stream(Payload(Chunk(id, word)));
        }

        span.End(Payload(Chunk(id, string.Concat(words))));
        return new StateUpdate().Add(Chat, Message.Ai(string.Concat(words), id));
    };

    private static string Chunk(string id, string text) =>
        new JsonObject { ["type"] = "AIMessageChunk", ["id"] = id, ["content"] = text }.ToJsonString();

    private static NodeResult Calling(NodeContext context)
    {
        Tell(EventKind.Tool, "add", """{"a":1,"b":2}""", "\"3\"");
        Tell(EventKind.Chain, "twice", "4", "8");
        return new StateUpdate().Set(Name, "3 8");

        void Tell(EventKind kind, string name, string input, string output) =>
            context.Events.Start(kind, name, Payload(input))!.End(Payload(output));
    }

    private static LazyJson Payload(string json) => LazyJson.FromJson(JsonElement.Parse(json));

    private sealed class Events : IStreamSink
    {
        public List<JsonNode> All { get; } = [];

        public void Emit(StreamPart part) => All.Add(JsonNode.Parse(part.JsonOf())!);
    }
}
