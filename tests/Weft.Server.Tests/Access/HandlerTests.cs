using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;
using static Weft.Server.Tests.Access.AccessServer;

namespace Weft.Server.Tests.Access;

/// <summary>What authorization handlers may decide, and which of them does.</summary>
public sealed class HandlerTests
{
    private const string Run = """{"assistant_id":"configured","input":{}}""";

    private static readonly (string, string) Root = ("x-user", "root");

    [Fact]
    public async Task The_most_specific_handler_decides()
    {
        await using var server = await StartAsync(weft => weft
            .Authorize(_ => AccessResult.Deny("any"))
            .Authorize(Search, _ => AccessResult.Deny("any:search"))
            .Authorize(Threads, _ => AccessResult.Deny("threads"))
            .Authorize(Threads, Create, _ => AccessResult.Deny("threads:create"))
            .Authorize(Crons, Search, _ => AccessResult.Deny("not this one"))
            .Authorize(Crons, Search, async _ =>
            {
                await Task.Yield();
                return AccessResult.Deny("crons:search");
            }));

        (await server.Root.PostAsync("/threads", "{}")).ShouldBe(HttpStatusCode.Forbidden).Detail.ShouldBe("threads:create");
        (await server.Root.PostAsync("/threads/search", "{}")).ShouldBe(HttpStatusCode.Forbidden).Detail.ShouldBe("threads");
        (await server.Root.PostAsync("/assistants/search", "{}")).ShouldBe(HttpStatusCode.Forbidden).Detail.ShouldBe("any:search");
        (await server.Root.PostAsync("/runs/crons/search", "{}")).ShouldBe(HttpStatusCode.Forbidden).Detail.ShouldBe("crons:search");
        (await server.Root.GetAsync("/assistants/echo")).ShouldBe(HttpStatusCode.Forbidden).Detail.ShouldBe("any");
        (await server.Gateway.PostAsync("/threads", "{}")).ShouldBe(HttpStatusCode.Forbidden).Detail.ShouldBe("threads:create");
        (await server.Root.GetAsync("/v1/models")).ShouldBe(HttpStatusCode.Forbidden)
            .Json.GetProperty("error").Text("message").ShouldBe("any:search");
        (await server.Root.GetAsync("/ok")).ShouldBeOk();
        (await server.Root.GetAsync("/info")).ShouldBeOk();
        (await server.Root.GetAsync("/openapi.json")).ShouldBeOk();
    }

    [Fact]
    public async Task A_filter_restricts_reads_searches_and_counts_and_marks_what_is_created()
    {
        await using var server = await StartAsync(SeparateUsers);
        var threads = new List<string>();
        foreach (var user in ((string, string)[])[Ada, Bob, Ada])
        {
            var created = (await server.Root.PostAsync("/threads", """{"metadata":{"owner":"root","t":1}}""", user)).ShouldBeOk();
            created.Json.GetProperty("metadata").Text("owner").ShouldBe(user.Item2);
            threads.Add(created.String("thread_id"));
        }

        (await server.Root.GetAsync($"/threads/{threads[0]}", Ada)).ShouldBeOk();
        (await server.Root.GetAsync($"/threads/{threads[0]}", Bob)).ShouldBe(HttpStatusCode.NotFound);
        foreach (var body in (string[])["{}", """{"metadata":{"t":1}}"""])
        {
            (await server.Root.PostAsync("/threads/count", body, Ada)).ShouldBeOk().Text.ShouldBe("2");
            (await server.Root.PostAsync("/threads/count", body, Bob)).ShouldBeOk().Text.ShouldBe("1");
        }

        var page = (await server.Root.PostAsync("/threads/search", """{"limit":1}""", Ada)).ShouldBeOk();
        page.Json.GetArrayLength().ShouldBe(1);
        page.Header(PageHeaders.Total).ShouldBe("2");
        (await server.Root.PostAsync("/threads/search", """{"metadata":{"owner":"ada"}}""", Bob)).ShouldBeOk().Text.ShouldBe("[]");
    }

