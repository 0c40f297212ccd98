namespace Weft.Server.Tests.Platform;

[Collection("Assistants of the shared server")]
public sealed class AssistantTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Every_graph_has_an_assistant_with_an_id_made_of_its_own()
    {
        var assistants = (await Root.PostAsync("/assistants/search", """{"limit":100,"sort_by":"graph_id","sort_order":"asc"}"""))
            .ShouldBeOk();

        var ids = assistants.Json.EnumerateArray().Select(assistant => assistant.Text("graph_id")).ToList();
        ids.ShouldBe(ids.Order(StringComparer.Ordinal));
        ids.ShouldContain("echo");
        assistants.Header("X-Pagination-Total").ShouldBe($"{ids.Count}");
        var echo = (await Root.GetAsync("/assistants/echo")).ShouldBeOk().Json;
        (await Root.GetAsync("/assistants/" + echo.Text("assistant_id"))).ShouldBeOk().Json.Text("name").ShouldBe("echo");
        echo.GetProperty("metadata").ShouldBeJson("""{"created_by":"system"}""");
        echo.GetProperty("version").GetInt32().ShouldBe(1);
        echo.Text("description").ShouldBe("Says it again.");
        echo.Names()
            .ShouldBe(
                [
                    "assistant_id",
                    "graph_id",
                    "name",
                    "description",
                    "config",
                    "context",
                    "metadata",
                    "version",
                    "created_at",
                    "updated_at",
                ],
                ignoreOrder: true);
        // UUIDv5 of "echo" in the namespace 6ba7b821-9dad-11d1-80b4-00c04fd430c8.
        echo.Text("assistant_id").ShouldBe("046b5dc7-2108-582c-9c6c-31d556d138f0");
    }

    [Fact]
    public async Task A_search_filters_pages_and_counts()
    {
        (await Root.PostAsync("/assistants/search", """{"graph_id":"gated"}""")).Json.GetArrayLength().ShouldBe(1);
        (await Root.PostAsync("/assistants/search", """{"name":"ECH"}""")).Json[0].Text("name").ShouldBe("echo");
        (await Root.PostAsync("/assistants/search", """{"metadata":{"created_by":"system"},"limit":2}"""))
            .Header("X-Pagination-Next")
            .ShouldBe("2");
        (await Root.PostAsync("/assistants/search", """{"metadata":{"created_by":"somebody"}}""")).Json.GetArrayLength().ShouldBe(0);
        var all = (await Root.PostAsync("/assistants/search", """{"limit":100}""")).Json.GetArrayLength();
        (await Root.PostAsync("/assistants/count", "{}")).ShouldBeOk().Text.ShouldBe($"{all}");
    }

    [Fact]
    public async Task Pages_have_those_of_graphs_and_of_clients_in_one_order()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var name in (string[])["A", "echo", "m", "m", "~"])
        {
            (await server.Root.PostAsync("/assistants", $$"""{"graph_id":"gated","name":"{{name}}"}""")).ShouldBeOk();
        }

        foreach (var (sort, isAscending) in from sort in (string[])["assistant_id", "graph_id", "name", "created_at"]
                                            from isAscending in (bool[])[true, false]
                                            select (sort, isAscending))
        {
            async Task<List<string>> SearchAsync(int limit, int offset)
            {
                var order = isAscending ? "asc" : "desc";
                var body = $$"""{"limit":{{limit}},"offset":{{offset}},"sort_by":"{{sort}}","sort_order":"{{order}}"}""";
                var found = (await server.Root.PostAsync("/assistants/search", body)).ShouldBeOk();
                return [.. found.Json.EnumerateArray().Select(assistant => $"{assistant.Text(sort)} {assistant.Text("assistant_id")}")];
            }

            var all = await SearchAsync(1000, 0);
            var keys = all.ConvertAll(assistant => assistant.Split(' ')[0]);
            keys.ShouldBe(isAscending ? keys.Order(StringComparer.Ordinal) : keys.OrderDescending(StringComparer.Ordinal));
            foreach (var size in (int[])[1, 3, all.Count - 1])
            {
                var pages = new List<string>();
                for (var offset = 0; offset <= all.Count; offset += size)
                {
                    var page = await SearchAsync(size, offset);
                    page.Count.ShouldBe(Math.Min(size, all.Count - offset));
                    pages.AddRange(page);
                }

                pages.ShouldBe(all);
            }

            (await SearchAsync(5, all.Count + 50)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task An_unknown_assistant_is_not_found() => (await Root.GetAsync($"/assistants/{NewId()}")).Status.ShouldBe(404);

    [Fact]
    public async Task A_run_takes_the_graphs_name_or_the_assistants_id()
    {
        var id = (await Root.GetAsync("/assistants/echo")).String("assistant_id");

        var run = (await Root.PostAsync("/runs", $$"""{"assistant_id":"{{id}}","input":{} }""")).ShouldBeOk().Json;

        run.Text("assistant_id").ShouldBe(id);
    }
}
