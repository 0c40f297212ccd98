using System.Net;

namespace Weft.Server.Tests.Platform;

/// <summary>HEAD is answered wherever GET is, with the same headers, and changes nothing.</summary>
public sealed class HeadTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Every_route_that_is_read_has_it()
    {
        var thread = await Root.NewThreadAsync();
        var run = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).RunPath;
        var checkpoint = (await Root.GetAsync($"/threads/{thread}/state")).Json.CheckpointId();
        foreach (var path in (string[])[
            "/ok", "/info", "/openapi.json", "/assistants/echo", "/assistants/echo/graph", "/assistants/echo/schemas",
            "/assistants/echo/subgraphs",
            "/store/items?namespace=a&key=b", $"/threads/{thread}", $"/threads/{thread}/state",
            $"/threads/{thread}/state/{checkpoint}", $"/threads/{thread}/history",
            $"/threads/{thread}/runs", run, run + "/join", run + "/stream"])
        {
            var (get, head) = (await Root.GetAsync(path), await Root.SendAsync(HttpMethod.Head, path, null));

            head.ShouldBeOk().Text.ShouldBeEmpty();
            head.Header("Content-Type").ShouldBe(get.Header("Content-Type"), path);
            head.Header("Location").ShouldBe(get.Header("Location"), path);
        }

        (await Gateway.SendAsync(HttpMethod.Head, run + "/messages", null)).ShouldBeOk();
        (await Root.SendAsync(HttpMethod.Head, $"/threads/{NewId()}", null)).ShouldBe(HttpStatusCode.NotFound);
        (await Root.SendAsync(HttpMethod.Head, "/runs", null)).ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Of_a_stream_it_answers_the_headers_and_reads_none_of_it()
    {
        var (thread, gate) = (await Root.NewThreadAsync(), Gates.New());
        var run = (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate))).RunPath;
        await gate.EnteredAsync();

        (await Root.SendAsync(HttpMethod.Head, $"/threads/{thread}/stream", null))
            .ShouldBeOk()
            .Header("Content-Type")
            .ShouldBe("text/event-stream");
        (await Root.SendAsync(HttpMethod.Head, run + "/stream", null)).ShouldBeOk().Header("Location").ShouldBe(run + "/stream");
        (await Root.SendAsync(HttpMethod.Head, run + "/join?cancel_on_disconnect=true", null)).ShouldBeOk();
        (await Gateway.SendAsync(HttpMethod.Head, run + "/stream?action=interrupt&wait=true", null)).ShouldBeOk();

        (await Root.GetAsync(run)).String("status").ShouldBe("running");
        using var stream = await Root.JoinAsync(run + "/stream");
        gate.Open();
        (await stream.ToEndAsync())[0].Event.ShouldBe("metadata");
    }
}