    [Fact]
    public async Task A_change_can_not_take_a_resource_out_of_the_filter()
    {
        await using var server = await StartAsync(SeparateUsers);
        var thread = (await server.Root.PostAsync("/threads", "{}", Ada)).ShouldBeOk().String("thread_id");

        var changed = await server.Root.PatchAsync($"/threads/{thread}", """{"metadata":{"owner":"bob","a":1}}""", Ada);

        changed.ShouldBeOk().Json.GetProperty("metadata").ShouldBeJson("""{"owner":"ada","a":1}""");
        (await server.Root.GetAsync($"/threads/{thread}", Bob)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_handler_may_set_metadata()
    {
        await using var server = await StartAsync(weft => weft
            .Authorize(Threads, CreateRun, static context =>
            {
                context.SetMetadata("tier", "gold");
                return AccessResult.Allow;
            })
            .Authorize(Assistants, static context =>
            {
                context.SetMetadata("by", UserOf(context));
                return AccessResult.Allow;
            }));

        var run = (await server.Root.PostAsync("/runs", """{"assistant_id":"echo","input":{},"metadata":{"tier":"free","a":"b"}}""", Ada)).ShouldBeOk();
        run.Json.GetProperty("metadata").Text("tier").ShouldBe("gold");
        run.Json.GetProperty("metadata").Text("a").ShouldBe("b");
        var assistant = (await server.Root.PostAsync("/assistants", """{"graph_id":"echo","metadata":{"by":"x"}}""", Ada)).ShouldBeOk();
        assistant.Json.GetProperty("metadata").Text("by").ShouldBe("ada");
        (await server.Root.PatchAsync($"/assistants/{assistant.String("assistant_id")}", """{"metadata":{"by":"x"}}""", Bob))
            .ShouldBeOk().Json.GetProperty("metadata").Text("by").ShouldBe("bob");
    }

    [Fact]
    public async Task A_thread_may_be_shared_by_a_list_of_its_members()
    {
        await using var server = await StartAsync(weft => weft.Authorize(Threads, static context =>
            MetadataFilter.Contains("members", UserOf(context)).Or(MetadataFilter.Equal("open", "yes")))
            .Authorize(Threads, Create, static context => MetadataFilter.Contains("members", UserOf(context))));

        var thread = (await server.Root.PostAsync("/threads", """{"metadata":{"members":["bob"]}}""", Ada)).ShouldBeOk();
        thread.Json.GetProperty("metadata").ShouldBeJson("""{"members":["bob","ada"]}""");
        var id = thread.String("thread_id");

        (await server.Root.GetAsync($"/threads/{id}", Ada)).ShouldBeOk();
        (await server.Root.GetAsync($"/threads/{id}", Bob)).ShouldBeOk();
        (await server.Root.GetAsync($"/threads/{id}", ("x-user", "eve"))).ShouldBe(HttpStatusCode.NotFound);
        var copy = (await server.Root.PostAsync($"/threads/{id}/copy", null, Bob)).ShouldBeOk();
        copy.Json.GetProperty("metadata").GetProperty("members").Strings().ShouldBe(["bob", "ada"]);
        (await server.Root.PatchAsync($"/threads/{id}", """{"metadata":{"open":"yes"}}""", Bob)).ShouldBeOk();
        (await server.Root.GetAsync($"/threads/{id}", ("x-user", "eve"))).ShouldBeOk();
        copy = (await server.Root.PostAsync($"/threads/{id}/copy", null, ("x-user", "eve"))).ShouldBeOk();
        copy.Json.GetProperty("metadata").GetProperty("members").Strings().ShouldBe(["bob", "ada", "eve"]);
    }

    [Fact]
    public async Task A_handler_sees_the_request()
    {
        var seen = new List<string>();
        await using var server = await StartAsync(weft => weft.Authorize(Threads, CreateRun, context =>
        {
            seen.Add($"{context.Value.GetProperty("assistant_id")} {context.Actor.Id} {context.HasPermission("run")}");
            return context.HasPermission("run") ? AccessResult.Allow : AccessResult.Deny("May not run.");
        }));
        var thread = await server.Root.NewThreadAsync();

        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Run, Ada, ("x-permissions", "read run"))).ShouldBeOk();
        (await server.Root.PostAsync("/runs/wait", Run, Ada, ("x-permissions", "read"))).ShouldBe(HttpStatusCode.Forbidden)
            .Detail.ShouldBe("May not run.");
        seen.ShouldBe(["configured org True", "configured org False"]);
        (await server.Root.PostAsync("/runs/wait", "{not json", Ada, ("x-permissions", "run"))).Status.ShouldBeOneOf(422, 500);
    }

