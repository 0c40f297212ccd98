using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Server.Tests.BadInput;

/// <summary>Sends requests that are wrong, and collects what is wrong with their answers.</summary>
internal sealed class BadCaller(TestServer server, string mount) : IDisposable
{
    private const int FaultsMax = 100;

    private static readonly string[] Leaks = ["Exception", "   at ", "SQLite", "System.", "Weft.Runs", "Weft.Server"];

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    private readonly HttpClient _http = new()
    {
        BaseAddress = new Uri(server.Root.BaseAddress, mount + "/"),
        Timeout = TimeSpan.FromSeconds(60),
    };

    public List<string> Faults { get; } = [];

    public int Calls { get; private set; }

    public GoodPlaces Places { get; } = new(mount.Length == 0 ? server.Root : server.Gateway);

    /// <summary>Returns the operations that this mount has.</summary>
    public async Task<List<ApiOperation>> OperationsAsync()
    {
        var document = (await server.Root.GetAsync("/openapi.json")).ShouldBeOk().Json;
        return
        [
            .. ApiOperation.All(document)
                .Where(operation => operation.Path.StartsWith("/api/", StringComparison.Ordinal) == (mount.Length > 0)),
        ];
    }

    /// <summary>Makes the resources that the operation needs.</summary>
    public Task BeginAsync(ApiOperation operation) =>
        operation.Path.Contains('{', StringComparison.Ordinal) || Calls == 0 ? Places.MakeAsync() : Task.CompletedTask;

    public async Task RefusesAsync(ApiOperation operation, string[] field, string body, string what)
    {
        var (status, text) = await SendAsync(operation, "", body, $"{string.Join('.', field)} {what}");
        Check(operation, field, status, text, what);
    }

    public async Task RefusesQueryAsync(ApiOperation operation, string name, JsonElement schema)
    {
        if (schema.TryGetProperty("type", out var type) && type.GetRawText() is "\"integer\"" or "\"number\"" or "\"boolean\"")
        {
            var others = operation.Query().Where(other => other.IsRequired && other.Name != name).Select(other => $"&{other.Name}=x");
            // The body may have the same field, which then counts.
            var body = Places.ExampleOf(operation) is JsonObject example ? Without(example, [name]) : "{}";
            var (status, text) = await SendAsync(operation, $"?{name}=wrong{string.Concat(others)}", body, $"{name} is wrong");
            Check(operation, [name], status, text, "is wrong");
        }
    }

    /// <summary>Nothing has the id, so the operation finds nothing, or refuses the id.</summary>
    public async Task FindsNothingAsync(ApiOperation operation, string name, string id)
    {
        var body = Places.ExampleOf(operation).ToJsonString();
        var (status, text) = await SendAsync(operation, "", body, $"{name} in the path is {id}", (name, id));
        if (status is not (400 or 404 or 422))
        {
            AddFault($"{operation} where {name} in the path is {id}: {status} {text}");
        }
    }

    /// <summary>Sends a request. Whatever it contains, the answer is one of the protocol.</summary>
    public async Task<(int Status, string Text)> SendAsync(
        ApiOperation operation, string query, string body, string what, (string Name, string Value)? wrong = null)
    {
        Calls++;
        var path = Places.PathOf(operation.Path, wrong)[mount.Length..].TrimStart('/');
        using var request = new HttpRequestMessage(operation.Method, path + query);
        if (operation.Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        using var response = await _http
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken)
            .Within($"the answer to {operation}");
        var status = (int)response.StatusCode;
        if (status < 400)
        {
            // The rest of an answer, such as a stream, is other tests' concern.
            return (status, "");
        }

        var text = await response.Content
            .ReadAsStringAsync(TestContext.Current.CancellationToken)
            .Within($"the rest of the answer to {operation}");
        // The HTTP server itself refuses a path with a null character.
        var isOfHttp = status == 400 && text.Length == 0 && path.Contains("%00", StringComparison.Ordinal);
        if (status >= 500 || (!IsError(text) && !isOfHttp) || Array.Exists(Leaks, leak => text.Contains(leak, StringComparison.Ordinal)))
        {
            AddFault($"{operation} where {what}: {status} {text}");
        }

        return (status, text);
    }

    /// <summary>Returns a body with another value of one field, which may be inside of objects.</summary>
    public static string With(JsonNode example, string[] field, string json)
    {
        var parent = ParentOf(example, field);
        parent[field[^1]] = "\u0001";
        // Not all of these values can be made as a node.
        return example.ToJsonString().Replace("\"\\u0001\"", json, StringComparison.Ordinal);
    }

    /// <summary>Returns a body without one field.</summary>
    public static string Without(JsonNode example, string[] field)
    {
        ParentOf(example, field).Remove(field[^1]);
        return example.ToJsonString();
    }

    private static JsonObject ParentOf(JsonNode example, string[] field)
    {
        // A list of bodies has one.
        var parent = (example is JsonArray list ? list[0]! : example).AsObject();
        foreach (var name in field[..^1])
        {
            if (parent[name] is not JsonObject inner)
            {
                parent[name] = inner = [];
            }

            parent = inner;
        }

        return parent;
    }

    public void Dispose() => _http.Dispose();

    private void Check(ApiOperation operation, string[] field, int status, string text, string what)
    {
        if (status == 404 && Places.HasUnknown(operation.Path))
        {
            // The resource is looked for before the body is read.
            return;
        }

        if (status is not (400 or 422))
        {
            AddFault($"{operation} where {string.Join('.', field)} {what}: {status} {text}");
        }
        else if (!Array.Exists(field, name => text.Contains(name, StringComparison.Ordinal)))
        {
            AddFault($"{operation} where {string.Join('.', field)} {what}: the error does not name it: {text}");
        }
    }

    private static bool IsError(string text)
    {
        try
        {
            var json = JsonElement.Parse(text);
            return json.TryGetProperty("detail", out _) || json.TryGetProperty("error", out _);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private void AddFault(string fault)
    {
        // One field of one operation is told once.
        if (Faults.Count < FaultsMax && _told.Add(fault.Split(" is ", 2)[0]))
        {
            Faults.Add(fault.Length > 400 ? fault[..400] : fault);
        }
    }
}
