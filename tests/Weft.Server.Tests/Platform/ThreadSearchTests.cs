using System.Net;

namespace Weft.Server.Tests.Platform;

public sealed class ThreadSearchTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Threads_are_counted_by_what_they_are()
    {
        var tag = NewId();
        var asking = (await Root.PostAsync("/threads", $$$"""{"metadata":{"tag":"{{{tag}}}"}}""")).String("thread_id");
        var talking = (await Root.PostAsync("/threads", $$$"""{"metadata":{"tag":"{{{tag}}}"}}""")).String("thread_id");
        await Root.PostAsync($"/threads/{asking}/runs/wait", Bodies.Asking());
        await Root.PostAsync($"/threads/{talking}/runs/wait", """{"assistant_id":"echo","input":{"title":"a title","messages":[]}}""");

        async Task<string> Count(string more) =>
            (await Root.PostAsync("/threads/count", $$$"""{"metadata":{"tag":"{{{tag}}}"}{{{more}}}}""")).ShouldBeOk().Text;

        (await Count("")).ShouldBe("2");
        (await Count(""","status":"interrupted" """)).ShouldBe("1");
        (await Count(""","status":"busy" """)).ShouldBe("0");
        (await Count(""","values":{"title":"a title"}""")).ShouldBe("1");
        (await Count(""","values":{"title":"other"}""")).ShouldBe("0");
        int.Parse((await Root.PostAsync("/threads/count")).ShouldBeOk().Text, System.Globalization.CultureInfo.InvariantCulture)
            .ShouldBeGreaterThanOrEqualTo(2);
        (await Root.PostAsync("/threads/count", """{"status":"asleep"}""")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("/threads/search", "ids", "")]
    [InlineData("/threads/prune", "thread_ids", "")]
    [InlineData("/runs/cancel", "run_ids", ""","thread_id":"00000000-0000-4000-8000-000000000000" """)]
    public async Task A_request_names_as_many_ids_as_a_page_may_have_and_no_more(string path, string field, string more)
    {
        string Body(int count) =>
            $$"""{"{{field}}":[{{string.Join(',', Enumerable.Range(0, count).Select(static _ => $"\"{NewId()}\""))}}]{{more}}}""";

        (await Root.PostAsync(path, Body(1_001)))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldBe($"{field}: It must have at most 1000 ids.");
        (await Root.PostAsync(path, Body(1_000))).Status.ShouldBeOneOf(200, 404);
    }

    [Theory]
    [InlineData("""{"roles":["a"]}""", true)]
    [InlineData("""{"roles":["b","a"]}""", true)]
    [InlineData("""{"roles":[]}""", true)]
    [InlineData("""{"roles":["a","c"]}""", false)]
    [InlineData("""{"roles":"a"}""", false)]
    [InlineData("""{"deep":{"items":[{"id":2}]}}""", true)]
    [InlineData("""{"deep":{"items":[{"id":2,"more":2}]}}""", false)]
    public async Task A_list_is_found_by_items_that_it_contains(string part, bool isFound)
    {
        var tag = NewId();
        await Root.PostAsync(
            "/threads",
            $$$$"""{"metadata":{"tag":"{{{{tag}}}}","roles":["a","b"],"deep":{"items":[{"id":1},{"id":2,"more":1}]}}}""");

        (await Root.PostAsync("/threads/search", $$$"""{"metadata":{"tag":"{{{tag}}}",{{{part[1..]}}}}"""))
            .ShouldBeOk()
            .Json.GetArrayLength()
            .ShouldBe(isFound ? 1 : 0);
    }

    [Fact]
    public async Task A_search_extracts_what_it_is_asked_for()
    {
        var tag = NewId();
        var thread = (await Root.PostAsync("/threads", $$$"""{"metadata":{"tag":"{{{tag}}}","tags":["a","b"]}}""")).String("thread_id");
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"));

        var found = (await Root.PostAsync("/threads/search", $$$"""
            {"metadata":{"tag":"{{{tag}}}"},"select":["thread_id","context"],
             "extract":{"last":"values.messages[-1].content","first":"values.messages[0].content","tag":"metadata.tags[1]","none":"values.messages[7].content","all":"metadata.tags"}}
            """)).ShouldBeOk().Json[0];

        found.Names().ShouldBe(["thread_id", "extracted"], ignoreOrder: true);
        found.GetProperty("extracted").ShouldBeJson("""{"last":"echo: one","first":"one","tag":"b","none":null,"all":["a","b"]}""");
    }

    [Fact]
    public async Task A_search_answers_those_of_the_values_that_it_selects()
    {
        var tag = NewId();
        var thread = (await Root.PostAsync("/threads", $$$"""{"metadata":{"tag":"{{{tag}}}"}}""")).String("thread_id");
        Task<Answer> Search(string select) =>
            Root.PostAsync("/threads/search", $$$"""{"metadata":{"tag":"{{{tag}}}"},"select":{{{select}}}}""");
        (await Search("""["values.messages"]""")).ShouldBeOk().Json.ShouldBeJson("""[{"values":null}]""");
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"));

        (await Search("""["values.messages","status"]""")).ShouldBeOk().Json[0].GetProperty("values").Names().ShouldBe(["messages"]);
        (await Search("""["values.none"]""")).ShouldBeOk().Json.ShouldBeJson("""[{"values":{}}]""");
        (await Search("""["status"]""")).ShouldBeOk().Json.ShouldBeJson("""[{"status":"idle"}]""");
    }

    [Theory]
    [InlineData("nowhere.a")]
    [InlineData("values..a")]
    [InlineData("values.a[b]")]
    [InlineData("values.a[99999999999]")]
    [InlineData("")]
    public async Task A_path_that_is_none_is_refused(string path) =>
        (await Root.PostAsync("/threads/search", $$$"""{"extract":{"x":"{{{path}}}"}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldContain("extract.x");

    [Fact]
    public async Task A_search_extracts_so_much_and_no_more() =>
        (await Root.PostAsync("/threads/search", $$$"""{"extract":{{{{string.Join(',', Enumerable.Range(0, 11).Select(i => $"\"x{i}\":\"values\""))}}}}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("extract");
}
