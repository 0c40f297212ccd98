using System.Text.Json.Serialization;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>Graphs whose schemas matter.</summary>
internal static class SchemaFixtures
{
    public static CompiledGraph State()
    {
        var messages = Channel.Messages().Describe("A list of chat messages");
        var count = Channel.LastValue("count", 0);
        return Line("state_schema_graph", [messages, count], context =>
        {
            var next = context.Get(count) + 1;
            return new StateUpdate().Add(messages, Message.Ai($"Response {next}")).Set(count, next);
        });
    }

    public static CompiledGraph Registry()
    {
        var messages = Channel.List<string>("messages").Describe("A list of chat messages").WithLangGraphType("messages");
        var count = Channel.LastValue("count", 0);
        var status = Channel.LastValue("status", Progress.Idle);
        return Line("zod_registry_graph", [messages, count, status], context =>
        {
            var next = context.Get(count) + 1;
            return new StateUpdate().Add(messages, $"Message {next}").Set(count, next).Set(status, Progress.Processing);
        });
    }

    public static CompiledGraph Plain()
    {
        var items = Channel.List<string>("items");
        return Line(
            "plain_zod_graph",
            [items, Channel.LastValue("counter", 0), Channel.LastValue<string?>("label")],
            context => new StateUpdate().Add(items, $"Item {context.Get(items)!.Count + 1}"));
    }

    private static CompiledGraph Line(string name, StateChannel[] channels, Func<NodeContext, NodeResult> process) => new StateGraph()
        .AddChannels(channels)
        .AddNode("process", process)
        .AddEdge(StateGraph.Start, "process")
        .AddEdge("process", StateGraph.End)
        .Compile(new CompileOptions { Name = name });

    [JsonConverter(typeof(JsonStringEnumConverter<Progress>))]
    private enum Progress
    {
        [JsonStringEnumMemberName("idle")]
        Idle,

        [JsonStringEnumMemberName("processing")]
        Processing,

        [JsonStringEnumMemberName("done")]
        Done,
    }
}
