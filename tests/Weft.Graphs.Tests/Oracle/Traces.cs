using System.Text.Json.Nodes;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>Compares what Weft does in a scenario with its recording.</summary>
internal static class Traces
{
    public static TheoryData<string> Of(string theme) =>
        [
            .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "recordings", theme), "*.json")
                .Select(file => Path.GetFileNameWithoutExtension(file))
                .Order(StringComparer.Ordinal),
        ];

    public static string FileOf(string theme, string scenario) =>
        Path.Combine(AppContext.BaseDirectory, "recordings", theme, scenario + ".json");

    /// <summary>Compares; of a scenario that is known to differ, that it does.</summary>
    /// <param name="theme">The folder of recordings.</param>
    /// <param name="scenario">The recording.</param>
    /// <param name="build">Builds the graph afresh.</param>
    /// <param name="departures">
    /// Where Weft follows the rule of the protocol, or Python, and not the JS library: the scenario, and why.
    /// </param>
    public static async Task CompareAsync(
        string theme, string scenario, Func<string, OracleGraph> build, IReadOnlyDictionary<string, string> departures)
    {
        if (departures.TryGetValue(scenario, out var why))
        {
            // A departure that is none any more is to be taken off the list.
            (await Record.ExceptionAsync(() => CompareAsync(theme, scenario, build)))
                .ShouldNotBeNull($"{scenario} agrees with the library now; it was to differ: {why}");
            return;
        }

        await CompareAsync(theme, scenario, build);
    }

    private static async Task CompareAsync(string theme, string scenario, Func<string, OracleGraph> build)
    {
        var recording = JsonNode.Parse(
            await File.ReadAllTextAsync(FileOf(theme, scenario), TestContext.Current.CancellationToken))!.AsObject();
        var (theirs, theirOuter) = (Recorded.Whole(recording), Recorded.WithoutSubgraphs(recording));
        JsonArray ops = [.. recording["steps"]!.AsArray().Select(step => step!["op"]!.DeepClone())];
        var ours = TraceIds.Name(await new TracePlay(build(scenario), subgraphs: true).PlayAsync(ops));
        var outer = TraceIds.Name(await new TracePlay(build(scenario), subgraphs: false).PlayAsync(ops));
        for (var i = 0; i < ops.Count; i++)
        {
            var at = $"{scenario}, step {i}: {ops[i]!.ToJsonString()}";
            var (their, our) = (theirs["steps"]![i]!, ours["steps"]![i]!);
            var (theirFailure, ourFailure) = (Failure(their["error"]), Failure(our["error"]));
            if (!theirFailure.StartsWith("failed", StringComparison.Ordinal) || ourFailure != "refused")
            {
                // What the engine refuses is here always told apart from what user code threw.
                Same(theirFailure, ourFailure, at);
            }

            Same(Text(TraceLines.Stream(their["stream"]!.AsArray(), their)), Text(TraceLines.Stream(our["stream"]!.AsArray(), our)), at);
            if (TraceOrder.IsOne(their["stream"]!.AsArray()))
            {
                Same(Text(TraceOrder.Of(their["stream"]!.AsArray())), Text(TraceOrder.Of(our["stream"]!.AsArray())), $"{at}, order");
            }

            Same(
                Text(TraceLines.Stream(theirOuter["steps"]![i]!["stream"]!.AsArray(), their)),
                Text(TraceLines.Stream(outer["steps"]![i]!["stream"]!.AsArray(), our)),
                $"{at}, without subgraphs");
            Same(Heads(their["head"], their), Heads(our["head"], their), $"{at}, head");
            Same(Heads(their["deepHead"] ?? their["head"], their), Heads(our["deepHead"], their), $"{at}, head with subgraphs");
        }

        foreach (var (ns, history) in theirs["histories"]!.AsObject().Where(history => IsReadable(history.Value)))
        {
            Same(History(history), History(ours["histories"]![ns]), $"{scenario}, history of '{ns}'");
        }
    }

    private static bool IsReadable(JsonNode? history) => history is JsonArray states && states.All(state => state!["tasks"] is not null);

    private static string History(JsonNode? history) =>
        Text((history as JsonArray ?? []).SelectMany(state => TraceLines.State(state!.AsObject())));

    /// <summary>Of a thread that the library can't read any more, nothing.</summary>
    private static string Heads(JsonNode? head, JsonNode their)
    {
        var theirHead = (their["deepHead"] ?? their["head"]) as JsonObject;
        return head is JsonObject state && theirHead?["tasks"] is not null
            ? Text(TraceLines.State(state, state => OpenIn(theirHead).Contains(state["ns"]!.ToString())))
            : "";
    }

    private static HashSet<string> OpenIn(JsonObject state) =>
    [
        .. state["tasks"]!.AsArray().Count == state["next"]!.AsArray().Count ? Array.Empty<string>() : [state["ns"]!.ToString()],
        .. state["tasks"]!.AsArray().Select(task => TraceLines.Nested(task!)).OfType<JsonObject>().SelectMany(OpenIn),
    ];

    private static string Failure(JsonNode? error) => (error?["name"]?.ToString()) switch
    {
        null => "",
        "GraphRecursionError" or nameof(GraphRecursionException) => "too many supersteps",
        "EmptyInputError" or nameof(EmptyInputException) => "no input",
        "NodeTimeoutError" => "failed: too long",
        "Error" or nameof(NodeFailedException) => $"failed: {error["message"]}",
        _ => "refused",
    };

    private static string Text(IEnumerable<string> lines) => string.Join('\n', lines);

    private static void Same(string theirs, string ours, string at)
    {
        if (theirs != ours)
        {
            Assert.Fail($"{at}\ntheirs:\n{theirs}\nours:\n{ours}");
        }
    }
}
