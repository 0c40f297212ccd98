using System.Text.RegularExpressions;

namespace Weft.Server.Tests.Access;

/// <summary>
/// Requests with the ids of resources in path, query, body and header. <c>{thread}</c> and the like stand for ids. A route that is not
/// listed is called with an empty object, so that the ids in its path are tried.
/// </summary>
internal static partial class TenantRequests
{
    private const string Run = """{"assistant_id":"echo","input":{}}""";
    private const string RunOfAssistant = """{"assistant_id":"{assistant}","input":{}}""";
    private const string Schedule = "\"schedule\":\"0 0 1 1 *\",\"input\":{\"messages\":[]}";

    private static readonly string[] Runs =
    [
        Run, RunOfAssistant,
        """{"assistant_id":"echo","input":{},"checkpoint_id":"{checkpoint}"}""",
        """{"assistant_id":"echo","input":{},"checkpoint":{"checkpoint_id":"{checkpoint}","thread_id":"{thread}"}}""",
        """{"assistant_id":"echo","input":{},"if_not_exists":"create"}""",
    ];

    private static readonly Dictionary<string, string[]> Bodies = new()
    {
        ["POST /threads/search"] = ["""{"ids":["{thread}"]}""", """{"metadata":{"assistant_id":"{assistant}"}}"""],
        ["POST /threads/count"] = ["""{"metadata":{"assistant_id":"{assistant}"}}"""],
        ["POST /threads/prune"] = ["""{"thread_ids":["{thread}"]}""", """{"thread_ids":["{thread}"],"strategy":"keep_latest"}"""],
        ["PATCH /threads/{thread}"] = ["""{"metadata":{"a":1}}"""],
        ["POST /threads/{thread}/state"] = ["""{"values":{}}""", """{"values":{},"checkpoint":{"checkpoint_id":"{checkpoint}"}}"""],
        ["PATCH /threads/{thread}/state"] = ["""{"metadata":{"a":1}}"""],
        ["POST /threads/{thread}/state/checkpoint"] = ["""{"checkpoint":{"checkpoint_id":"{checkpoint}"}}"""],
        ["POST /threads/{thread}/history"] = ["{}", """{"before":{"configurable":{"checkpoint_id":"{checkpoint}"}}}"""],
        ["POST /threads/{thread}/stream/events"] = ["""{"channels":["lifecycle"]}"""],
        ["POST /threads/{thread}/commands"] =
        [
            """{"id":1,"method":"state.get","params":{}}""",
            """{"id":1,"method":"state.listCheckpoints","params":{}}""",
            """{"id":1,"method":"state.fork","params":{"checkpoint_id":"{checkpoint}"}}""",
            """{"id":1,"method":"agent.getTree","params":{"run_id":"{run}"}}""",
            """{"id":1,"method":"input.inject","params":{"message":{"role":"user","content":"x"}}}""",
            """{"id":1,"method":"run.start","params":{"assistant_id":"{assistant}","input":{}}}""",
        ],
        ["POST /threads/{thread}/runs"] = Runs,
        ["POST /threads/{thread}/runs/stream"] = Runs,
        ["POST /threads/{thread}/runs/wait"] = Runs,
        ["POST /runs"] = [RunOfAssistant],
        ["POST /runs/stream"] = [RunOfAssistant],
        ["POST /runs/wait"] = [RunOfAssistant],
        ["POST /threads/runs"] = [RunOfAssistant],
        ["POST /threads/runs/stream"] = [RunOfAssistant],
        ["POST /threads/runs/wait"] = [RunOfAssistant],
        ["POST /runs/batch"] = [$"[{RunOfAssistant}]"],
        ["POST /runs/cancel"] = ["""{"thread_id":"{thread}","run_ids":["{run}"]}"""],
        ["POST /runs/crons"] = [$$"""{{{Schedule}},"assistant_id":"{assistant}"}"""],
        ["POST /threads/{thread}/runs/crons"] =
            [$$"""{{{Schedule}},"assistant_id":"echo"}""", $$"""{{{Schedule}},"assistant_id":"{assistant}"}"""],
        ["PATCH /runs/crons/{cron}"] = ["""{"enabled":false}""", """{"assistant_id":"{assistant}"}"""],
        ["POST /runs/crons/search"] = ["""{"assistant_id":"{assistant}"}""", """{"thread_id":"{thread}"}"""],
        ["POST /runs/crons/count"] = ["""{"assistant_id":"{assistant}"}""", """{"thread_id":"{thread}"}"""],
        ["PATCH /assistants/{assistant}"] = ["""{"name":"x"}"""],
        ["POST /assistants/{assistant}/latest"] = ["""{"version":1}"""],
        ["POST /weft/runs/search"] =
            ["""{"thread_id":"{thread}"}""", """{"assistant_id":"{assistant}"}""", """{"metadata":{"assistant_id":"{assistant}"}}"""],
        ["POST /weft/runs/count"] = ["""{"thread_id":"{thread}"}""", """{"assistant_id":"{assistant}"}"""],
        ["POST /store/items/search"] = ["""{"namespace_prefix":["{namespace}"]}"""],
        ["POST /store/namespaces"] = ["""{"prefix":["{namespace}"]}"""],
        ["DELETE /store/items"] = ["""{"namespace":["{namespace}"],"key":"k"}"""],
        ["POST /ui/{assistant}"] = ["""{"name":"x"}"""],
        ["POST /agui/{assistant}"] =
        [
            """
            {"threadId":"{thread}","runId":"r","messages":[{"id":"m","role":"user","content":"x"}],"state":{},"tools":[],"context":[],
             "forwardedProps":{}}
            """,
        ],
        ["POST /a2a/{assistant}"] =
        [
            """{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"id":"{run}"}}""",
            """{"jsonrpc":"2.0","id":1,"method":"tasks/cancel","params":{"id":"{run}"}}""",
            """{"jsonrpc":"2.0","id":1,"method":"tasks/resubscribe","params":{"id":"{run}"}}""",
            """
            {"jsonrpc":"2.0","id":1,"method":"message/send","params":{"message":{"role":"user","messageId":"1","contextId":"{thread}",
             "parts":[{"kind":"text","text":"x"}]}}}
            """,
            """
            {"jsonrpc":"2.0","id":1,"method":"message/stream","params":{"message":{"role":"user","messageId":"1","taskId":"{run}",
             "parts":[{"kind":"text","text":"x"}]}}}
            """,
        ],
        ["POST /mcp"] = ["""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{assistant}"}}"""],
        ["POST /v1/responses"] =
        [
            """{"model":"echo","input":"x","previous_response_id":"{response}"}""", """{"model":"{assistant}","input":"x"}""",
            """{"model":"echo","input":"x","conversation":"{thread}"}""",
        ],
        ["POST /v1/chat/completions"] = ["""{"model":"{assistant}","messages":[{"role":"user","content":"x"}]}"""],
    };

