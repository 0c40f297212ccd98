using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>A router in front of a graph that pauses before its last node.</summary>
internal static class WeatherFixture
{
    public static CompiledGraph Create()
    {
        var messages = Channel.Messages();
        var route = Channel.LastValue<string>("route");
        var city = Channel.LastValue<string>("city");
        var weather = new StateGraph()
            .AddChannels(messages, city)
            .AddNode("model_node", _ => new StateUpdate().Set(city, "San Francisco"))
            .AddNode("weather_node", context => new StateUpdate().Add(messages, Message.Ai($"It's sunny in {context.Get(city)}!")))
            .AddEdge(StateGraph.Start, "model_node")
            .AddEdge("model_node", "weather_node")
            .AddEdge("weather_node", StateGraph.End)
            .Compile(new CompileOptions { Name = "weather_graph", InterruptBefore = NodeSelection.Of("weather_node") });
        return new StateGraph()
            .AddChannels(messages, route)
            .AddNode("router_node", _ => new StateUpdate().Set(route, "weather"))
            .AddNode("normal_llm_node", _ => new StateUpdate().Add(messages, Message.Ai("Hello")))
            .AddNode("weather_graph", weather)
            .AddEdge(StateGraph.Start, "router_node")
            .AddConditionalEdges(
                "router_node",
                context => context.Get(route) == "weather" ? "weather_graph" : "normal_llm_node",
                ["weather_graph", "normal_llm_node"])
            .AddEdge("normal_llm_node", StateGraph.End)
            .AddEdge("weather_graph", StateGraph.End)
            .Compile(new CompileOptions { Name = "weather" });
    }
}
