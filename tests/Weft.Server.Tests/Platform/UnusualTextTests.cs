using System.Text.RegularExpressions;

namespace Weft.Server.Tests.Platform;

/// <summary>Control characters and line breaks in names and around them: no call fails with 500, and no SSE frame breaks.</summary>
public sealed partial class UnusualTextTests(SharedServer shared) : ServerTests(shared)
{
    private const string AllModes =
        """["values","updates","messages-tuple","messages","custom","tasks","checkpoints","debug","events","tools"]""";

    /// <summary>Each as JSON escapes it. The first one would end a frame and begin another.</summary>
    public static TheoryData<string> Names { get; } =
        ["a\\n\\ndata: x\\n\\n", "\\r\\nid: 7", "\\u0000", "\\u001b[31m", "\\u007f", "\\u0085", "\\u2028", "x\\u202ey"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_run_with_such_names_is_streamed_in_whole_frames(string name)
    {
        var thread = (await Root.PostAsync("/threads", $$"""{"metadata":{"{{name}}":"{{name}}"} }""")).ShouldBeOk().String("thread_id");
        using var stream = await Root.StreamAsync($"/threads/{thread}/runs/stream", $$"""
            {
              "assistant_id":"configured", "stream_mode":{{AllModes}}, "stream_subgraphs":true, "stream_resumable":true,
              "input":{"{{name}}":"{{name}}"},
              "metadata":{"{{name}}":
                {"lines":"{{name}}"} },
              "config":{"tags":["{{name}}"],"configurable":{"{{name}}":[
                "{{name}}"]} },
              "context":{"{{name}}":
                "{{name}}"}
            }
            """);

        ShouldBeWhole(await stream.ToEndAsync());

        using var joined = await Root.JoinAsync($"/threads/{thread}/runs/{stream.Ids().RunId}/stream", ("Last-Event-ID", "-1"));
        ShouldBeWhole(await joined.ToEndAsync());
        foreach (var path in (string[])["", "/state", "/history", "/runs"])
        {
            (await Root.GetAsync($"/threads/{thread}{path}")).ShouldBeOk().Json.ValueKind.ShouldNotBe(default);
        }

        (await Root.PostAsync("/threads/search", $$"""{"metadata":{"{{name}}":"{{name}}"} }"""))
            .ShouldBeOk()
            .Json.GetArrayLength()
            .ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_message_with_such_names_is_streamed_in_whole_frames(string name)
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            using var stream = await api.StreamAsync("/runs/stream", $$"""
                {"assistant_id":"echo","stream_mode":{{AllModes}},"input":{"messages":[
                  {"role":"human","content":"{{name}}","id":"{{name}}","name":"{{name}}","additional_kwargs":{
                    "{{name}}":"{{name}}"} }]} }
                """);

            ShouldBeWhole(await stream.ToEndAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_that_nothing_has_is_refused(string name)
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo());
        foreach (var (path, body) in ((string, string)[])[
            ("/runs/wait", $$"""{"assistant_id":"{{name}}","input":{} }"""),
            ("/runs/wait", $$"""{"assistant_id":"named","input":{},"config":{"configurable":{"name":"{{name}}"} } }"""),
            ("/runs/wait", $$"""{"assistant_id":"echo","command":{"goto":"{{name}}"} }"""),
            ("/runs/wait", $$"""{"assistant_id":"echo","input":{},"checkpoint_id":"{{name}}"}"""),
            ("/runs/wait", $$"""{"assistant_id":"echo","input":{},"checkpoint":{"checkpoint_ns":"{{name}}"} }"""),
            ("/runs/wait", $$"""{"assistant_id":"echo","input":{},"stream_mode":"{{name}}"}"""),
            ("/runs/wait", $$"""{"assistant_id":"echo","input":{},"webhook":"{{name}}"}"""),
            ($"/threads/{thread}/runs", $$"""{"assistant_id":"{{name}}","input":{} }"""),
            ($"/threads/{thread}/state", $$"""{"values":{"title":"x"},"as_node":"{{name}}"}"""),
            ($"/threads/{thread}/state", $$"""{"values":{"title":"x"},"checkpoint_id":"{{name}}"}"""),
            ("/threads", $$"""{"thread_id":"{{name}}"}"""),
            ("/threads", $$"""{"if_exists":"{{name}}"}"""),
            ("/threads/search", $$"""{"sort_by":"{{name}}"}"""),
            ("/ui/echo", $$"""{"name":"{{name}}"}""")])
        {
            var answer = await Root.PostAsync(path, body);

            answer.Status.ShouldBeInRange(200, 499, $"{path} {body}: {answer}");
            answer.Json.ValueKind.ShouldNotBe(default);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Nodes_that_a_run_names_and_its_graph_has_not_stop_nothing(string name) =>
        (await Root.PostAsync("/runs/wait", $$"""{"assistant_id":"echo","input":{},"interrupt_before":["{{name}}"],"interrupt_after":["{{name}}"]}"""))
            .ShouldBeOk();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Items_have_any_name(string name)
    {
        var ns = $$"""["{{Guid.NewGuid()}}","{{name}}"]""";
        (await Root.SendAsync(HttpMethod.Put, "/store/items", $$"""{"namespace":{{ns}},"key":"{{name}}","value":{"{{name}}":"{{name}}"} }"""))
            .Status.ShouldBe(204);

        var found =
            (await Root.PostAsync("/store/items/search", $$"""{"namespace_prefix":{{ns}},"filter":{"{{name}}":"{{name}}"} }"""))
            .ShouldBeOk();

        var key = found.Json.GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("key").GetString()!;
        var query = string.Join(
            '&',
            System.Text.Json.JsonElement.Parse(ns)
                .EnumerateArray()
                .Select(label => $"namespace={Uri.EscapeDataString(label.GetString()!)}"));
        (await Root.GetAsync($"/store/items?{query}&key={Uri.EscapeDataString(key)}")).ShouldBeOk().String("key").ShouldBe(key);
        (await Root.PostAsync("/store/namespaces", $$"""{"prefix":{{ns}} }"""))
            .ShouldBeOk()
            .Json.GetProperty("namespaces")
            .GetArrayLength()
            .ShouldBe(1);
        (await Root.SendAsync(HttpMethod.Delete, "/store/items", $$"""{"namespace":{{ns}},"key":"{{name}}"}""")).Status.ShouldBe(204);
    }

    [Theory]
    [InlineData("/assistants/%0A")]
    [InlineData("/assistants/a%0D%0Adata%3A%20x/schemas")]
    [InlineData("/assistants/echo/subgraphs/%0A")]
    [InlineData("/threads/%0A/state")]
    [InlineData("/threads/0198c7f2-53a1-7c55-9d4e-6b1f0a9c8e21%0A")]
    [InlineData("/runs/%0A/stream")]
    [InlineData("/store/items?namespace=%0A&key=%0D%0A")]
    [InlineData("/ui/echo/%0A")]
    public async Task A_path_with_such_names_is_answered(string path)
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var answer = await api.GetAsync(path);

            answer.Status.ShouldBeInRange(200, 499, answer.ToString());
            answer.Json.ValueKind.ShouldNotBe(default);
        }
    }

    private static void ShouldBeWhole(List<SseFrame> frames)
    {
        frames.ShouldNotBeEmpty();
        frames.ShouldAllBe(frame => FrameForm().IsMatch(frame.Raw));
        frames.ShouldAllBe(frame => frame.Json.ValueKind != default);
        frames[^1].Event.ShouldBe("end");
    }

    [GeneratedRegex(@"\Aevent: [a-z/]+\ndata: [^\n]+\nid: [0-9-]+\z")]
    private static partial Regex FrameForm();
}
