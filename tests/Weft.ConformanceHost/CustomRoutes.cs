using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.ConformanceHost;

/// <summary>Routes and middleware of the user's own, in front of the API, as any application would add them.</summary>
internal static class CustomRoutes
{
    private const string ConfigurableHeader = "x-configurable-header";

    /// <summary>Marks every response, answers requests that ask to be interrupted, and gives a header to runs as configuration.</summary>
    public static void UseCustomMiddleware(this WebApplication app)
    {
        app.Use((http, next) =>
        {
            http.Response.Headers["x-js-middleware"] = "true";
            if (http.Request.QueryString.HasValue && http.Request.Query.ContainsKey("interrupt"))
            {
                return http.Response.WriteAsJsonAsync(new { status = "interrupted" }, http.RequestAborted);
            }

            // Nothing else for most requests, because the load tests measure this host.
            return http.Request.Headers[ConfigurableHeader] is [{ } value, ..] && CreatesRun(http.Request)
                ? ConfiguredAsync(http, value, next)
                : next(http);
        });
    }

    public static void MapCustomRoutes(this WebApplication app)
    {
        JsonElement? webhookPayload = null;
        app.MapGet("/custom/my-route", (HttpContext http) =>
        {
            if (http.Request.Headers["x-custom-input"] is [{ } input, ..])
            {
                http.Response.Headers["x-custom-output"] = input;
            }

            return Results.Json(new { foo = "bar" });
        });
        app.MapGet("/runs/afakeroute", () => Results.Json(new { foo = "afakeroute" }));
        app.MapGet("/custom/error", () => Results.BadRequest(new { error = "custom error" }));
        app.MapGet("/custom/streaming", StreamAsync);
        app.MapPost("/custom/webhook", (JsonElement payload) =>
        {
            webhookPayload = payload;
            return Results.Json(new { status = "success" });
        });
        app.MapGet("/custom/webhook-payload", () => Results.Json(webhookPayload));
        app.MapGet("/custom/client", CallOwnServerAsync);
    }

    private static bool CreatesRun(HttpRequest request)
    {
        var path = request.Path.Value!.TrimEnd('/');
        return HttpMethods.IsPost(request.Method)
            && (path.EndsWith("/runs", StringComparison.Ordinal) || path.EndsWith("/runs/stream", StringComparison.Ordinal)
                || path.EndsWith("/runs/wait", StringComparison.Ordinal) || path.EndsWith("/runs/batch", StringComparison.Ordinal));
    }

    private static async Task ConfiguredAsync(HttpContext http, string value, RequestDelegate next)
    {
        await ConfigureAsync(http.Request, value, http.RequestAborted);
        await next(http);
    }

    private static async Task ConfigureAsync(HttpRequest request, string value, CancellationToken cancellationToken)
    {
        var original = new MemoryStream();
        await request.Body.CopyToAsync(original, cancellationToken);
        var body = original.ToArray();
        try
        {
            var json = JsonNode.Parse(body);
            if (json is JsonArray batch)
            {
                foreach (var run in batch)
                {
                    Configure(run as JsonObject, value);
                }
            }
            else
            {
                Configure(json as JsonObject, value);
            }

            body = JsonSerializer.SerializeToUtf8Bytes(json);
        }
        catch (JsonException)
        {
            // Not for us to refuse.
        }

        request.Body = new MemoryStream(body);
        request.ContentLength = body.Length;
    }

    private static void Configure(JsonObject? run, string value)
    {
        if (run is null)
        {
            return;
        }

        if (run["config"] is not JsonObject config)
        {
            run["config"] = config = [];
        }

        if (config["configurable"] is not JsonObject configurable)
        {
            config["configurable"] = configurable = [];
        }

        configurable[ConfigurableHeader] ??= value;
    }

    private static async Task StreamAsync(HttpContext http)
    {
        http.Response.ContentType = "text/plain";
        for (var count = 0; count < 4; count++)
        {
            await http.Response.WriteAsync($"Count: {count}\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await Task.Delay(TimeSpan.FromMilliseconds(10), http.RequestAborted);
        }
    }

    /// <summary>Runs a graph by a call of this very server.</summary>
    private static async Task CallOwnServerAsync(HttpContext http)
    {
        var address = new UriBuilder(
            Uri.UriSchemeHttp, http.Connection.LocalIpAddress!.ToString(), http.Connection.LocalPort, "/runs/wait").Uri;
        using var client = new HttpClient();
        var run = new { assistant_id = "agent_simple", input = new { messages = new[] { new { role = "human", content = "input" } } } };
        using var response = await client.PostAsJsonAsync(address, run, http.RequestAborted);
        response.EnsureSuccessStatusCode();
        await http.Response.WriteAsJsonAsync(
            new { result = await response.Content.ReadFromJsonAsync<JsonElement>(http.RequestAborted) }, http.RequestAborted);
    }
}
