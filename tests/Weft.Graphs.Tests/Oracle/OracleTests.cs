using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>
/// Does what <c>tests/oracle/record.mjs</c> did with LangGraph for JavaScript, on the same graphs, and compares streams,
/// heads and histories. Where the library is known to differ, the protocol's rule is followed and said so.
/// </summary>
public sealed class OracleTests
{
    /// <summary>A task that a command's goto added is in the history of its checkpoint; JS leaves it out once it has run.</summary>
    private const string HistoryDeparture = "command_combined";

    /// <summary>Where Weft follows the rule of the protocol, or Python, and not the JS library; tested by hand elsewhere.</summary>
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["command_as_input"] =
            "C7: on a thread without checkpoint a command acts as input and runs the start; JS goes to the named node alone.",
        ["command_update_only_on_fresh_thread"] =
            "C7: on a thread without checkpoint an update acts as input; JS writes it and runs nothing.",
        ["command_resume_on_fresh_thread"] = "C7: a resume fails on a thread without checkpoint; JS writes an empty one.",
        ["update_with_finished_sibling"] = "JS loses what the finished sibling set off; E5 counts the sibling as done.",
        ["update_beside_finished_send"] = "As update_with_finished_sibling.",
        ["two_writes_to_last_value"] = "JS stops showing updates once it has failed; here both nodes had finished.",
        ["fork_at_interrupt_with_another_answer"] = "C6, G5: a fork forgets answers and takes the new one; JS gives the old answer again.",
    };

    public static TheoryData<string> Scenarios =>
        [
            .. Directory.EnumerateFiles(Folder, "*.json")
                .Select(file => Path.GetFileNameWithoutExtension(file))
                .Order(StringComparer.Ordinal),
        ];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "recordings");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Weft_does_what_the_js_library_did(string scenario)
    {
        if (Departures.TryGetValue(scenario, out var why))
        {
            // A departure that is none any more is to be taken off the list.
            (await Record.ExceptionAsync(() => CompareAsync(scenario)))
                .ShouldNotBeNull($"{scenario} agrees with the library now; it was to differ: {why}");
            return;
        }

        await CompareAsync(scenario);
    }

    private static async Task CompareAsync(string scenario)
    {
        var recording = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(Folder, scenario + ".json"), TestContext.Current.CancellationToken))!;
        var thread = new ThreadUnderTest(OracleGraphs.Build(scenario));
        foreach (var step in recording["steps"]!.AsArray())
        {
            var failure = await DoAsync(thread, step!["op"]!);
            var at = $"{scenario}, {step["op"]!.ToJsonString()}";
            if (step["error"]?.ToString() is { } error)
            {
                failure.ShouldNotBeNull(at);
                OursOf(error).ShouldContain(failure.GetType(), at);
            }
            else
            {
                failure.ShouldBeNull(at);
            }

            var ours = OracleStream.Ours(step["op"]!["do"] is null ? thread.Parts : []);
            Same(string.Join('\n', OracleStream.Theirs(step["stream"]!.AsArray(), step["head"])), string.Join('\n', ours), at);
            if (step["head"] is JsonObject head)
            {
                var heads = OracleState.Heads(head, await thread.HistoryAsync());
                Same(heads.Theirs, heads.Ours, at);
            }
        }

        if (scenario == HistoryDeparture)
        {
            return;
        }

        Same(
            string.Concat(recording["history"]!.AsArray().Select(entry => OracleState.Theirs(entry!))),
            string.Concat(OracleState.Ours(await thread.HistoryAsync())),
            scenario);
    }

    private static void Same(string theirs, string ours, string at)
    {
        if (theirs != ours)
        {
            Assert.Fail($"{at}\ntheirs:\n{theirs}\nours:\n{ours}");
        }
    }

    private static async Task<Exception?> DoAsync(ThreadUnderTest thread, JsonNode op)
    {
        var checkpointId = op["at"] is { } at ? (await thread.HistoryAsync())[at.GetValue<int>()].Checkpoint.Id : null;
        if (op["do"]?.ToString() == "update")
        {
            return await Record.ExceptionAsync(
                () => thread.UpdateAsync(op["values"]?.ToJsonString(), op["asNode"]?.ToString(), checkpointId));
        }

        var defaults = thread.Options;
        thread.Options = defaults with
        {
            CheckpointId = checkpointId,
            InterruptBefore = Selection(op["interruptBefore"]),
            InterruptAfter = Selection(op["interruptAfter"]),
            RecursionLimit = op["recursionLimit"]?.GetValue<int>() ?? defaults.RecursionLimit,
        };
        var input = op["command"] is { } command ? await CommandOfAsync(thread, command) : GraphInput.FromJson(Element(op["input"]));
        var failure = await Record.ExceptionAsync(() => thread.RunAsync(input));
        thread.Options = defaults;
        return failure;
    }

    private static async Task<GraphInput> CommandOfAsync(ThreadUnderTest thread, JsonNode command)
    {
        var resume = command["resume"];
        if (command["resumeByIndex"] is JsonObject byIndex)
        {
            // The library lists interrupts that are answered too; here the position counts those that are asked, or were.
            var interrupts = (await thread.StateAsync()).Interrupts.ToList();
            resume = new JsonObject(
                byIndex.Select(pair => KeyValuePair.Create(interrupts[int.Parse(pair.Key, null)].Id, pair.Value?.DeepClone())));
        }

        return new Command
        {
            Update = command["update"] is { } update ? StateUpdate.FromJson(thread.Graph.Schema, Element(update)) : null,
            Goto = [.. (command["goto"] as JsonArray ?? []).Select(to => (Destination)to!.ToString())],
            Resume = resume is null ? null : Element(resume),
        };
    }

    private static NodeSelection Selection(JsonNode? nodes) => nodes switch
    {
        null => NodeSelection.None,
        JsonArray names => NodeSelection.Of(names.Select(name => name!.ToString())),
        _ => NodeSelection.All,
    };

    private static JsonElement Element(JsonNode? node) => JsonElement.Parse(node?.ToJsonString() ?? "null");

    private static Type[] OursOf(string error) => error switch
    {
        "GraphRecursionError" => [typeof(GraphRecursionException)],
        "EmptyInputError" => [typeof(EmptyInputException)],
        "Error" => [typeof(NodeFailedException)],
        _ => [typeof(InvalidUpdateException), typeof(AmbiguousNodeException), typeof(UnknownNodeException)],
    };
}
