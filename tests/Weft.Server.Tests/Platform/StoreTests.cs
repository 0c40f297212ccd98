using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Time.Testing;
using Weft.Runs;

namespace Weft.Server.Tests.Platform;

public sealed class StoreTests(SharedServer shared) : ServerTests(shared)
{
    private readonly string _root = NewId();

    [Fact]
    public async Task An_item_is_put_read_and_deleted()
    {
        (await PutAsync("""["users","u 1"]""", "a/b?c", """{"lang":"dé","deep":{"n":[1.50]}}"""))
            .ShouldBe(HttpStatusCode.NoContent)
            .Text.ShouldBeEmpty();

        var item = (await GetAsync("users.u%201", "a%2Fb%3Fc")).ShouldBeOk().Json;
        item.Names().ShouldBe(["namespace", "key", "value", "created_at", "updated_at"], ignoreOrder: true);
        item.GetProperty("namespace").Strings().ShouldBe([_root, "users", "u 1"]);
        item.Text("key").ShouldBe("a/b?c");
        item.GetProperty("value").ShouldBeJson("""{"lang":"dé","deep":{"n":[1.50]}}""");
        item.GetProperty("updated_at").GetDateTimeOffset().ShouldBe(item.GetProperty("created_at").GetDateTimeOffset());

        (await DeleteAsync("""["users","u 1"]""", "a/b?c")).ShouldBe(HttpStatusCode.NoContent).Text.ShouldBeEmpty();
        (await GetAsync("users.u%201", "a%2Fb%3Fc")).ShouldBeOk().Text.ShouldBe("null");
        (await DeleteAsync("""["users","u 1"]""", "a/b?c")).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task The_namespace_of_a_read_is_dotted_repeated_or_an_array()
    {
        await PutAsync("""["a,b"]""", "k", "{}");

        foreach (var query in (string[])[$"namespace={_root}.a,b", $"namespace={_root}&namespace=a,b", $"namespace=[\"{_root}\",\"a,b\"]"])
        {
            (await Root.GetAsync($"/store/items?{query}&key=k")).ShouldBeOk().String("key").ShouldBe("k");
        }

        (await Root.GetAsync("/store/items?namespace=&key=k")).ShouldBeOk().Text.ShouldBe("null");
    }

    [Fact]
    public async Task A_search_filters_and_pages()
    {
        for (var i = 0; i < 12; i++)
        {
            await PutAsync("""["s"]""", $"k{i:00}", $$"""{"n":{{i}},"at":{"city":"{{(i % 2 == 0 ? "Rom" : "Bonn")}}"} }""");
        }

        (await KeysAsync("")).Length.ShouldBe(10);
        (await KeysAsync(""","limit":2,"offset":1""")).ShouldBe(["k10", "k09"]);
        (await KeysAsync(""","filter":{"n":3}""")).ShouldBe(["k03"]);
        (await KeysAsync(""","filter":{"n":{"$gte":4,"$lt":9,"$ne":6},"at":{"city":"Rom"} }""")).ShouldBe(["k08", "k04"]);
        (await KeysAsync(""","filter":{"at.city":"Rom"}""")).ShouldBeEmpty();
        (await KeysAsync(""","filter":null,"query":"anything","limit":1,"offset":null,"refresh_ttl":null""")).ShouldBe(["k11"]);
        var found = (await Root.PostAsync("/store/items/search", $$"""{"namespace_prefix":["{{_root}}"],"limit":1}"""))
            .ShouldBeOk()
            .Json.GetProperty("items")[0];
        found.Names().ShouldBe(["namespace", "key", "value", "created_at", "updated_at", "score"], ignoreOrder: true);
        found.GetProperty("score").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Root.PostAsync("/store/items/search", """{"namespace_prefix":[]}"""))
            .ShouldBeOk()
            .Json.GetProperty("items")
            .GetArrayLength()
            .ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Namespaces_are_listed()
    {
        foreach (var ns in (string[])["""["u","1","notes"]""", """["u","2","notes"]""", """["u","2","prefs"]"""])
        {
            await PutAsync(ns, "k", "{}");
        }

        (await NamespacesAsync("")).ShouldBe(["u.1.notes", "u.2.notes", "u.2.prefs"]);
        (await NamespacesAsync(""","suffix":["notes"]""")).ShouldBe(["u.1.notes", "u.2.notes"]);
        (await NamespacesAsync(""","suffix":["2","*"]""")).ShouldBe(["u.2.notes", "u.2.prefs"]);
        (await NamespacesAsync(""","max_depth":3""")).ShouldBe(["u.1", "u.2"]);
        (await NamespacesAsync(""","limit":1,"offset":1""")).ShouldBe(["u.2.notes"]);
        (await Root.PostAsync("/store/namespaces", "{}")).ShouldBeOk().Json.Names().ShouldBe(["namespaces"]);
    }

    [Theory]
    [InlineData("PUT", """{"key":"k","value":{}}""", 422, "namespace")]
    [InlineData("PUT", """{"namespace":"a","key":"k","value":{}}""", 422, "namespace")]
    [InlineData("PUT", """{"namespace":[],"key":"k","value":{}}""", 400, "namespace")]
    [InlineData("PUT", """{"namespace":[""],"key":"k","value":{}}""", 422, "namespace")]
    [InlineData("PUT", """{"namespace":["a",null],"key":"k","value":{}}""", 422, "namespace")]
    [InlineData("PUT", """{"namespace":["a.b"],"key":"k","value":{}}""", 422, "namespace")]
    [InlineData("PUT", """{"namespace":["langgraph"],"key":"k","value":{}}""", 422, "namespace")]
    [InlineData("PUT", """{"namespace":["a"],"value":{}}""", 422, "key")]
    [InlineData("PUT", """{"namespace":["a"],"key":1,"value":{}}""", 422, "key")]
    [InlineData("PUT", """{"namespace":["a"],"key":"k"}""", 422, "value")]
    [InlineData("PUT", """{"namespace":["a"],"key":"k","value":null}""", 422, "value")]
    [InlineData("PUT", """{"namespace":["a"],"key":"k","value":[1]}""", 422, "value")]
    [InlineData("PUT", """{"namespace":["a"],"key":"k","value":{},"index":true}""", 422, "index")]
    [InlineData("PUT", """{"namespace":["a"],"key":"k","value":{},"index":[1]}""", 422, "index")]
    [InlineData("PUT", """{"namespace":["a"],"key":"k","value":{},"ttl":0}""", 422, "ttl")]
    [InlineData("PUT", """{"namespace":["a"],"key":"k","value":{},"ttl":-1}""", 422, "ttl")]
    [InlineData("PUT", """{"namespace":["a"],"key":"k","value":{},"ttl":1e300}""", 422, "ttl")]
    [InlineData("PUT", """{"namespace":["a"],"key":"k","value":{},"ttl":"soon"}""", 422, "ttl")]
    [InlineData("DELETE", """{"namespace":["a"]}""", 422, "key")]
    [InlineData("DELETE", """{"namespace":["a.b"],"key":"k"}""", 422, "namespace")]
    [InlineData("POST", """{"namespace_prefix":["a.b"]}""", 422, "namespace_prefix")]
    [InlineData("POST", """{"namespace_prefix":"a"}""", 422, "namespace_prefix")]
    [InlineData("POST", """{"filter":[]}""", 422, "filter")]
    [InlineData("POST", """{"filter":{"age":{"$in":[1]}}}""", 422, "filter.age.$in")]
    [InlineData("POST", """{"limit":0}""", 422, "limit")]
    [InlineData("POST", """{"limit":1001}""", 422, "limit")]
    [InlineData("POST", """{"offset":-1}""", 422, "offset")]
    [InlineData("POST", """{"query":1}""", 422, "query")]
    [InlineData("POST", """{"refresh_ttl":"maybe"}""", 422, "refresh_ttl")]
    [InlineData("LIST", """{"prefix":["a.b"]}""", 422, "prefix")]
    [InlineData("LIST", """{"suffix":[""]}""", 422, "suffix")]
    [InlineData("LIST", """{"max_depth":0}""", 422, "max_depth")]
    [InlineData("LIST", """{"limit":0}""", 422, "limit")]
    [InlineData("LIST", """{"offset":-1}""", 422, "offset")]
    public async Task A_wrong_field_is_named(string method, string body, int status, string field)
    {
        var answer = method switch
        {
            "POST" => await Root.PostAsync("/store/items/search", body),
            "LIST" => await Root.PostAsync("/store/namespaces", body),
            _ => await Root.SendAsync(new HttpMethod(method), "/store/items", body),
        };

        answer.ShouldBe((HttpStatusCode)status).Detail.ShouldContain(field);
    }

    [Theory]
    [InlineData("namespace=a", "query.key")]
    [InlineData("namespace=a..b&key=k", "query.namespace")]
    [InlineData("namespace=[1]&key=k", "query.namespace")]
    [InlineData("namespace=a&key=k&refresh_ttl=maybe", "query.refresh_ttl")]
    public async Task A_wrong_query_is_named(string query, string field) =>
        (await Root.GetAsync("/store/items?" + query)).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain(field);

    [Fact]
    public async Task Both_mounts_serve_the_same_items()
    {
        await Gateway.SendAsync(HttpMethod.Put, "/store/items", $$"""{"namespace":["{{_root}}"],"key":"k","value":{"a":1} }""");

        (await Root.GetAsync($"/store/items?namespace={_root}&key=k")).ShouldBeOk().Json.GetProperty("value").ShouldBeJson("""{"a":1}""");
        (await Gateway.SendAsync(HttpMethod.Put, "/store/items", """{"namespace":["a.b"],"key":"k","value":{}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Json.GetProperty("detail")[0].GetProperty("loc").Strings().ShouldBe(["body", "namespace"]);
    }

    [Fact]
    public async Task An_item_lives_for_its_minutes_after_it_was_put_or_read()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(
            time: time, configureRuns: options => options.ItemTimeToLive = TimeSpan.FromMinutes(5));
        foreach (var (key, ttl) in new[] { ("usual", "null"), ("brief", "1.5"), ("left", "2") })
        {
            (await server.Root.SendAsync(HttpMethod.Put, "/store/items", $$"""{"namespace":["t"],"key":"{{key}}","value":{},"ttl":{{ttl}} }"""))
                .ShouldBe(HttpStatusCode.NoContent);
        }

        time.Advance(TimeSpan.FromSeconds(80));
        (await server.Root.GetAsync("/store/items?namespace=t&key=brief")).Text.ShouldNotBe("null");
        (await server.Root.GetAsync("/store/items?namespace=t&key=left&refresh_ttl=false")).Text.ShouldNotBe("null");
        time.Advance(TimeSpan.FromSeconds(80));

        (await server.Root.PostAsync("/store/items/search", """{"namespace_prefix":["t"],"refresh_ttl":false}"""))
            .Json.GetProperty("items")
            .EnumerateArray()
            .Select(item => item.Text("key"))
            .ShouldBe(["usual", "brief"], ignoreOrder: true);
    }

    [Fact]
    public async Task Nodes_and_clients_share_the_items_across_threads_and_restarts()
    {
        using var folder = new Recovery.TempFolder();
        var first = await TestServer.StartAsync(folder.Path);
        (await CountAsync(first)).ShouldBe(1);
        (await CountAsync(first)).ShouldBe(2);
        await first.StopAsync();

        var second = await TestServer.StartAsync(folder.Path);

        (await CountAsync(second)).ShouldBe(3);
        (await second.Root.GetAsync("/store/items?namespace=counts&key=runs"))
            .ShouldBeOk()
            .Json.GetProperty("value")
            .ShouldBeJson("""{"n":3}""");
        await second.Root.SendAsync(HttpMethod.Put, "/store/items", """{"namespace":["counts"],"key":"runs","value":{"n":10}}""");
        (await CountAsync(second)).ShouldBe(11);
        await second.StopAsync();
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 1)]
    public async Task Each_actor_has_items_of_its_own_where_that_is_configured(bool perActor, int count)
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.ItemsPerActor = perActor, use: app => app.Use((http, next) =>
        {
            http.Features.Set(new Actor(http.Request.Headers["X-User"].ToString()));
            return next(http);
        }));
        foreach (var user in new[] { "ada", "bob", "cyd" })
        {
            await server.Root.PostAsync("/runs/wait", """{"assistant_id":"counting","input":{}}""", ("X-User", user));
        }

        (await server.Root.GetAsync("/store/items?namespace=counts&key=runs", ("X-User", "cyd")))
            .ShouldBeOk()
            .Json.GetProperty("value")
            .GetProperty("n")
            .GetInt32()
            .ShouldBe(count);
    }

    private static async Task<int> CountAsync(TestServer server) =>
        (await server.Root.PostAsync($"/threads/{await server.Root.NewThreadAsync()}/runs/wait", """{"assistant_id":"counting","input":{}}"""))
            .ShouldBeOk()
            .Json.GetProperty("count")
            .GetInt32();

    private Task<Answer> PutAsync(string labels, string key, string value) =>
        Root.SendAsync(HttpMethod.Put, "/store/items", $$"""{"namespace":{{Below(labels)}},"key":"{{key}}","value":{{value}} }""");

    private Task<Answer> DeleteAsync(string labels, string key) =>
        Root.SendAsync(HttpMethod.Delete, "/store/items", $$"""{"namespace":{{Below(labels)}},"key":"{{key}}"}""");

    private Task<Answer> GetAsync(string dotted, string key) => Root.GetAsync($"/store/items?namespace={_root}.{dotted}&key={key}");

    private async Task<string[]> KeysAsync(string more)
    {
        var found = await Root.PostAsync("/store/items/search", $$"""{"namespace_prefix":["{{_root}}","s"]{{more}}}""");
        return [.. found.ShouldBeOk().Json.GetProperty("items").EnumerateArray().Select(item => item.Text("key"))];
    }

    private async Task<string[]> NamespacesAsync(string more)
    {
        var found = await Root.PostAsync("/store/namespaces", $$"""{"prefix":["{{_root}}"]{{more}}}""");
        return [.. found.ShouldBeOk().Json.GetProperty("namespaces").EnumerateArray().Select(ns => string.Join('.', ns.Strings()[1..]))];
    }

    /// <summary>The labels, as JSON, below this test's own.</summary>
    private string Below(string labels) => $"[\"{_root}\",{labels[1..]}";
}
