using System.Text.Json;

namespace Weft.Cluster.Tests;

/// <summary>Runs of the graph <c>ledger</c>.</summary>
internal static class LedgerRuns
{
    /// <param name="token">The entries of the run are <c>token:0</c> and so on.</param>
    /// <param name="steps">The number of nodes that the run executes.</param>
    /// <param name="ms">The milliseconds that each node takes.</param>
    /// <param name="more">Further members, beginning with a comma.</param>
    public static string Body(string token, int steps = 3, int ms = 20, string more = "") =>
        $$$"""
        {"assistant_id":"ledger","input":{"token":"{{{token}}}","steps":{{{steps}}},"ms":{{{ms}}}},
         "metadata":{"token":"{{{token}}}"},"stream_mode":["custom"]{{{more}}}}
        """;

    /// <summary>The entries that a run adds to the state, and to its stream.</summary>
    public static string[] Entries(string token, int steps = 3) => [.. Enumerable.Range(0, steps).Select(step => $"{token}:{step}")];

    /// <summary>The entries of all runs in the values of a thread.</summary>
    public static string[] Log(this JsonElement values) =>
        values.TryGetProperty("log", out var log) ? log.Strings() : [];

    /// <summary>The entries in a stream.</summary>
    public static string[] Entries(this IEnumerable<SseFrame> frames) =>
        [.. frames.Where(frame => frame.Event == "custom").Select(frame => frame.Json.GetString()!)];

    /// <summary>Creates a run in the background. Returns its path.</summary>
    public static async Task<string> CreateAsync(this Api api, string thread, string body) =>
        (await api.PostAsync($"/threads/{thread}/runs", body)).ShouldBeOk().RunPath;

    /// <summary>Waits until a run has written an event.</summary>
    public static async Task BeginsAsync(this Api api, string run)
    {
        using var stream = await api.JoinAsync(run + "/stream", ("Last-Event-ID", "-1"));
        await stream.UntilAsync("custom");
    }

    public static async Task<string> StatusAsync(this Api api, string path) => (await api.GetAsync(path)).ShouldBeOk().String("status");

    /// <summary>The entries in the state of a thread.</summary>
    public static async Task<string[]> LogAsync(this Api api, string thread) =>
        (await api.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("values").Log();
}
