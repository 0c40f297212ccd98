using System.Net;

namespace Weft.Host.Tests;

/// <summary>The page that shows the OpenAPI document.</summary>
public sealed class DocsPageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_and_its_script_are_served_with_a_policy_that_lets_it_load_nothing_from_elsewhere()
    {
        await using var host = await RunningHost.StartAsync(_folder, "--urls", "http://127.0.0.1:0", "--Weft:Auth:ApiKeys:Enabled", "true");

        using var page = await host.Client.GetAsync("/docs", Stop);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var html = await page.Content.ReadAsStringAsync(Stop);
        html.ShouldContain("openapi.json");
        var policy = page.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("connect-src 'self'");
        var nonce = policy.Split("'nonce-")[1].Split('\'')[0];
        html.ShouldContain($"nonce=\"{nonce}\"");
        page.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);

        using var again = await host.Client.GetAsync("/docs", Stop);
        again.Headers.GetValues("Content-Security-Policy").Single().ShouldNotContain(nonce);
        using var script = await host.Client.GetAsync("/docs/scalar.js", Stop);
        script.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_page_can_be_turned_off()
    {
        await using var host = await RunningHost.StartAsync(_folder, "--urls", "http://127.0.0.1:0", "--Weft:Docs", "false");

        using var page = await host.Client.GetAsync("/docs", Stop);

        page.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
