using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Graphs;
using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Weft.Server.Tests.Docs;

/// <summary>Code of <c>docs/in-your-app.md</c>, run as it stands there.</summary>
public sealed class InYourAppSnippets : IAsyncDisposable
{
    private const string Run = """{"assistant_id":"hello","input":{}}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weft-guide-");
    private WebApplication? _app;
    private HttpClient? _http;

    private CompiledGraph graph { get; } = GreetingGraph(new Greetings("Hello"));

    private string database => Path.Combine(_folder.FullName, "weft.db");

    [Fact]
    public async Task Added()
    {
        var builder = Builder();

        // snippet: app-add
        builder.Services.AddWeft()
            .AddGraph("hello", graph)
            .UseSqlite(database);

        var app = builder.Build();
        app.MapGet("/orders/{id:int}", (int id) => $"order {id}");
        app.MapWeft();
        // end

        var root = await StartAsync(app);
        (await root.GetAsync("/orders/7")).ShouldBeOk().Text.ShouldBe("order 7");
        (await root.PostAsync("/runs/wait", Run)).ShouldBeOk().Json.Text("greeting").ShouldBe("Hello, stranger");
        (await root.GetAsync("/api/info")).ShouldBeOk();
    }

    [Fact]
    public async Task Protected()
    {
        var app = Build(weft => weft.AddGraph("hello", graph));

        // snippet: app-protect
        app.MapWeft("/agents").RequireAuthorization();
        // end

        var root = await StartAsync(app);
        (await root.PostAsync("/agents/runs/wait", Run)).ShouldBe(HttpStatusCode.Unauthorized);
        (await root.PostAsync("/agents/runs/wait", Run, ("x-user", "ada"))).ShouldBeOk().Json.Text("greeting").ShouldBe("Hello, ada");
    }

    [Fact]
    public async Task Protected_by_keys_alone()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");

        // snippet: app-only-keys
        builder.Services.AddWeft()
            .AddGraph("hello", graph)
            .UseSqlite(database)
            .RequireApiKeys();
        // end

        var app = builder.Build();
        app.MapWeft();
        var root = await StartAsync(app);
        (await root.GetAsync("/ok")).ShouldBeOk();
        (await root.PostAsync("/runs/wait", Run)).ShouldBe(HttpStatusCode.Unauthorized);
        (await root.PostAsync("/runs/wait", Run, ("x-api-key", "lsv2_other"))).ShouldBe(HttpStatusCode.Unauthorized);
        var (key, _) = await app.Services.GetRequiredService<ApiKeysFacade>().CreateAsync(new() { Name = "ci", Owner = "ada" });
        (await root.PostAsync("/runs/wait", Run, ("x-api-key", key))).ShouldBeOk().Json.Text("greeting").ShouldBe("Hello, ada");
    }

    [Fact]
    public async Task Protected_by_keys()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");

        // snippet: app-keys
        builder.Services.AddAuthentication().AddWeftApiKeys();
        builder.Services.AddAuthorization();
        builder.Services.AddWeft()
            .AddGraph("hello", graph)
            .UseSqlite(database);

        var app = builder.Build();
        app.MapWeft().RequireAuthorization();
        // end

        var root = await StartAsync(app);
        (await root.PostAsync("/runs/wait", Run)).ShouldBe(HttpStatusCode.Unauthorized);

        // snippet: app-new-key
        var keys = app.Services.GetRequiredService<ApiKeysFacade>();
        var (key, record) = await keys.CreateAsync(new() { Name = "ci", Owner = "ada", Permissions = ["runs:create"] });
        // end

        (await root.PostAsync("/runs/wait", Run, ("x-api-key", key))).ShouldBeOk().Json.Text("greeting").ShouldBe("Hello, ada");
        record.Permissions.ShouldBe(["runs:create"]);
    }

    [Fact]
    public async Task Grouped()
    {
        var app = Build(
            weft => weft.AddGraph("hello", graph),
            services => services.AddAuthorization(options => options.AddPolicy("staff", policy => policy.RequireClaim(ClaimTypes.NameIdentifier, "ada"))));

        // snippet: app-group
        var staff = app.MapGroup("/staff").RequireAuthorization("staff");
        staff.MapGet("/menu", () => "soup");
        staff.MapWeft("/agents");
        // end

        var root = await StartAsync(app);
        (await root.GetAsync("/staff/menu", ("x-user", "ada"))).ShouldBeOk().Text.ShouldBe("soup");
        (await root.PostAsync("/staff/agents/runs/wait", Run, ("x-user", "ada"))).ShouldBeOk();
        (await root.PostAsync("/staff/agents/runs/wait", Run, ("x-user", "bob"))).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Without_the_gateway()
    {
        var builder = Builder();
        var weft =
            // snippet: app-root-only
            builder.Services.AddWeft(options => options.ServesGateway = false)
            // end
            ;

        var root = await StartAsync(Mapped(builder, weft.AddGraph("hello", graph)));
        (await root.GetAsync("/info")).ShouldBeOk();
        (await root.GetAsync("/api/info")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Services_in_nodes()
    {
        // snippet: app-services
        var item = Channel.LastValue<string>("item");
        var price = Channel.LastValue<decimal>("price");

        var graph = new StateGraph()
            .AddChannels(item, price)
            .AddNode("price", async (context, cancellationToken) =>
            {
                var prices = context.Services.GetRequiredService<PriceList>();
                return new StateUpdate().Set(price, await prices.FindAsync(context.Get(item)!, cancellationToken));
            })
            .AddEdge(StateGraph.Start, "price")
            .Compile();
        // end

        var app = Build(weft => weft.AddGraph("hello", graph), services => services.AddScoped<PriceList>());
        app.MapWeft();
        var root = await StartAsync(app);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => root.PostAsync("/runs/wait", """{"assistant_id":"hello","input":{"item":"loom"}}""")));
        answers.ShouldAllBe(answer => answer.ShouldBeOk().Json.GetProperty("price").GetDecimal() == 4);
    }

    [Fact]
    public async Task Graphs_from_services()
    {
        var builder = Builder();
        builder.Services.AddSingleton(new Greetings("Servus"));
        var weft =
            // snippet: app-factory
            builder.Services.AddWeft()
                .AddGraph("greet", services => GreetingGraph(services.GetRequiredService<Greetings>()))
            // end
            ;

        var root = await StartAsync(Mapped(builder, weft));
        (await root.PostAsync("/runs/wait", """{"assistant_id":"greet","input":{}}""")).ShouldBeOk().Json.Text("greeting").ShouldBe("Servus, stranger");
    }

    [Fact]
    public async Task Actors()
    {
        var builder = Builder();
        var weft =
            // snippet: app-actor
            builder.Services.AddWeft(options => options.ActorOf = http => http.User.FindFirstValue("tenant"))
            // end
            ;
        var app = Mapped(builder, weft.AddGraph("hello", graph), app => app.Use((http, next) =>
        {
            http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("tenant", "acme")], "test"));
            return next(http);
        }));

        var root = await StartAsync(app);
        (await root.PostAsync("/runs/wait", Run)).ShouldBeOk().Json.Text("greeting").ShouldBe("Hello, acme");
    }

    [Fact]
    public async Task Browsers()
    {
        var builder = Builder();
        var weft =
            // snippet: app-browsers
            builder.Services.AddWeft(options =>
            {
                options.CorsOrigins.Add("https://chat.example");
                options.AllowedHosts.Add("agents.internal");
            })
            // end
            ;

        var root = await StartAsync(Mapped(builder, weft.AddGraph("hello", graph)));
        (await root.PostAsync("/runs/wait", Run, ("Origin", "https://chat.example"), ("Host", "agents.internal"))).ShouldBeOk();
        (await root.PostAsync("/runs/wait", Run, ("Origin", "https://evil.example"))).ShouldBe(HttpStatusCode.Forbidden);
        (await root.GetAsync("/info", ("Host", "evil.example"))).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Headers()
    {
        var builder = Builder();
        var weft =
            // snippet: app-headers
            builder.Services.AddWeft(options =>
            {
                options.ConfigurableHeaders.Include.Add("traceparent");
                options.ConfigurableHeaders.Include.Add("x-tenant-id");
                options.ConfigurableHeaders.Exclude.Add("x-internal-*");
            })
            // end
            ;

        var root = await StartAsync(Mapped(builder, weft.AddGraph("hello", TestGraphs.Configured())));
        var names = (await root.PostAsync("/runs/wait", Run, ("traceparent", "00"), ("x-tenant-id", "t"), ("x-internal-id", "1"), ("x-tenant-name", "n"))).ShouldBeOk()
            .Json.GetProperty("configurable").Names();
        names.ShouldBe(["traceparent", "x-tenant-id", "thread_id", "run_id", "graph_id", "assistant_id"], ignoreOrder: true);
    }

    [Fact]
    public async Task Options()
    {
        var builder = Builder();
        builder.Configuration.AddInMemoryCollection([new("Weft:Server:PageSizeMax", "7"), new("Weft:Runs:ConcurrentRunsMax", "8"), new("Weft:Sqlite:QueuedWritesMax", "9")]);

        // snippet: app-options
        builder.Services.AddWeft(options => options.RequestBodyBytesMax = 4_000_000)
            .ConfigureRuns(options => options.RunTimeout = TimeSpan.FromMinutes(10))
            .AddGraph("hello", graph)
            .UseSqlite(database);
        builder.Services.Configure<WeftServerOptions>(builder.Configuration.GetSection("Weft:Server"));
        builder.Services.Configure<RunsOptions>(builder.Configuration.GetSection("Weft:Runs"));
        builder.Services.Configure<SqliteStorageOptions>(builder.Configuration.GetSection("Weft:Sqlite"));
        // end

        var app = builder.Build();
        app.MapWeft();
        (await (await StartAsync(app)).PostAsync("/threads/search", """{"limit":8}""")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        var runs = app.Services.GetRequiredService<IOptions<RunsOptions>>().Value;
        (runs.ConcurrentRunsMax, runs.RunTimeout).ShouldBe((8, TimeSpan.FromMinutes(10)));
        app.Services.GetRequiredService<IOptions<SqliteStorageOptions>>().Value.QueuedWritesMax.ShouldBe(9);
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

    private static CompiledGraph GreetingGraph(Greetings greetings)
    {
        var greeting = Channel.LastValue<string>("greeting");
        var graph = new StateGraph()
            .AddChannel(greeting)
            // snippet: app-node-actor
            .AddNode("greet", context => new StateUpdate().Set(greeting, $"Hello, {context.Actor ?? "stranger"}"))
            // end
            .AddNode("translate", context => new StateUpdate().Set(greeting, context.Get(greeting)!.Replace("Hello", greetings.Word, StringComparison.Ordinal)));
        return graph.AddEdge(StateGraph.Start, "greet").AddEdge("greet", "translate").Compile();
    }

    private static WebApplicationBuilder Builder()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        HeaderUsers.Add(builder.Services);
        return builder;
    }

    private WebApplication Build(Action<WeftBuilder> add, Action<IServiceCollection>? services = null)
    {
        var builder = Builder();
        services?.Invoke(builder.Services);
        add(builder.Services.AddWeft().UseSqlite(database));
        return builder.Build();
    }

    private WebApplication Mapped(WebApplicationBuilder builder, WeftBuilder weft, Action<WebApplication>? use = null)
    {
        weft.UseSqlite(database);
        var app = builder.Build();
        use?.Invoke(app);
        app.MapWeft();
        return app;
    }

    private async Task<Api> StartAsync(WebApplication app)
    {
        _app = app;
        await app.StartAsync(TestContext.Current.CancellationToken).Within("the application to start");
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        return new Api(_http, "");
    }

    private sealed record Greetings(string Word);

    /// <summary>As a <c>DbContext</c>: for one caller at a time, and only until it is disposed.</summary>
    private sealed class PriceList : IDisposable
    {
        private int _callers;
        private bool _isDisposed;

        public async Task<decimal> FindAsync(string item, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Interlocked.Increment(ref _callers).ShouldBe(1);
            await Task.Delay(TimeSpan.FromMilliseconds(1), cancellationToken);
            Interlocked.Decrement(ref _callers);
            return item.Length;
        }

        public void Dispose() => _isDisposed = true;
    }
}
