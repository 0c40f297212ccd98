using System.Net;

namespace Weft.Server.Tests.Platform;

public sealed class ThreadTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_thread_is_created_read_changed_and_deleted()
    {
        var id = NewId();
        var created = (await Root.PostAsync("/threads", $$$"""{"thread_id":"{{{id}}}","metadata":{"a":1,"b":2}}""")).ShouldBeOk().Json;
        created.Text("thread_id").ShouldBe(id);
        created.Text("status").ShouldBe("idle");
        created.Names()
            .ShouldBe(
                [
                    "thread_id",
                    "created_at",
                    "updated_at",
                    "state_updated_at",
                    "metadata",
                    "status",
                    "config",
                    "values",
                    "interrupts",
                    "error",
                ],
                ignoreOrder: true);

        (await Root.PatchAsync($"/threads/{id}", """{"metadata":{"b":3,"c":4}}"""))
            .ShouldBeOk()
            .Json.GetProperty("metadata")
            .ShouldBeJson("""{"a":1,"b":3,"c":4}""");
        (await Root.PatchAsync($"/threads/{id}", """{"metadata":{"c":5}}""", ("Prefer", "return=minimal")))
            .ShouldBe(HttpStatusCode.NoContent)
            .Text.ShouldBeEmpty();
        (await Root.GetAsync($"/threads/{id}")).Json.GetProperty("metadata").ShouldBeJson("""{"a":1,"b":3,"c":5}""");

        (await Root.DeleteAsync($"/threads/{id}")).ShouldBe(HttpStatusCode.NoContent);
        (await Root.GetAsync($"/threads/{id}")).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldContain(id);
    }

    [Fact]
    public async Task A_thread_without_an_id_gets_one() =>
        new Guid((await Root.PostAsync("/threads")).ShouldBeOk().String("thread_id")).Version.ShouldBe(7);

    [Fact]
    public async Task An_id_that_is_taken_conflicts_unless_the_body_allows_it()
    {
        var id = NewId();
        await Root.PostAsync("/threads", $$$"""{"thread_id":"{{{id}}}","metadata":{"first":true}}""");

        (await Root.PostAsync("/threads", $$"""{"thread_id":"{{id}}"}""")).ShouldBe(HttpStatusCode.Conflict);
        (await Root.PostAsync("/threads", $$"""{"thread_id":"{{id}}","if_exists":"raise"}""")).ShouldBe(HttpStatusCode.Conflict);
        (await Root.PostAsync("/threads", $$"""{"thread_id":"{{id}}","if_exists":"do_nothing"}"""))
            .ShouldBeOk()
            .Json.GetProperty("metadata")
            .Names()
            .ShouldContain("first");
        (await Gateway.PostAsync("/threads", $$"""{"thread_id":"{{id}}"}""")).ShouldBeOk();
    }

    [Fact]
    public async Task A_run_marks_its_thread()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        var run = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();
        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("busy");
        gate.Open();
        await Root.GetAsync(run.RunPath + "/join");

        var view = (await Root.GetAsync($"/threads/{thread}")).Json;

        view.Text("status").ShouldBe("idle");
        view.GetProperty("metadata").Text("graph_id").ShouldBe("gated");
        view.GetProperty("values").Texts().ShouldBe(["go", "begun", "one two"]);
    }

    [Fact]
    public async Task Deleting_a_thread_ends_its_run_and_takes_everything_with_it()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        var run = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();

        (await Root.DeleteAsync($"/threads/{thread}")).ShouldBe(HttpStatusCode.NoContent);

        await gate.CancelledAsync();
        (await Root.GetAsync(run.RunPath)).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{thread}/state")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Threads_are_found_by_metadata_values_status_and_ids()
    {
        var tag = NewId();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(
                (await Root.PostAsync("/threads", $$$"""{"metadata":{"tag":"{{{tag}}}","number":{{{i}}},"deep":{"x":{{{i}}},"y":0} }}"""))
                    .String("thread_id"));
        }

        await Root.PostAsync($"/threads/{ids[1]}/runs/wait", Bodies.Asking());
        await Root.PostAsync($"/threads/{ids[2]}/runs/wait", $$$"""{"assistant_id":"echo","input":{"title":"{{{tag}}}"}}""");

        async Task<string[]> FindAsync(string body) =>
            [
                .. (await Root.PostAsync("/threads/search", body))
                    .ShouldBeOk()
                    .Json.EnumerateArray()
                    .Select(thread => thread.Text("thread_id")),
            ];

        (await FindAsync($$$"""{"metadata":{"tag":"{{{tag}}}"}}""")).ShouldBe([ids[2], ids[1], ids[0]]);
        (await FindAsync($$$"""{"metadata":{"tag":"{{{tag}}}"},"sort_by":"created_at","sort_order":"asc","limit":1,"offset":1}"""))
            .ShouldBe([ids[1]]);
        (await FindAsync($$$"""{"metadata":{"tag":"{{{tag}}}","deep":{"x":2} }}""")).ShouldBe([ids[2]]);
        (await FindAsync($$$"""{"metadata":{"tag":"{{{tag}}}"},"status":"interrupted"}""")).ShouldBe([ids[1]]);
        (await FindAsync($$$"""{"values":{"title":"{{{tag}}}"}}""")).ShouldBe([ids[2]]);
        (await FindAsync($$"""{"ids":["{{ids[0]}}","{{NewId()}}"]}""")).ShouldBe([ids[0]]);

        var page = await Root.PostAsync("/threads/search", $$$"""{"metadata":{"tag":"{{{tag}}}"},"limit":2,"select":["thread_id"]}""");
        page.Header("X-Pagination-Total").ShouldBe("3");
        page.Header("X-Pagination-Next").ShouldBe("2");
        page.Json[0].Names().ShouldBe(["thread_id"]);
    }

    [Fact]
    public async Task A_thread_that_a_run_makes_has_the_metadata_of_the_run_and_one_that_exists_keeps_its_own()
    {
        var tag = NewId();
        var more = $$$""","metadata":{"tag":"{{{tag}}}","graph_id":"other"}""";
        var (created, kept, commanded, ofGateway) = (NewId(), "", NewId(), NewId());
        (await Root.PostAsync($"/threads/{created}/runs/wait", Bodies.Echo(more: more + ""","if_not_exists":"create" """))).ShouldBeOk();
        kept = (await Root.PostAsync("/runs", Bodies.Echo(more: more + ""","on_completion":"keep" """))).ShouldBeOk().String("thread_id");
        (await Root.CommandAsync(commanded, "run.start", $$"""{"assistant_id":"echo","input":{"messages":[]}{{more}}}"""))
            .Text("type").ShouldBe("success");
        (await Gateway.PostAsync($"/threads/{ofGateway}/runs/wait", Bodies.Echo(more: more))).ShouldBeOk();
        var existing = await Root.NewThreadAsync();
        (await Root.PostAsync($"/threads/{existing}/runs/wait", Bodies.Echo(more: more))).ShouldBeOk();

        var found = (await Root.PostAsync("/threads/search", $$$"""{"metadata":{"tag":"{{{tag}}}"}}""")).ShouldBeOk().Json;

        found.EnumerateArray().Select(thread => thread.Text("thread_id"))
            .ShouldBe([created, kept, commanded, ofGateway], ignoreOrder: true);
        found.EnumerateArray().ShouldAllBe(thread => thread.GetProperty("metadata").Text("graph_id") == "echo");
    }

    [Fact]
    public async Task The_gateways_mount_deletes_threads_with_a_message()
    {
        var thread = await Root.NewThreadAsync();

        (await Gateway.DeleteAsync($"/threads/{thread}")).ShouldBeOk().Json.GetProperty("success").GetBoolean().ShouldBeTrue();

        (await Gateway.DeleteAsync($"/threads/{thread}")).ShouldBe(HttpStatusCode.NotFound);
    }
}
