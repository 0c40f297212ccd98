using System.Text.Json.Nodes;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>A trace of either side as lines that can be compared.</summary>
internal static class TraceLines
{
    /// <summary>The stream of a step, each namespace by itself.</summary>
    public static IEnumerable<string> Stream(JsonArray stream, JsonNode step)
    {
        var lenient = step["op"]!["durability"]?.ToString() == "exit";
        foreach (var ofNamespace in stream.GroupBy(part => string.Join('|', part![0]!.AsArray())).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            yield return $"[{ofNamespace.Key}]";
            foreach (var line in Arrange(Paused([.. ofNamespace.Select(part => (part![1]!.ToString(), part[2]))], step["error"] is not null), lenient))
            {
                yield return line;
            }
        }
    }

    /// <summary>
    /// docs/protocol/state.md E4: a head's values are those of the last superstep that ended, and <c>next</c> lists all
    /// of the open one. JS adds the writes of tasks that finished and leaves tasks out of <c>next</c> that finished or
    /// have an answer, so both are not compared where a superstep is <paramref name="open"/>.
    /// </summary>
    public static IEnumerable<string> State(JsonObject state, Func<JsonObject, bool>? open = null, string indent = "")
    {
        var values = open?.Invoke(state) is true ? "" : $"next {OracleJson.Write(state["next"])} {OracleJson.Write(state["values"])}";
        yield return $"{indent}{state["ns"]} #{state["checkpoint"]}<-{state["parent"]} {Metadata(state["metadata"])} {values}";
        foreach (var task in state["tasks"]!.AsArray())
        {
            yield return $"{indent}  {Task(task!)}";
            if (Nested(task!) is { } nested)
            {
                foreach (var line in State(nested, open, indent + "    "))
                {
                    yield return line;
                }
            }
        }
    }

    /// <summary>
    /// The state of the graph in a task, once there is some. Of a task that failed JS says nothing of it.
    /// </summary>
    public static JsonObject? Nested(JsonNode task) =>
        task["state"] is JsonObject nested
            && nested["tasks"] is not null && nested["checkpoint"] is not null
            && (task["error"] is null || task["result"] is not null)
            ? nested
            : null;

    /// <summary>
    /// docs/protocol/streaming.md D3: a pause is one event of the full state with all interrupts. JS sends the
    /// interrupts of each task alone, and what finished siblings wrote in one more event; also when the run fails and
    /// does not pause.
    /// </summary>
    private static List<(string Mode, JsonNode? Data)> Paused(List<(string Mode, JsonNode? Data)> parts, bool fails)
    {
        var pause = parts.FindIndex(IsPause);
        if (pause < 0)
        {
            return parts;
        }

        if (fails)
        {
            return [.. parts.Where(part => !IsPause(part))];
        }

        var state = parts.LastOrDefault(part => part.Mode == "checkpoints").Data?["values"] as JsonObject;
        state = state?.DeepClone().AsObject() ?? [];
        state["__interrupt__"] = Interrupts(parts.Where(IsPause).SelectMany(part => part.Data!["__interrupt__"]!.AsArray()));
        return [.. parts.Where((part, index) => index < pause || part.Mode != "values"), ("values", state)];
    }

    private static bool IsPause((string Mode, JsonNode? Data) part) =>
        part is { Mode: "values", Data: JsonObject state } && state.ContainsKey("__interrupt__");

    private static JsonArray Interrupts(IEnumerable<JsonNode?> interrupts) =>
        [.. interrupts.Select(interrupt => interrupt!.DeepClone()).OrderBy(OracleJson.Write, StringComparer.Ordinal)];

    /// <summary>What tasks of one superstep send comes in the order in which they finish, so here in any.</summary>
    private static IEnumerable<string> Arrange(List<(string Mode, JsonNode? Data)> parts, bool lenient)
    {
        var ofSuperstep = new List<string>();
        string? told = null;
        foreach (var (mode, data) in parts)
        {
            var line = $"{mode} {Data(mode, data, lenient)}";
            if (mode == "debug")
            {
                // The payload is what the other modes tell; that it comes right after is what both have.
                line = $"debug {data!["type"]} {data["step"]} of {told?[..Math.Min(told.Length, 40)]}";
            }
            else
            {
                told = line;
            }

            if (mode is "values" or "checkpoints" || (mode == "debug" && data!["type"]!.ToString() == "checkpoint"))
            {
                foreach (var earlier in ofSuperstep.Order(StringComparer.Ordinal))
                {
                    yield return earlier;
                }

                ofSuperstep.Clear();
                yield return line;
            }
            else
            {
                ofSuperstep.Add(line);
            }
        }

        foreach (var earlier in ofSuperstep.Order(StringComparer.Ordinal))
        {
            yield return earlier;
        }
    }

