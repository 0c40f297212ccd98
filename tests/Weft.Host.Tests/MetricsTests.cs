using System.Net;

namespace Weft.Host.Tests;

/// <summary>What a running server tells a monitoring system.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-host-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Health_and_metrics_are_served_and_tell_of_runs()
    {
        using var server = HostProcess.Start(_folder, [], "--urls", "http://127.0.0.1:0");
        try
        {
            var line = await server.StandardOutput.ReadLineAsync(Stop);
            var address = new Uri(line.ShouldNotBeNull().Replace("Weft listens on ", "", StringComparison.Ordinal));
            using var client = new HttpClient { BaseAddress = address };
            foreach (var check in (string[])["live", "ready", "started"])
            {
                (await client.GetStringAsync($"/health/{check}", Stop)).ShouldBe("Healthy", check);
            }

            // The first request for metrics returns when they are collected.
            await client.GetStringAsync("/metrics", Stop);
            using var body =
                new StringContent("""{"assistant_id":"agent","input":{"messages":"what is 17*23"}}""", null, "application/json");
            using var answer = await client.PostAsync("/runs/wait", body, Stop);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);

            var metrics = await NextMetricsAsync(client);
            metrics.ShouldContain(
                "weft_run_duration_seconds_count{otel_scope_name=\"Weft\",weft_graph_id=\"agent\",weft_run_status=\"success\"} 1\n");
            metrics.ShouldContain("weft_run_active{otel_scope_name=\"Weft\"} ");
            metrics.ShouldContain("weft_commit_batch_size_count");
            metrics.ShouldContain("http_server_request_duration_seconds_count");
            metrics.ShouldContain("dotnet_gc_");
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>The exporter answers from its last collection for 0.3 seconds.</summary>
    private static async Task<string> NextMetricsAsync(HttpClient client)
    {
        while (true)
        {
            var metrics = await client.GetStringAsync("/metrics", Stop);
            // The end of a run is measured after its caller has the answer, the parts of it one by one.
            if (metrics.Contains("weft_run_duration_seconds_count", StringComparison.Ordinal))
            {
                return metrics;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), Stop);
        }
    }
}
