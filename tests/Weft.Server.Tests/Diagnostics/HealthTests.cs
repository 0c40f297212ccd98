using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Weft.Server.Tests.Recovery;

namespace Weft.Server.Tests.Diagnostics;

/// <summary>The health checks of an application with a Weft server in it.</summary>
public sealed class HealthTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("live")]
    [InlineData("ready")]
    [InlineData("started")]
    public async Task A_server_that_works_is_healthy(string tag)
    {
        await using var server = await StartAsync();

        (await server.Root.GetAsync($"/health/{tag}")).ShouldBeOk().Text.ShouldBe("Healthy");
    }

    [Fact]
    public async Task A_server_whose_storage_can_not_be_written_is_alive_and_not_ready()
    {
        await using var server = await StartAsync();
        using var other = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "weft.db")};Pooling=False");
        other.Open();
        using var held = other.BeginTransaction();

        (await server.Root.GetAsync("/health/ready")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await server.Root.GetAsync("/health/live")).ShouldBeOk();
        (await server.Root.GetAsync("/health/started")).ShouldBeOk();
        held.Rollback();
        (await server.Root.GetAsync("/health/ready")).ShouldBeOk();
    }

    private Task<TestServer> StartAsync() => TestServer.StartAsync(
        _folder.Path,
        use: app =>
        {
            foreach (var tag in (string[])["live", "ready", "started"])
            {
                app.MapHealthChecks($"/health/{tag}", new HealthCheckOptions { Predicate = check => check.Tags.Contains(tag) });
            }
        },
        add: weft =>
        {
            weft.Services.AddHealthChecks().AddWeft();
            weft.Services.Configure<Storage.Sqlite.SqliteStorageOptions>(options => options.BusyTimeout = TimeSpan.FromMilliseconds(50));
        });
}
