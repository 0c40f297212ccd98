using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weft.Server.Tests.BadInput;

/// <summary>Resources that exist, so that a request is refused for its bad input and nothing else.</summary>
internal sealed class GoodPlaces(Api api)
{
    private static readonly string[] References =
        ["checkpoint", "checkpoint_id", "command", "webhook", "after", "previous_response_id", "graph_id", "as_node", "if_not_exists"];

    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);

    public async Task MakeAsync()
    {
        var assistant = (await api.PostAsync("/assistants", """{"graph_id":"echo"}""")).ShouldBeOk().String("assistant_id");
        var thread = await api.NewThreadAsync();
        var ran = (await api.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).ShouldBeOk();
        var state = (await api.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;
        var cron = await api.PostAsync("/runs/crons", """{"assistant_id":"echo","schedule":"0 0 1 1 *","enabled":false}""");
        _ids["assistant_id"] = assistant;
        _ids["thread_id"] = thread;
        _ids["run_id"] = ran.RunId;
        _ids["checkpoint_id"] = state.CheckpointId();
        _ids["cron_id"] = cron.ShouldBeOk().String("cron_id");
        _ids["graph_id"] = "echo";
        _ids["namespace"] = "sub";
        _ids["file"] = "card.js";
    }

    /// <summary>Returns the path of an operation with ids that exist, as far as they are known.</summary>
    /// <param name="path">The path with its parameters in braces.</param>
    /// <param name="wrong">A parameter that has another value, and that value.</param>
    public string PathOf(string path, (string Name, string Value)? wrong = null)
    {
        if (wrong is { } given)
        {
            path = path.Replace($"{{{given.Name}}}", given.Value, StringComparison.Ordinal);
        }

        foreach (var (name, id) in _ids)
        {
            path = path.Replace($"{{{name}}}", id, StringComparison.Ordinal);
        }

        // What has no good place here is not found, after the request has been checked.
        return Regex.Replace(path, @"\{[^}]*\}", Guid.CreateVersion7().ToString());
    }

    /// <summary>Returns the example of an operation with ids that exist, and without what refers to something else.</summary>
    public JsonNode ExampleOf(ApiOperation operation)
    {
        var example = operation.Example;
        // A batch is a list of bodies.
        foreach (var body in (example is JsonArray list ? [.. list] : new JsonNode?[] { example }).OfType<JsonObject>())
        {
            foreach (var name in References)
            {
                body.Remove(name);
            }

            foreach (var (name, id) in new[] { ("assistant_id", "echo"), ("model", "echo"), ("thread_id", _ids["thread_id"]) })
            {
                if (body.ContainsKey(name))
                {
                    body[name] = id;
                }
            }
        }

        if (operation.Path.EndsWith("/assistants", StringComparison.Ordinal) && example is JsonObject assistant)
        {
            assistant["graph_id"] = "echo";
            assistant.Remove("assistant_id");
        }

        return example;
    }

    /// <summary>Whether a path has a parameter for which no id is known.</summary>
    public bool HasUnknown(string path) =>
        path.Split('/').Any(segment => segment.StartsWith('{') && !_ids.ContainsKey(segment.Trim('{', '}')));

    /// <summary>Returns how many resources of each kind there are.</summary>
    public async Task<string> CountAsync()
    {
        var items = await api.PostAsync("/store/items/search", """{"namespace_prefix":[],"limit":1000}""");
        return string.Join(
            ' ',
            (await api.PostAsync("/threads/count", "{}")).Text,
            (await api.PostAsync("/assistants/count", "{}")).Text,
            (await api.PostAsync("/runs/crons/count", "{}")).Text,
            items.Json.GetProperty("items").GetArrayLength());
    }
}
