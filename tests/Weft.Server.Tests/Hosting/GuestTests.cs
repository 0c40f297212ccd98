using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server.Tests.Hosting;

/// <summary>The API in an application that has routes, CORS, an OpenAPI document and answers of its own: it changes none of them.</summary>
public sealed class GuestTests
{
    private const string Shop = "https://shop.example";

    private static readonly (string, string)[] Preflight =
        [("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type")];

    [Fact]
    public async Task Routes_of_the_application_win_over_those_of_the_api_with_the_same_path()
    {
        await using var app = await GuestApp.StartAsync(app =>
        {
            app.MapGet("/info", () => "mine");
            app.MapGet("/threads/{id}", (string id) => "my " + id);
            app.MapWeft();
        });

        (await app.Root.GetAsync("/info")).ShouldBeOk().Text.ShouldBe("mine");
        (await app.Root.GetAsync("/threads/5")).ShouldBeOk().Text.ShouldBe("my 5");
        (await app.Root.PostAsync("/threads")).ShouldBeOk();
        (await app.Root.PostAsync("/threads/search", "{}")).ShouldBeOk();
        (await app.Root.GetAsync("/api/info")).ShouldBeOk().String("version").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_route_of_the_application_for_everything_leaves_the_api_its_paths()
    {
        await using var app = await GuestApp.StartAsync(app =>
        {
            app.MapWeft();
            app.MapFallback(() => "page");
            app.MapGet("/{page}", (string page) => "page " + page);
        });

        (await app.Root.GetAsync("/info")).ShouldBeOk().String("version").ShouldNotBeEmpty();
        (await app.Root.GetAsync("/about")).ShouldBeOk().Text.ShouldBe("page about");
        (await app.Root.GetAsync("/threads/a/b/c/d")).ShouldBeOk().Text.ShouldBe("page");
        (await app.Root.GetAsync("/api/nothing")).ShouldBeOk().Text.ShouldBe("page");
    }

    [Fact]
    public async Task What_the_application_does_not_find_it_answers_itself()
    {
        await using var app = await GuestApp.StartAsync(app =>
        {
            app.MapGet("/api/orders/{id:int}", (int id) => Results.NotFound());
            app.MapWeft().RequireAuthorization();
        }, HeaderUsers.Add);

        foreach (var path in (string[])["/api/orders/1", "/api/orders", "/api/nothing", "/elsewhere"])
        {
            (await app.Root.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound).Text.ShouldBeEmpty(path);
        }

        (await app.Root.GetAsync("/threads/a/b/c/d")).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldBe("Not Found");
        var answer = await app.Root.PatchAsync("/threads", "{}");
        answer.ShouldBe(HttpStatusCode.MethodNotAllowed).Header("Allow").ShouldBe("POST");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_cors_policy_of_the_application_is_its_own_and_that_of_the_api_is_the_apis(bool protects)
    {
        await using var app = await GuestApp.StartAsync(
            app =>
            {
                app.UseCors(policy => policy.WithOrigins(Shop).AllowAnyHeader().AllowAnyMethod());
                app.MapMethods("/api/orders", ["GET", "POST"], () => "orders");
                var weft = app.MapWeft();
                if (protects)
                {
                    weft.RequireAuthorization();
                }
            },
            HeaderUsers.Add,
            options => options.CorsOrigins.Add("https://studio.example"));

        (await app.Root.GetAsync("/api/orders", ("Origin", "https://evil.example")))
            .ShouldBeOk()
            .Header("Access-Control-Allow-Origin")
            .ShouldBeNull();
        (await app.Root.GetAsync("/api/orders", ("Origin", "https://studio.example")))
            .ShouldBeOk()
            .Header("Access-Control-Allow-Origin")
            .ShouldBeNull();
        (await app.Root.GetAsync("/api/orders", ("Origin", Shop))).ShouldBeOk().Header("Access-Control-Allow-Origin").ShouldBe(Shop);
        (await PreflightAsync(app.Root, "/api/orders", Shop)).Header("Access-Control-Allow-Origin").ShouldBe(Shop);
        (await PreflightAsync(app.Root, "/api/orders", "https://studio.example")).Header("Access-Control-Allow-Origin").ShouldBeNull();

        (await PreflightAsync(app.Root, "/threads", "https://studio.example"))
            .Header("Access-Control-Allow-Origin")
            .ShouldBe("https://studio.example");
        (await app.Root.PostAsync("/threads", "{}", ("Origin", "https://studio.example"), ("x-user", "ada"))).ShouldBeOk()
            .Header("Access-Control-Allow-Origin").ShouldBe("https://studio.example");
        (await app.Root.PostAsync("/threads", "{}", ("Origin", Shop), ("x-user", "ada"))).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_application_may_give_the_api_a_cors_policy_of_its_own()
    {
        await using var app = await GuestApp.StartAsync(
            app =>
            {
                app.UseCors();
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapWeft().RequireCors("shop").RequireAuthorization();
            },
            services => { HeaderUsers.Add(services); services.AddCors(cors => cors.AddPolicy("shop", policy => policy.WithOrigins(Shop).AllowAnyHeader())); });

        (await PreflightAsync(app.Root, "/threads", Shop)).Header("Access-Control-Allow-Origin").ShouldBe(Shop);
        (await app.Root.PostAsync("/threads", "{}", ("Origin", Shop), ("x-user", "ada")))
            .ShouldBeOk()
            .Header("Access-Control-Allow-Origin")
            .ShouldBe(Shop);
        (await app.Root.PostAsync("/threads", "{}", ("Origin", "http://localhost:3000"), ("x-user", "ada")))
            .ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Each_of_the_two_openapi_documents_has_the_routes_of_its_own()
    {
        await using var app = await GuestApp.StartAsync(
            app =>
            {
                app.MapOpenApi();
                app.MapGet("/api/orders/{id}", (int id) => "order");
                app.MapWeft();
            },
            services => services.AddOpenApi());

        var mine = (await app.Root.GetAsync("/openapi/v1.json")).ShouldBeOk().Json;
        mine.GetProperty("info").Text("title").ShouldNotBe("Weft");
        mine.GetProperty("paths").Names().ShouldBe(["/api/orders/{id}"]);
        var weft = (await app.Root.GetAsync("/openapi.json")).ShouldBeOk().Json;
        weft.GetProperty("info").Text("title").ShouldBe("Weft");
        weft.GetProperty("paths").Names().ShouldNotContain("/api/orders/{id}");
        weft.GetProperty("paths").Names().ShouldContain("/threads");
    }

    [Theory]
    [InlineData("/agents")]
    [InlineData("/tenants/a/agents")]
    public async Task A_group_gives_the_api_its_prefix_and_its_authorization(string prefix)
    {
        await using var app = await GuestApp.StartAsync(
            app =>
            {
                app.MapGroup("/agents").RequireAuthorization().MapWeft();
                app.MapGroup("/tenants/{tenant}").MapWeft("/agents").RequireAuthorization();
            },
            HeaderUsers.Add);
        var api = app.At(prefix);

        (await api.PostAsync("/threads", "{}")).ShouldBe(HttpStatusCode.Unauthorized);
        var thread = (await api.PostAsync("/threads", "{}", ("x-user", "ada"))).ShouldBeOk().String("thread_id");
        var run = await api.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(), ("x-user", "ada"));
        run.ShouldBeOk().Header("Content-Location")!.ShouldStartWith($"{prefix}/threads/{thread}/runs/");
        (await app.Root.GetAsync(run.Header("Content-Location")!, ("x-user", "ada"))).ShouldBeOk();
        (await api.PostAsync("/runs", Bodies.Echo(), ("x-user", "ada")))
            .ShouldBeOk()
            .Header("Content-Location")!.ShouldStartWith(prefix + "/runs/");
        (await api.PostAsync("/api/threads/t1/runs", Bodies.Echo(), ("x-user", "ada")))
            .ShouldBeOk()
            .Header("Content-Location")!.ShouldStartWith(prefix + "/api/threads/t1/runs/");
        (await PreflightAsync(api, "/threads", "http://localhost:3000"))
            .Header("Access-Control-Allow-Origin")
            .ShouldBe("http://localhost:3000");
        (await api.GetAsync("/nowhere")).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldBe("Not Found");
        (await app.Root.GetAsync("/threads")).ShouldBe(HttpStatusCode.NotFound).Text.ShouldBeEmpty();
        (await api.GetAsync("/openapi.json", ("x-user", "ada")))
            .ShouldBeOk()
            .Json.GetProperty("paths")
            .Names()
            .ShouldContain("/agents/threads");
    }

    [Fact]
    public async Task A_refused_call_of_the_api_has_its_error_body_and_others_have_none()
    {
        await using var app = await GuestApp.StartAsync(
            app =>
            {
                app.MapGet("/mine", () => "mine").RequireAuthorization();
                app.MapWeft().RequireAuthorization("staff");
            },
            services =>
            {
                HeaderUsers.Add(services);
                services.AddAuthorization(
                    options => options.AddPolicy("staff", policy => policy.RequireClaim(ClaimTypes.NameIdentifier, "ada")));
            });

        (await app.Root.PostAsync("/threads", "{}")).ShouldBe(HttpStatusCode.Unauthorized).Detail
            .ShouldBe("The request has no credentials that this server accepts.");
        (await app.Root.PostAsync("/threads", "{}", ("x-user", "bob"))).ShouldBe(HttpStatusCode.Forbidden).Detail
            .ShouldBe("The caller may not do this.");
        (await app.Root.PostAsync("/threads", "{}", ("x-user", "ada"))).ShouldBeOk();
        (await app.Root.GetAsync("/mine")).ShouldBe(HttpStatusCode.Unauthorized).Text.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_login_with_cookies_refuses_calls_of_the_api_with_their_status_and_sends_pages_to_its_form()
    {
        await using var app = await GuestApp.StartAsync(
            app =>
            {
                app.MapGet("/Account/Login", () => "log in");
                app.MapGet("/Account/AccessDenied", () => "denied");
                app.MapPost("/enter", () => Results.SignIn(new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ada")], "cookie"))));
                app.MapGet("/page", () => "page").RequireAuthorization();
                app.MapWeft().RequireAuthorization();
                app.MapWeft("/staff").RequireAuthorization("staff");
            },
            services =>
            {
                services.AddAuthentication("cookie").AddCookie("cookie");
                services.AddAuthorizationBuilder().AddPolicy("staff", policy => policy.RequireRole("staff"));
            });

        (await app.Root.GetAsync("/page")).ShouldBeOk().Text.ShouldBe("log in");
        (await app.Root.PostAsync("/threads")).ShouldBe(HttpStatusCode.Unauthorized).Detail
            .ShouldBe("The request has no credentials that this server accepts.");
        (await app.Root.PostAsync("/enter")).ShouldBeOk();
        (await app.Root.PostAsync("/threads")).ShouldBeOk();
        (await app.Root.PostAsync("/staff/threads")).ShouldBe(HttpStatusCode.Forbidden).Detail.ShouldBe("The caller may not do this.");
    }

    [Theory]
    [InlineData("/ok")]
    [InlineData("/api/ok")]
    [InlineData("/info")]
    [InlineData("/openapi.json")]
    public async Task Health_and_the_description_of_a_protected_api_are_open_by_any_name(string path)
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft().RequireAuthorization(), HeaderUsers.Add);

        (await app.Root.GetAsync(path, ("Host", "public.example"))).ShouldBeOk();
    }

    [Fact]
    public async Task A_prefix_is_where_the_api_is()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft("/agents"), configure: options => options.ServesGateway = false);

        (await app.At("/agents").PostAsync("/runs/wait", Bodies.Echo()))
            .ShouldBeOk()
            .Header("Content-Location")!.ShouldStartWith("/agents/runs/");
        (await app.Root.GetAsync("/info")).ShouldBe(HttpStatusCode.NotFound).Text.ShouldBeEmpty();
        (await app.Root.GetAsync("/agents/api/info")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/base", null)]
    [InlineData("", "/base")]
    public async Task Links_keep_the_path_base_and_the_prefix_of_a_proxy(string path, string? forwarded)
    {
        await using var app = await GuestApp.StartAsync(app =>
        {
            app.UsePathBase("/base");
            app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedPrefix });
            app.UseRouting();
            app.MapWeft();
        });
        (string, string)[] headers = forwarded is null ? [] : [("X-Forwarded-Prefix", forwarded)];
        var api = app.At(path);

        (await api.PostAsync("/api/threads/t1/runs/wait", Bodies.Echo(), headers))
            .ShouldBeOk()
            .Header("Content-Location")!.ShouldStartWith("/base/api/threads/t1/runs/");
        (await api.GetAsync("/openapi.json", headers)).ShouldBeOk().Json.GetProperty("servers")[0].Text("url")
            .ShouldBe($"{app.Root.BaseAddress.GetLeftPart(UriPartial.Authority)}/base");
    }

    private static async Task<Answer> PreflightAsync(Api api, string path, string origin) =>
        (await api.SendAsync(HttpMethod.Options, path, null, [("Origin", origin), .. Preflight])).ShouldBe(HttpStatusCode.NoContent);
}