    [Fact]
    public async Task A_stateless_run_and_its_thread_belong_to_the_user()
    {
        await using var server = await StartAsync(SeparateUsers);

        var run = (await server.Root.PostAsync("/runs", """{"assistant_id":"echo","input":{},"on_completion":"keep"}""", Ada)).ShouldBeOk();

        var path = $"/threads/{run.String("thread_id")}/runs/{run.String("run_id")}";
        (await server.Root.GetAsync($"{path}/join", Ada)).ShouldBeOk();
        (await server.Root.GetAsync($"/threads/{run.String("thread_id")}", Ada)).ShouldBeOk()
            .Json.GetProperty("metadata").Text("owner").ShouldBe("ada");
        (await server.Root.GetAsync(path, Bob)).ShouldBe(HttpStatusCode.NotFound);
        (await server.Root.GetAsync($"/runs/{run.String("run_id")}/stream", Bob)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_run_has_its_threads_metadata_but_what_the_handler_sets_is_of_its_own_caller()
    {
        await using var server = await StartAsync(weft => weft.Authorize(Threads, context =>
        {
            context.SetMetadata("by", UserOf(context));
            return AccessResult.Allow;
        }));
        var thread = (await server.Root.PostAsync("/threads", """{"metadata":{"by":"nobody","team":"a"}}""", Ada)).ShouldBeOk();
        var id = thread.String("thread_id");

        var path = (await server.Root.PostAsync($"/threads/{id}/runs/wait", Bodies.Echo(more: ""","metadata":{"by":"ada"}"""), Bob))
            .ShouldBeOk().RunPath;

        var run = (await server.Root.GetAsync(path, Ada)).ShouldBeOk().Json.GetProperty("metadata");
        (run.Text("by"), run.Text("team")).ShouldBe(("bob", "a"));
        (await server.Root.GetAsync($"/threads/{id}", Bob)).ShouldBeOk().Json.GetProperty("metadata").Text("by").ShouldBe("ada");
    }

    [Fact]
    public async Task The_log_of_a_stateless_run_that_has_ended_belongs_to_the_user()
    {
        await using var server = await StartAsync(SeparateUsers);

        var run = (await server.Root.PostAsync("/runs", """{"assistant_id":"echo","input":{}}""", Ada)).ShouldBeOk();

        var path = $"/threads/{run.String("thread_id")}/runs/{run.String("run_id")}";
        (await server.Root.GetAsync($"{path}/join", Ada)).ShouldBeOk();
        (await server.Root.GetAsync($"/threads/{run.String("thread_id")}", Ada)).ShouldBe(HttpStatusCode.NotFound);
        foreach (var join in (string[])[$"{path}/join", $"{path}/stream", $"/runs/{run.String("run_id")}/stream"])
        {
            (await server.Root.GetAsync(join, Bob)).ShouldBe(HttpStatusCode.NotFound);
            (await server.Root.GetAsync(join, Ada)).ShouldBeOk();
        }
    }

    [Fact]
    public async Task A_read_that_cancels_is_a_change()
    {
        await using var server = await StartAsync(weft => weft.Authorize(Threads, Update, static _ => AccessResult.Deny("May only read.")));
        var run = (await server.Root.PostAsync("/runs", """{"assistant_id":"echo","input":{},"on_completion":"keep"}""")).ShouldBeOk();
        var path = $"/threads/{run.String("thread_id")}/runs/{run.String("run_id")}";

        (await server.Root.GetAsync($"{path}/join")).ShouldBeOk();
        (await server.Root.GetAsync($"{path}/join?cancel_on_disconnect=1")).ShouldBe(HttpStatusCode.Forbidden);
        (await server.Gateway.GetAsync($"{path}/stream?action=interrupt")).ShouldBe(HttpStatusCode.Forbidden);
        (await server.Gateway.PostAsync($"{path}/stream?action=interrupt")).ShouldBe(HttpStatusCode.Forbidden);
        (await server.Gateway.GetAsync($"{path}/stream?action=&action=rollback")).ShouldBe(HttpStatusCode.Forbidden);
        (await server.Root.PostAsync($"{path}/cancel")).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Commands_ask_for_what_they_do()
    {
        await using var server = await StartAsync(weft => weft
            .Authorize(Threads, CreateRun, static _ => AccessResult.Deny("May not run."))
            .Authorize(Threads, Read, static context =>
                UserOf(context) == "eve" ? AccessResult.Deny("May not read.") : AccessResult.Allow));
        var thread = (await server.Root.PostAsync("/threads", """{"metadata":{"graph_id":"echo"}}""")).ShouldBeOk().String("thread_id");
        const string start = """{"id":1,"method":"run.start","params":{"assistant_id":"echo","input":{}}}""";

        foreach (var api in (Api[])[server.Root, server.Gateway])
        {
            (await api.PostAsync($"/threads/{thread}/commands", start, Ada)).ShouldBeOk().Json
                .ShouldBeJson("""{"type":"error","id":1,"error":"permission_denied","message":"May not run."}""");
        }

        (await server.Root.PostAsync($"/threads/{thread}/commands", """{"id":1,"method":"state.get","params":{}}""", Ada)).ShouldBeOk();
        using var socket = await SocketClient.OpenAsync(server.Root, thread, Ada);
        (await socket.CommandAsync(1, "run.start", """{"assistant_id":"echo","input":{}}"""))
            .ShouldBeJson("""{"type":"error","id":1,"error":"permission_denied","message":"May not run."}""");
        (await server.Root.GetAsync($"/threads/{thread}/runs", Ada)).ShouldBeOk().Json.GetArrayLength().ShouldBe(0);
        (await socket.CommandAsync(2, "state.get")).Text("type").ShouldBe("success");

        using var refused = await SocketClient.OpenAsync(server.Root, thread, ("x-user", "eve"));
        (await refused.ClosedAsync()).ShouldBe(4403);
    }

    [Fact]
    public async Task A_handler_may_move_items_to_another_namespace()
    {
        await using var server = await StartAsync(weft => weft.Authorize(Store, static context =>
        {
            context.Namespace = ItemNamespace.Create([UserOf(context), .. context.Namespace]);
            return AccessResult.Allow;
        }));
        const string item = """{"namespace":["n"],"key":"k","value":{"of":"ada"}}""";

        (await server.Root.SendAsync(HttpMethod.Put, "/store/items", item, Ada)).ShouldBe(HttpStatusCode.NoContent);

        (await server.Root.GetAsync("/store/items?namespace=n&key=k", Ada)).ShouldBeOk()
            .Json.GetProperty("namespace").Strings().ShouldBe(["ada", "n"]);
        (await server.Root.GetAsync("/store/items?namespace=n&key=k", Bob)).ShouldBeOk().Text.ShouldBe("null");
        (await server.Root.PostAsync("/store/items/search", """{"namespace_prefix":["n"]}""", Ada)).ShouldBeOk()
            .Json.GetProperty("items").GetArrayLength().ShouldBe(1);
        (await server.Root.PostAsync("/store/items/search", """{"namespace_prefix":["n"],"namespace":["ada"]}""", Bob)).ShouldBeOk()
            .Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        (await server.Root.PostAsync("/store/namespaces", """{"prefix":[]}""", Ada)).ShouldBeOk().Text.ShouldContain("\"ada\",\"n\"");
        (await server.Root.PostAsync("/store/namespaces", "{}", Bob)).ShouldBeOk().Text.ShouldNotContain("ada");
        (await server.Root.SendAsync(HttpMethod.Delete, "/store/items", """{"namespace":["n"],"key":"k"}""", Bob))
            .ShouldBe(HttpStatusCode.NoContent);
        (await server.Root.GetAsync("/store/items?namespace=n&key=k", Ada)).ShouldBeOk().Text.ShouldContain("ada");
    }

    [Fact]
    public async Task A_filter_on_namespaces_restricts_the_store()
    {
        await using var server = await StartAsync(SeparateUsers);
        foreach (var (user, other) in ((string, string)[])[("ada", "bob"), ("bob", "ada")])
        {
            for (var i = 0; i < 3; i++)
            {
                var item = $$$"""{"namespace":["all","{{{user}}}"],"key":"k{{{i}}}","value":{"of":"{{{user}}}"}}""";
                (await server.Root.SendAsync(HttpMethod.Put, "/store/items", item, ("x-user", user))).ShouldBe(HttpStatusCode.NoContent);
                (await server.Root.SendAsync(HttpMethod.Put, "/store/items", item, ("x-user", other))).ShouldBe(HttpStatusCode.Forbidden);
            }
        }

        var all = (await server.Root.PostAsync("/store/items/search", """{"namespace_prefix":["all"],"limit":2,"offset":1}""", Ada)).ShouldBeOk();
        all.Json.GetProperty("items").GetArrayLength().ShouldBe(2);
        all.Text.ShouldNotContain("bob");
        (await server.Root.PostAsync("/store/namespaces", "{}", Ada)).ShouldBeOk().Text.ShouldBe("""{"namespaces":[["all","ada"]]}""");
        (await server.Root.GetAsync("/store/items?namespace=all.bob&key=k0", Ada)).ShouldBeOk().Text.ShouldBe("null");
    }

    [Fact]
    public async Task Graphs_may_be_run_by_those_who_do_not_see_their_assistants()
    {
        await using var server = await StartAsync(SeparateUsers);
        var own = (await server.Root.PostAsync("/assistants", """{"graph_id":"echo"}""", Ada)).ShouldBeOk().String("assistant_id");

        (await server.Root.PostAsync("/assistants/search", "{}", Ada)).ShouldBeOk().Json.GetArrayLength().ShouldBe(1);
        (await server.Root.PostAsync("/assistants/count", "{}", Bob)).ShouldBeOk().Text.ShouldBe("0");
        (await server.Root.GetAsync("/assistants/echo", Ada)).ShouldBe(HttpStatusCode.NotFound);
        (await server.Root.PostAsync("/runs/wait", """{"assistant_id":"echo","input":{}}""", Ada)).ShouldBeOk();
        (await server.Root.PostAsync("/runs/wait", $$"""{"input":{},"assistant_id":"{{own}}"}""", Ada)).ShouldBeOk();
        (await server.Root.PostAsync("/runs/wait", $$"""{"input":{},"assistant_id":"{{own}}"}""", Bob)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_changed_assistant_of_a_graph_is_not_taken_from_those_who_do_not_see_the_change()
    {
        await using var server = await StartAsync(weft => weft.Authorize(static context =>
            UserOf(context) == "root" ? AccessResult.Allow : MetadataFilter.Equal("owner", UserOf(context))));
        const string large = """{"config":{"configurable":{"model":"large"}}}""";
        (await server.Root.PostAsync("/runs/wait", Run, Ada)).ShouldBeOk();

        (await server.Root.PatchAsync("/assistants/configured", large, Root)).ShouldBeOk().Json.GetProperty("version").GetInt32().ShouldBe(2);

        (await ModelOfRunAsync(server, Ada)).ShouldBe("small");
        (await ModelOfRunAsync(server, Root)).ShouldBe("large");
        (await server.Root.PatchAsync("/assistants/configured", large, Ada)).ShouldBe(HttpStatusCode.NotFound);
        (await server.Root.PostAsync("/assistants/count", """{"graph_id":"configured"}""", Root)).ShouldBeOk().Text.ShouldBe("1");
    }

    [Fact]
    public async Task A_changed_assistant_of_a_graph_stays_one_of_the_system()
    {
        var mine = MetadataFilter.Equal("created_by", "system");
        await using var server = await StartAsync(weft => weft.Authorize(Assistants, context =>
            UserOf(context) == "root" ? AccessResult.Allow : MetadataFilter.Equal("owner", UserOf(context)).Or(mine)));

        foreach (var (user, version) in ((ValueTuple<string, string>, int)[])[(Root, 2), (Ada, 3)])
        {
            var changed = await server.Root.PatchAsync(
                "/assistants/configured",
                $$$"""{"config":{"configurable":{"model":"{{{user.Item2}}}"}},"metadata":{"created_by":"me","owner":"{{{user.Item2}}}"}}""",
                user);
            changed.ShouldBeOk().Json.GetProperty("version").GetInt32().ShouldBe(version);
            changed.Json.GetProperty("metadata").Text("created_by").ShouldBe("system");
        }

        (await server.Root.GetAsync("/assistants/configured", Bob)).ShouldBeOk().Json.GetProperty("version").GetInt32().ShouldBe(3);
        (await ModelOfRunAsync(server, Bob)).ShouldBe("ada");
        (await server.Root.PostAsync("/assistants/configured/versions", "{}", Bob)).ShouldBeOk().Json.GetArrayLength().ShouldBe(3);
        (await server.Root.PostAsync("/assistants/configured/latest", """{"version":1}""", Bob)).ShouldBeOk();
        (await ModelOfRunAsync(server, Ada)).ShouldBe("small");
        (await server.Root.DeleteAsync("/assistants/configured", Ada)).ShouldBe(HttpStatusCode.NoContent);
        (await server.Root.GetAsync("/assistants/configured", Bob)).ShouldBeOk().Json.GetProperty("version").GetInt32().ShouldBe(1);
        (await server.Root.DeleteAsync("/assistants/configured", Bob)).ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Users_of_one_actor_do_not_share_the_keys_of_requests()
    {
        await using var server = await StartAsync(SeparateUsers);
        const string run = """{"assistant_id":"echo","input":{},"on_completion":"keep"}""";

        var first = (await server.Root.PostAsync("/runs", run, Ada, ("Idempotency-Key", "k"))).ShouldBeOk().String("run_id");
        (await server.Root.PostAsync("/runs", run, Ada, ("Idempotency-Key", "k"))).ShouldBeOk().String("run_id").ShouldBe(first);
        (await server.Root.PostAsync("/runs", run, Bob, ("Idempotency-Key", "k"))).ShouldBeOk().String("run_id").ShouldNotBe(first);
    }

    /// <summary>The model that the configuration of the user's run of the graph names.</summary>
    private static async Task<string> ModelOfRunAsync(TestServer server, (string, string) user) =>
        (await server.Root.PostAsync("/runs/wait", Run, user)).ShouldBeOk().Json.GetProperty("configurable").Text("model");
}
