using System.Diagnostics;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using Weft.Tests;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Diagnostics;

/// <summary>The spans of models and tools inside those of nodes.</summary>
public sealed class AgentSpanTests
{
    private const string MeaiSource = "Experimental.Microsoft.Extensions.AI";

    [Theory]
    [InlineData(StreamMode.Values | StreamMode.MessagesTuple)]
    [InlineData(StreamMode.Values)]
    public async Task A_turn_of_an_agent_is_one_tree(StreamMode modes)
    {
        using var spans = new RecordedSpans();
        var client = Model(
            Calls(("c1", "weather", new() { ["city"] = "secret" })),
            ScriptedAnswer.OfUpdates(
                new ChatResponseUpdate(ChatRole.Assistant, "sunny") { ResponseId = "r2", ModelId = "small-1", FinishReason = ChatFinishReason.Stop },
                Piece(null, new UsageContent(new() { InputTokenCount = 7, OutputTokenCount = 2 }))));

        await SayAsync(AgentGraph.Create(client, [AIFunctionFactory.Create((string city) => $"sunny in {city}", "weather")]), spans, modes);

        spans.Tree.ShouldBe("""
            invoke_workflow agent
              superstep
                node agent
                  chat small
              superstep
                node tools
                  execute_tool weather
              superstep
                node agent
                  chat small
            """);
        var chat = spans.Ended.Last(span => span.DisplayName == "chat small");
        chat.Kind.ShouldBe(ActivityKind.Client);
        chat.GetTagItem("gen_ai.operation.name").ShouldBe("chat");
        chat.GetTagItem("gen_ai.provider.name").ShouldBe("acme");
        chat.GetTagItem("gen_ai.request.model").ShouldBe("small");
        chat.GetTagItem("gen_ai.response.model").ShouldBe("small-1");
        chat.GetTagItem("gen_ai.response.id").ShouldBe("r2");
        chat.GetTagItem("gen_ai.response.finish_reasons").ShouldBe(new[] { "stop" });
        chat.GetTagItem("gen_ai.usage.input_tokens").ShouldBe(7L);
        chat.GetTagItem("gen_ai.usage.output_tokens").ShouldBe(2L);
        var tool = spans["execute_tool weather"];
        tool.GetTagItem("gen_ai.operation.name").ShouldBe("execute_tool");
        tool.GetTagItem("gen_ai.tool.name").ShouldBe("weather");
        tool.GetTagItem("gen_ai.tool.type").ShouldBe("function");
        tool.GetTagItem("gen_ai.tool.call.id").ShouldBe("c1");
        spans.Ended.ShouldAllBe(span => span.Status == ActivityStatusCode.Unset);
        spans.Ended.SelectMany(span => span.TagObjects)
            .ShouldAllBe(tag => !$"{tag.Value}".Contains("secret") && !$"{tag.Value}".Contains("sunny"));
    }

    [Fact]
    public async Task A_client_with_telemetry_of_its_own_is_not_reported_twice()
    {
        using var spans = new RecordedSpans("Weft", MeaiSource);
        var inside = Model(Says(null, "hi")).AsBuilder().UseOpenTelemetry().Build();

        await SayAsync(ChatGraph.Create(inside), spans);

        spans.Tree.ShouldBe("invoke_workflow chat\n  superstep\n    node model\n      chat small");
        spans["chat small"].Source.Name.ShouldBe(MeaiSource);
    }

    [Fact]
    public async Task A_client_around_that_has_telemetry_is_not_reported_twice()
    {
        using var spans = new RecordedSpans("Weft", MeaiSource);
        var around = Model(Says(null, "hi")).StreamToGraph().AsBuilder().UseOpenTelemetry().Build();

        await SayAsync(ChatGraph.Create(around), spans);

        spans.Ended.Count(span => span.DisplayName == "chat small").ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_runs_tools_reports_them_inside_the_node()
    {
        using var spans = new RecordedSpans();
        var client = Model(Calls(("c1", "weather", [])), Says(null, "sunny")).StreamToGraph()
            .AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatGraphOptions { ChatOptions = new() { Tools = [AIFunctionFactory.Create(() => "sunny", "weather")] } };

        await SayAsync(ChatGraph.Create(client, options), spans);

        spans.Ended.Count(span => span.DisplayName == "chat small").ShouldBe(2);
        var tool = spans["execute_tool weather"];
        while (tool.DisplayName != "node model")
        {
            tool = tool.Parent.ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Failures_of_tools_and_models_are_described()
    {
        using var spans = new RecordedSpans();
        var client = Model(
            Calls(("c1", "weather", [])), Says(null, "I").ThenFails(new HttpRequestException("The model is gone.")));
        static string Break() => throw new TimeoutException("no weather today");

        await Should.ThrowAsync<NodeFailedException>(
            () => SayAsync(AgentGraph.Create(client, [AIFunctionFactory.Create(Break, "weather")]), spans));

        var tool = spans["execute_tool weather"];
        tool.Status.ShouldBe(ActivityStatusCode.Error);
        tool.GetTagItem("error.type").ShouldBe("System.TimeoutException");
        tool.Events.ShouldHaveSingleItem().Name.ShouldBe("exception");
        spans["node tools"].Status.ShouldBe(ActivityStatusCode.Unset);
        var chat = spans.Ended.Last(span => span.DisplayName == "chat small");
        chat.Status.ShouldBe(ActivityStatusCode.Error);
        chat.GetTagItem("error.type").ShouldBe("System.Net.Http.HttpRequestException");
        spans["invoke_workflow agent"].Status.ShouldBe(ActivityStatusCode.Error);
    }

    private static async Task SayAsync(
        CompiledGraph graph, RecordedSpans spans, StreamMode modes = StreamMode.Values | StreamMode.MessagesTuple)
    {
        using var trace = spans.Enter();
        await new ThreadUnderTest(graph) { Modes = modes }.SayAsync("hello");
    }
}