    private static string Data(string mode, JsonNode? data, bool lenient) => mode switch
    {
        "checkpoints" =>
            $"{(lenient ? Made(data!["metadata"]) : $"#{data!["checkpoint"]}<-{data["parent"]} {Metadata(data["metadata"])}")} {OracleJson.Write(data["values"])} {string.Join("; ", data["tasks"]!.AsArray().Select(task => Task(task!, told: true)).Order(StringComparer.Ordinal))}",
        "tasks" when data!["triggers"] is not null =>
            $"{data["id"]} {data["name"]} start {OracleJson.Write(data["triggers"])} {Input(data["input"])}",
        "tasks" => $"{data!["id"]} {data["name"]} {Error(data["error"])} {Result(data["result"])} {OracleJson.Write(data["interrupts"])}",
        "updates" => OracleJson.Write(data!.AsObject().ContainsKey("__interrupt__") ? data : OracleJson.NothingAsNull(data)),
        "messages" => Message(data!),
        "tools" when data!["error"] is { } error => $"{data["event"]} {data["toolCallId"]} {data["name"]} {Error(error)}",
        _ => OracleJson.Write(data),
    };

    /// <summary>A durable step closes over what it needs; in JS a task has arguments.</summary>
    private static string Input(JsonNode? input) => input is JsonArray ? "" : OracleJson.Write(input);

    /// <summary>JS names the channel of what a function returned.</summary>
    private static string Result(JsonNode? result) =>
        OracleJson.Write(result is JsonObject { Count: 1 } whole && whole.ContainsKey("__end__") ? whole["__end__"] : result);

    private static string Message(JsonNode tuple) =>
        $"{tuple[0]!["type"]} {OracleJson.Write(tuple[0])} {string.Join(' ', new[] { "langgraph_node", "langgraph_step", "langgraph_triggers", "langgraph_path", "langgraph_checkpoint_ns" }.Select(member => OracleJson.Write(tuple[1]![member])))}";

    /// <summary>The checkpoints of the graphs around this one; its own is at hand elsewhere.</summary>
    private static string Metadata(JsonNode? metadata) =>
        metadata is null ? "" : $"{Made(metadata)} in {OracleJson.Write(metadata["parents"])}";

    private static string Made(JsonNode? metadata) => $"{metadata?["source"]} {metadata?["step"]}";

    /// <summary>
    /// A task that finished shows no interrupt or error that it had before; JS keeps showing them. Writing nothing is
    /// no result in JS, {} here. A checkpoint that is told of lists them in JS by name, else in the order of the graph.
    /// When a run goes on, JS tells the checkpoint with the questions that are being answered, here without.
    /// </summary>
    private static string Task(JsonNode task, bool told = false)
    {
        var result = task["result"] is null or JsonObject { Count: 0 } ? null : OracleJson.Write(task["result"]);
        var interrupts = result is null && !told ? OracleJson.Write(task["interrupts"]) : "";
        var error = result is null ? Error(task["error"]) : "";
        return $"{task["id"]} {task["name"]} {OracleJson.Write(task["path"])} {error} {interrupts} {result} {(error.Length == 0 ? Inside(task["state"]) : "")}".TrimEnd();
    }

    /// <summary>
    /// Names only: a subgraph that keeps its state over the calls is in JS referred to under the task, and found
    /// without.
    /// </summary>
    private static string Inside(JsonNode? state) => state is null || (state["tasks"] is not null && state["checkpoint"] is null)
        ? ""
        : string.Join('|', state["ns"]!.ToString().Split('|').Select(segment => segment.Split(':')[0]));

    /// <summary>Here an error is its message (E1), in JS an object. Of a message, the first sentence.</summary>
    private static string Error(JsonNode? error) => error switch
    {
        null => "",
        JsonObject thrown => $"failed: {FirstSentence(thrown["message"]!.ToString())}",
        _ => $"failed: {FirstSentence(error.ToString())}",
    };

    private static string FirstSentence(string message) =>
        message.Contains("took longer than", StringComparison.Ordinal)
            || message.Contains("exceeded its run timeout", StringComparison.Ordinal)
            ? "too long"
            : message.Split('.', '\n')[0];
}
