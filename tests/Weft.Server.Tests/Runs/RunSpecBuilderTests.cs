using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server.Tests.Runs;

/// <summary>
/// The defaults of a mount apply to missing members of a request for a run, and a wrong field is named (docs/protocol/runs.md B5).
/// </summary>
public sealed class RunSpecBuilderTests
{
    private static readonly AssistantDirectory Assistants = new(
        [new GraphRegistration
        {
            GraphId = "talk",
            Graph = new StateGraph().AddChannel(Channel.LastValue<int>("number")).AddNode("node", _ => StateUpdate.None)
                .AddEdge(StateGraph.Start, "node").Compile(),
        }],
        TimeProvider.System);

    private static readonly ThreadId Thread = new("t");

    private static RunCreate Request => new() { AssistantId = "talk" };

    [Theory]
    [InlineData("command", """{"command":7}""")]
    [InlineData("metadata", """{"metadata":[]}""")]
    [InlineData("config", """{"config":"small"}""")]
    [InlineData("config.tags", """{"config":{"tags":[1]}}""")]
    [InlineData("config.configurable", """{"config":{"configurable":7}}""")]
    [InlineData("config.recursion_limit", """{"config":{"recursion_limit":0}}""")]
    [InlineData("config.recursion_limit", """{"config":{"recursion_limit":2.5}}""")]
    [InlineData("config.recursion_limit", """{"config":{"recursion_limit":1000000}}""")]
    [InlineData("config.configurable.checkpoint_id", """{"config":{"configurable":{"checkpoint_id":7}}}""")]
    [InlineData("checkpoint.checkpoint_id", """{"checkpoint":{"checkpoint_id":7}}""")]
    [InlineData("checkpoint", """{"checkpoint":"c"}""")]
    [InlineData("context", """{"context":"c"}""")]
    [InlineData("interrupt_before", """{"interrupt_before":"node"}""")]
    [InlineData("interrupt_after", """{"interrupt_after":[1]}""")]
    [InlineData("stream_mode", """{"stream_mode":"everything"}""")]
    [InlineData("stream_mode", """{"stream_mode":[1]}""")]
    [InlineData("webhook", """{"webhook":"//elsewhere/hook"}""")]
    [InlineData("webhook", """{"webhook":"ftp://elsewhere/hook"}""")]
    public void A_field_that_is_wrong_is_named(string field, string body)
    {
        var request = JsonSerializer.Deserialize(body, ProtocolJsonContext.Default.RunCreate)!;
        foreach (var mount in (Mount[])[Mount.Platform, Mount.Gateway])
        {
            var refused = Should.Throw<WeftException>(() => Build(mount, request with { AssistantId = "talk" }));
            (refused.Kind, refused.Field).ShouldBe((ProblemKind.Invalid, field));
        }
    }

    [Fact]
    public void A_choice_that_does_not_exist_is_named_with_those_that_do()
    {
        Refused(Request with { MultitaskStrategy = "wait" })
            .ShouldBe("multitask_strategy: 'wait' is none of reject, rollback, interrupt, enqueue.");
        Refused(Request with { OnDisconnect = "stop" }).ShouldStartWith("on_disconnect");
        Refused(Request with { OnCompletion = "stop" }).ShouldStartWith("on_completion");
        Refused(Request with { IfNotExists = "stop" }).ShouldStartWith("if_not_exists");
        Refused(Request with { Durability = "stop" }).ShouldStartWith("durability");
        Refused(Request with { AfterSeconds = -1 }).ShouldStartWith("after_seconds");
        Refused(Request with { AfterSeconds = double.NaN }).ShouldStartWith("after_seconds");
        Refused(Request with { AfterSeconds = double.PositiveInfinity }).ShouldStartWith("after_seconds");
        Refused(Request with { AssistantId = null }).ShouldStartWith("assistant_id");
        Refused(Request with { AssistantId = "nobody" }).ShouldStartWith("assistant_id");
    }

    [Fact]
    public void Each_mount_has_its_defaults()
    {
        var platform = Build(Mount.Platform, Request);
        platform.StreamModes.ShouldBe(["values"]);
        (platform.MultitaskStrategy, platform.CreateThread, platform.RecursionLimit, platform.Durability)
            .ShouldBe((MultitaskStrategy.Enqueue, false, 25, Durability.Async));
        var gateway = Build(Mount.Gateway, new RunCreate());
        gateway.StreamModes.ShouldBe(["values", "messages-tuple"]);
        (gateway.MultitaskStrategy, gateway.CreateThread, gateway.RecursionLimit).ShouldBe((MultitaskStrategy.Reject, true, 100));
        Build(Mount.Gateway, Request with { StreamMode = JsonElement.Parse("""["messages","messages-tuple"]""") })
            .StreamModes.ShouldBe(["messages-tuple"]);
    }

    [Fact]
    public void Given_members_win_over_the_defaults()
    {
        var spec = Build(Mount.Platform, Request with
        {
            Config = JsonElement.Parse("""{"recursion_limit":7,"configurable":{"checkpoint_id":"c"}}"""),
            InterruptBefore = JsonElement.Parse("\"*\""),
            InterruptAfter = JsonElement.Parse("""["node"]"""),
            AfterSeconds = 1.5,
            CheckpointDuring = false,
        });
        (spec.RecursionLimit, spec.CheckpointId, spec.After, spec.Durability)
            .ShouldBe((7, "c", TimeSpan.FromSeconds(1.5), Durability.Exit));
        spec.InterruptBefore.IsAll.ShouldBeTrue();
        spec.InterruptAfter.Names.ShouldBe(["node"]);
        Build(Mount.Platform, Request, null).CreateThread.ShouldBeTrue();
    }

    private static RunSpec Build(Mount mount, RunCreate request) => Build(mount, request, Thread);

    private static RunSpec Build(Mount mount, RunCreate request, ThreadId? thread) =>
        new RunSpecBuilder(
            mount, Assistants, new RunsOptions(), new WeftServerOptions(), new WebhookAddresses(new WebhookOptions(), false, _ => false))
            .Build(request, thread, new HeaderDictionary(), isBackground: false);

    private static string Refused(RunCreate request)
    {
        var refused = Should.Throw<WeftException>(() => Build(Mount.Platform, request));
        return $"{refused.Field}: {refused.Message}";
    }
}
