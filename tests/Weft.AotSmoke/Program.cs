using System.Net.Http;
using System.Text;
using System.Text.Json;
using Weft.AotSmoke;

// With settings, such as --urls and --Weft:Sqlite:Path, it is a server, to be measured.
if (args.Length > 0)
{
    await SmokeServer.Create(args).RunAsync();
    return;
}

// Otherwise it calls a server of its own, and prints what does not differ from one time to the next. Each call has another
// server, so that every state comes from the database.
var folder = Directory.CreateTempSubdirectory("weft-aot-");
try
{
    var trip = await CreateThreadAsync();
    await RunAsync(
        trip,
        """{"assistant_id":"trip","input":{},"stream_mode":["values","updates","tasks","checkpoints","debug"],"stream_resumable":true}""");
    await RunAsync(trip, """{"assistant_id":"trip","command":{"resume":"yes"}}""");
    var essay = await CreateThreadAsync();
    await RunAsync(essay, """{"assistant_id":"essay","input":{"City":"Oslo","Stops":[]}}""");
    await RunAsync(essay, """{"assistant_id":"essay","command":{"resume":"fine"}}""");
    var tour = await CreateThreadAsync();
    await RunAsync(tour, """{"assistant_id":"tour","input":{"plan":{"city":"Oslo","stops":["fjord","opera"]}}}""");
    await RunAsync(tour, """{"assistant_id":"tour","command":{"resume":{"city":"Bergen","stops":[]}}}""");
    var plan = await CallAsync(
        HttpMethod.Post, "/runs/wait", """{"assistant_id":"planner","input":{"messages":"Oslo?"}}""");
    var planned = JsonElement.Parse(plan);
    Console.WriteLine($"{planned.GetProperty("structured_response")} {planned.GetProperty("messages")[2].GetProperty("content")}");
    Console.WriteLine(await CallAsync(
        HttpMethod.Post,
        "/runs/wait",
        """{"assistant_id":"stay","input":{"plan":{"city":"Oslo","stops":[]}},"context":{"name":"Ada"}}"""));
    Console.WriteLine(await CallAsync(
        HttpMethod.Post, "/runs/wait", """{"assistant_id":"plans","input":{"plan":{"City":"Oslo","stops":["fjord"]}}}"""));
    Console.WriteLine(await CallAsync(HttpMethod.Get, "/assistants/trip/schemas", null));
    Console.WriteLine(await CallAsync(HttpMethod.Get, "/assistants/tour/schemas", null));
    Console.WriteLine(await CallAsync(HttpMethod.Get, "/openapi.json", null));
}
finally
{
    folder.Delete(recursive: true);
}

async Task<string> CreateThreadAsync() =>
    JsonElement.Parse(await CallAsync(HttpMethod.Post, "/threads", "{}")).GetProperty("thread_id").GetString()!;

async Task RunAsync(string thread, string body)
{
    await CallAsync(HttpMethod.Post, $"/threads/{thread}/runs/wait", body);
    var state = JsonElement.Parse(await CallAsync(HttpMethod.Get, $"/threads/{thread}/state", null));
    var questions = state.GetProperty("interrupts").EnumerateArray().Select(interrupt => interrupt.GetProperty("value").GetRawText());
    Console.WriteLine(string.Join(' ', [$"{state.GetProperty("next")}", $"{state.GetProperty("values")}", .. questions]));
}

async Task<string> CallAsync(HttpMethod method, string path, string? body)
{
    await using var server = SmokeServer.Create(
        "--urls",
        "http://127.0.0.1:0",
        "--Weft:Sqlite:Path",
        Path.Combine(folder.FullName, "weft.db"),
        "--Weft:Runs:RunTimeout",
        "00:01:00");
    await server.StartAsync();
    var address = server.Urls.First();
    using var client = new HttpClient();
    using var request = new HttpRequestMessage(method, address + path);
    request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
    using var response = await client.SendAsync(request);
    var answer = await response.Content.ReadAsStringAsync();
    await server.StopAsync();
    return response.IsSuccessStatusCode
        ? answer.Replace(address, "http://server", StringComparison.Ordinal)
        : throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode} {answer}");
}