    private static readonly Dictionary<string, string[]> Queries = new()
    {
        ["GET /threads/{thread}/history"] = ["?before={checkpoint}"],
        ["GET /weft/threads/{thread}/messages"] = ["", "?checkpoint_id={checkpoint}"],
        ["GET /runs/{run}/stream"] = ["", "?checkpoint_id={checkpoint}"],
        ["GET /store/items"] = ["?namespace={namespace}&key=k"],
        ["DELETE /assistants/{assistant}"] = ["?delete_threads=true"],
        ["GET /threads/{thread}/runs/{run}/stream"] =
            ["", "?cancel_on_disconnect=1", "?action=interrupt", "?checkpoint_id={checkpoint}&namespace="],
        ["POST /threads/{thread}/runs/{run}/stream"] = ["", "?action=interrupt"],
        ["POST /threads/{thread}/runs/{run}/cancel"] = ["", "?wait=1&action=rollback"],
    };

    /// <summary>Returns the requests to try on a route.</summary>
    /// <param name="method">The method.</param>
    /// <param name="pattern">The pattern of the route, with its mount.</param>
    public static IEnumerable<(string Path, string? Body)> Of(string method, string pattern)
    {
        var path = Parameter().Replace(pattern, static match => "{" + KindOf(match.Groups[1].Value) + "}");
        var route = $"{method} {Mounts().Replace(path, "")}";
        IReadOnlyList<string?> bodies = Bodies.TryGetValue(route, out var listed) ? listed
            : method is "POST" or "PATCH" or "PUT" ? ["{}"]
            : new string?[] { null };
        return
            from query in Queries.GetValueOrDefault(route, [""])
            from body in bodies
            select (path + query, body);
    }

    /// <summary>The kinds of ids in a request.</summary>
    public static string[] KindsOf(string request) => [.. Kind().Matches(request).Select(static match => match.Groups[1].Value).Distinct()];

    /// <summary>Puts ids into a text.</summary>
    public static string Fill(string text, Func<string, string> idOf) => Kind().Replace(text, match => idOf(match.Groups[1].Value));

    private static string KindOf(string parameter) => parameter switch
    {
        "thread_id" => "thread",
        "run_id" => "run",
        "assistant_id" or "model" => "assistant",
        "cron_id" => "cron",
        "checkpoint_id" => "checkpoint",
        "response_id" => "response",
        "feedback_id" => "feedback",
        _ => "namespace",
    };

    [GeneratedRegex(@"\{([a-z_]+)\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\{(thread|run|assistant|cron|checkpoint|response|feedback|namespace)\}")]
    private static partial Regex Kind();

    [GeneratedRegex("^/api(/langgraph(-compat)?)?(?=/)")]
    private static partial Regex Mounts();
}
