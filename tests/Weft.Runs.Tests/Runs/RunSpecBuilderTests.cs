using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs.Tests.Runs;

/// <summary>
/// What a request for a run leaves open is filled in, and what is wrong with it is said by field (docs/protocol/runs.md B5).
/// </summary>
public sealed class RunSpecBuilderTests
{
    private static readonly AssistantDirectory Assistants = new(
        [new GraphRegistration
        {
            GraphId = "talk",
            Graph = new StateGraph().AddChannel(Channel.LastValue<int>("number")).AddNode("node", _ => StateUpdate.None).AddEdge(StateGraph.Start, "node").Compile(),
        }],
        TimeProvider.System);

    private static readonly RunSpecBuilder Specs = new(Assistants, new RunsOptions());

    private static RunRequest Request => new() { ThreadId = new ThreadId("t"), Defaults = RunDefaults.Platform, AssistantId = "talk" };

    public static TheoryData<string, string> Wrong => new()
    {
        { "input", """{"input":[1]}""" },
        { "command", """{"command":7}""" },
        { "command", """{"command":{"goto":"nobody"}}""" },
        { "command", """{"command":{"goto":{"no":"node"}}}""" },
        { "command", """{"command":{"update":{"number":"three"}}}""" },
        { "metadata", """{"metadata":[]}""" },
        { "config", """{"config":"small"}""" },
        { "config.recursion_limit", """{"config":{"recursion_limit":0}}""" },
        { "config.recursion_limit", """{"config":{"recursion_limit":2.5}}""" },
        { "config.recursion_limit", """{"config":{"recursion_limit":1000000}}""" },
        { "config.configurable.checkpoint_id", """{"config":{"configurable":{"checkpoint_id":7}}}""" },
        { "checkpoint.checkpoint_id", """{"checkpoint":{"checkpoint_id":7}}""" },
        { "checkpoint", """{"checkpoint":"c"}""" },
        { "interrupt_before", """{"interrupt_before":"node"}""" },
        { "interrupt_after", """{"interrupt_after":[1]}""" },
        { "stream_mode", """{"stream_mode":"everything"}""" },
        { "stream_mode", """{"stream_mode":[1]}""" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_field_that_is_wrong_is_named(string field, string body)
    {
        var json = JsonElement.Parse(body);
        JsonElement? Member(string name) => json.TryGetProperty(name, out var value) ? value : null;
        var refused = Should.Throw<WeftException>(() => Resolve(Request with
        {
            Input = Member("input"),
            Command = Member("command"),
            Metadata = Member("metadata"),
            Config = Member("config"),
            Checkpoint = Member("checkpoint"),
            InterruptBefore = Member("interrupt_before"),
            InterruptAfter = Member("interrupt_after"),
            StreamMode = Member("stream_mode"),
        }));
        (refused.Kind, refused.Field).ShouldBe((ProblemKind.Invalid, field));
    }

    [Fact]
    public void A_choice_that_there_is_not_is_named_with_those_that_there_are()
    {
        Refused(Request with { MultitaskStrategy = "wait" }).ShouldBe("multitask_strategy: 'wait' is none of reject, rollback, interrupt, enqueue.");
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
        var platform = Specs.Build(Request);
        platform.StreamModes.ShouldBe(["values"]);
        (platform.MultitaskStrategy, platform.CreateThread, platform.RecursionLimit, platform.Durability).ShouldBe((MultitaskStrategy.Enqueue, false, 25, Durability.Async));
        var contract = Specs.Build(Request with { Defaults = RunDefaults.Contract, AssistantId = null });
        contract.StreamModes.ShouldBe(["values", "messages-tuple"]);
        (contract.MultitaskStrategy, contract.CreateThread, contract.RecursionLimit).ShouldBe((MultitaskStrategy.Reject, true, 100));
        Specs.Build(Request with { Defaults = RunDefaults.Contract, StreamMode = JsonElement.Parse("""["messages","messages-tuple"]""") }).StreamModes.ShouldBe(["messages-tuple"]);
    }

    [Fact]
    public void What_is_given_is_taken()
    {
        var spec = Specs.Build(Request with
        {
            Config = JsonElement.Parse("""{"recursion_limit":7,"configurable":{"checkpoint_id":"c"}}"""),
            InterruptBefore = JsonElement.Parse("\"*\""),
            InterruptAfter = JsonElement.Parse("""["node"]"""),
            AfterSeconds = 1.5,
            CheckpointDuring = false,
        });
        (spec.RecursionLimit, spec.CheckpointId, spec.After, spec.Durability).ShouldBe((7, "c", TimeSpan.FromSeconds(1.5), Durability.Exit));
        spec.InterruptBefore.IsAll.ShouldBeTrue();
        spec.InterruptAfter.Names.ShouldBe(["node"]);
        Specs.Build(Request with { ThreadId = null }).CreateThread.ShouldBeTrue();
    }

    private static RunSpec Resolve(RunRequest request) => new RunPlanner(Assistants).Resolve(new Actor("me"), Specs.Build(request), null).Spec;

    private static string Refused(RunRequest request)
    {
        var refused = Should.Throw<WeftException>(() => Specs.Build(request));
        return $"{refused.Field}: {refused.Message}";
    }
}
