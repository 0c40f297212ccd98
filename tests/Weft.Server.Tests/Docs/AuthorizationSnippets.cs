using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Graphs;
using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Weft.Server.Tests.Docs;

/// <summary>Code about authorization and secrets in <c>docs/in-your-app.md</c>, run as it stands there.</summary>
public sealed class AuthorizationSnippets : IAsyncDisposable
{
    private static readonly (string, string) Ada = ("x-user", "ada");
    private static readonly (string, string) Bob = ("x-user", "bob");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weft-guide-");
    private WebApplication? _app;
    private HttpClient? _http;

    private CompiledGraph graph { get; } = TestGraphs.Configured();

    [Fact]
    public async Task Handlers()
    {
        var builder = Builder();
        var weft =
            // snippet: app-authorize
            builder.Services.AddWeft(options => options.ActorOf = http => http.User.FindFirstValue("tenant"))
                .Authorize(call => MetadataFilter.Equal("owner", UserOf(call)))
                .Authorize(AccessResource.Threads, AccessAction.Delete, call => call.HasPermission("threads:delete")
                    ? MetadataFilter.Equal("owner", UserOf(call))
                    : AccessResult.Deny("Only keepers may delete threads."))
                .Authorize(AccessResource.Server, _ => AccessResult.Deny())
            // end
            ;

        var root = await StartAsync(builder, weft.AddGraph("hello", graph));
        var thread = (await root.PostAsync("/threads", "{}", Ada)).ShouldBeOk().String("thread_id");
        (await root.GetAsync($"/threads/{thread}", Bob)).ShouldBe(HttpStatusCode.NotFound);
        (await root.DeleteAsync($"/threads/{thread}", Ada)).ShouldBe(HttpStatusCode.Forbidden).Detail.ShouldBe("Only keepers may delete threads.");
        (await root.DeleteAsync($"/threads/{thread}", Bob, ("x-permissions", "threads:delete"))).ShouldBe(HttpStatusCode.NotFound);
        (await root.DeleteAsync($"/threads/{thread}", Ada, ("x-permissions", "threads:delete"))).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Namespaces_and_services()
    {
        var builder = Builder();
        builder.Services.AddSingleton<StaffList>();
        var weft =
            // snippet: app-authorize-store
            builder.Services.AddWeft()
                .Authorize(AccessResource.Store, call =>
                {
                    call.Namespace = ItemNamespace.Create([UserOf(call), .. call.Namespace]);
                    return AccessResult.Allow;
                })
                .Authorize(AccessResource.Assistants, AccessAction.Create, async call =>
                {
                    var staff = call.Http.RequestServices.GetRequiredService<StaffList>();
                    call.SetMetadata("team", await staff.FindTeamAsync(UserOf(call)));
                    return AccessResult.Allow;
                })
            // end
            ;

        var root = await StartAsync(builder, weft.AddGraph("hello", graph));
        (await root.SendAsync(HttpMethod.Put, "/store/items", """{"namespace":["n"],"key":"k","value":{"a":1}}""", Ada))
            .ShouldBe(HttpStatusCode.NoContent);
        (await root.GetAsync("/store/items?namespace=n&key=k", Ada)).ShouldBeOk().Json.GetProperty("namespace").Strings().ShouldBe(["ada", "n"]);
        (await root.PostAsync("/assistants", """{"graph_id":"hello","metadata":{"team":"x"}}""", Ada)).ShouldBeOk()
            .Json.GetProperty("metadata").Text("team").ShouldBe("team of ada");
    }

    [Fact]
    public async Task Secrets()
    {
        var builder = Builder();
        builder.Configuration["Crm:Key"] = "s3cret";
        var weft =
            // snippet: app-secrets
            builder.Services.AddWeft()
                .AddGraph("hello", graph, options => options.Secrets = services =>
                    GraphJson.ToElement(new ApiSecrets(services.GetRequiredService<IConfiguration>()["Crm:Key"])))
            // end
            ;

        var root = await StartAsync(builder, weft);
        (await root.PostAsync("/runs/wait", """{"assistant_id":"hello","input":{}}""")).ShouldBeOk().Text.ShouldContain("s3cret");
        (await root.GetAsync("/assistants/hello")).ShouldBeOk().Text.ShouldNotContain("s3cret");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(CancellationToken.None).Within("the application to stop");
            await _app.DisposeAsync().AsTask().Within("the application to be disposed of");
        }

        _http?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string UserOf(AccessContext call) => call.Http.User.FindFirstValue(ClaimTypes.NameIdentifier)!;

    private static WebApplicationBuilder Builder()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        HeaderUsers.Add(builder.Services);
        return builder;
    }

    private async Task<Api> StartAsync(WebApplicationBuilder builder, WeftBuilder weft)
    {
        weft.UseSqlite(Path.Combine(_folder.FullName, "weft.db"));
        _app = builder.Build();
        _app.MapWeft();
        await _app.StartAsync(TestContext.Current.CancellationToken).Within("the application to start");
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
        return new Api(_http, "");
    }

    private sealed record ApiSecrets(string? CrmKey);

    private sealed class StaffList
    {
        private readonly string _prefix = "team of ";

        public Task<string> FindTeamAsync(string user) => Task.FromResult(_prefix + user);
    }
}
