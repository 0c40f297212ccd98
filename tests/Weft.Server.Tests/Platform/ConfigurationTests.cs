using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Server.Tests.Platform;

/// <summary>What configures a run: its body and headers. It is that run's alone.</summary>
public sealed class ConfigurationTests(SharedServer shared) : ServerTests(shared)
{
    private const string Run = """{"assistant_id":"configured","input":{}}""";

    [Fact]
    public async Task Headers_reach_the_nodes_of_their_run_and_nobody_else()
    {
        var thread = await Root.NewThreadAsync();
        (string, string)[] headers = [("X-Team", "blue"), ("User-Agent", "tests/1")];

        var first = (await Root.PostAsync($"/threads/{thread}/runs/wait", Run, headers)).ShouldBeOk();
        var configurable = first.Json.GetProperty("configurable");
        (configurable.Text("x-team"), configurable.Text("user-agent")).ShouldBe(("blue", "tests/1"));
        (await Root.PostAsync($"/threads/{thread}/runs/wait", Run))
            .ShouldBeOk()
            .Json.GetProperty("configurable")
            .Names()
            .ShouldNotContain("x-team");

        // The state of this graph is what its node saw, so the run that says so is over: only metadata and configuration are left.
        foreach (var path in (string[])[$"/threads/{thread}", $"/threads/{thread}/runs", first.RunPath])
        {
            (await Root.GetAsync(path)).ShouldBeOk().Text.ShouldNotContain("blue", Case.Sensitive, path);
        }

        foreach (var state in (await Root.GetAsync($"/threads/{thread}/history")).ShouldBeOk().Json.EnumerateArray())
        {
            state.GetProperty("metadata").GetRawText().ShouldNotContain("blue");
        }

        (await Root.PostAsync("/threads/search", $$"""{"ids":["{{thread}}"],"select":["config","metadata"]}"""))
            .ShouldBeOk()
            .Text.ShouldNotContain("blue");
    }

    [Fact]
    public async Task Headers_are_not_in_the_metadata_of_streamed_messages()
    {
        using var stream = await Root.StreamAsync(
            "/runs/stream", Bodies.Echo(more: ""","stream_mode":["messages-tuple","debug"]"""), ("x-team", "blue"));

        var frames = await stream.ToEndAsync();

        frames.ShouldNotBeEmpty();
        frames.ShouldAllBe(frame => !frame.Data.Contains("blue"));
    }

    [Theory]
    [InlineData("x-api-key")]
    [InlineData("x-auth-token")]
    [InlineData("x-access-token")]
    [InlineData("x-csrf-token")]
    [InlineData("x-service-key")]
    [InlineData("x-client-secret")]
    [InlineData("x-user")]
    [InlineData("x-user-id")]
    [InlineData("x-tenant-id")]
    [InlineData("x-ms-client-principal")]
    [InlineData("x-amzn-oidc-data")]
    [InlineData("x-goog-iap-jwt-assertion")]
    [InlineData("x-forwarded-for")]
    [InlineData("x-real-ip")]
    [InlineData("Authorization")]
    [InlineData("Cookie")]
    public async Task A_header_that_carries_a_credential_an_identity_or_a_proxys_word_is_left_out(string name)
    {
        var answer = await Root.PostAsync(
            "/runs/wait",
            $$$$"""{"assistant_id":"configured","input":{},"config":{"configurable":{"x-user":"root","{{{{name}}}}":"root"}}}""",
            (name, "s3cret"),
            ("X-User", "ada"));

        answer.ShouldBeOk().Text.ShouldNotContain("s3cret");
        if (name.StartsWith("x-", StringComparison.Ordinal))
        {
            answer.Text.ShouldNotContain("root");
        }
    }

    [Theory]
    [InlineData("x-team")]
    [InlineData("X-Team")]
    public async Task A_body_does_not_say_what_a_header_says(string name)
    {
        var body =
            $$$$"""{"assistant_id":"configured","input":{},"config":{"tags":["t"],"configurable":{"{{{{name}}}}":"crimson","x-other":"kept"}}}""";

        var configurable = (await Root.PostAsync("/runs/wait", body, ("x-team", "blue"))).ShouldBeOk().Json.GetProperty("configurable");

        configurable.Text("x-team").ShouldBe("blue");
        configurable.Text("x-other").ShouldBe("kept");
        configurable.GetRawText().ShouldNotContain("crimson");
    }

    [Fact]
    public async Task Which_headers_nodes_see_is_configured()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            options.ConfigurableHeaders.Include.Add("my-*");
            options.ConfigurableHeaders.Include.Add("x-user-id");
            options.ConfigurableHeaders.Exclude.Add("x-team");
        });

        var configurable = (await server.Root.PostAsync("/runs/wait", Run, ("my-thing", "1"), ("x-user-id", "u1"), ("x-user-name", "u"), ("x-team", "blue"), ("x-place", "here")))
            .ShouldBeOk().Json.GetProperty("configurable");

        configurable.Names().Where(name => name.Contains('-')).ShouldBe(["my-thing", "x-user-id", "x-place"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_run_that_the_next_server_takes_up_has_its_headers()
    {
        using var folder = new Recovery.TempFolder();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var first = await TestServer.StartAsync(folder.Path, time: time);
        var thread = await first.Root.NewThreadAsync();
        var run =
            (await first.Root.PostAsync($"/threads/{thread}/runs", Run[..^1] + ""","after_seconds":60}""", ("x-team", "blue")))
            .ShouldBeOk();
        await first.DisposeAsync();

        await using var second = await TestServer.StartAsync(folder.Path, time: new FakeTimeProvider(time.GetUtcNow().AddMinutes(2)));

        (await second.Root.GetAsync(run.RunPath + "/join")).ShouldBeOk().Json.GetProperty("configurable").Text("x-team").ShouldBe("blue");
    }

    [Fact]
    public async Task Configuration_of_a_run_does_not_stick_to_its_thread()
    {
        var thread = await Root.NewThreadAsync();
        var path = $"/threads/{thread}/runs/wait";

        await Root.PostAsync(
            path,
            """{"assistant_id":"configured","input":{},"config":{"configurable":{"token":"t0ken"},"tags":["mine"],"recursion_limit":1}}""");

        (await Root.GetAsync($"/threads/{thread}")).ShouldBeOk().Json.GetProperty("config").ShouldBeJson("{}");
        (await Root.PostAsync(path, Run)).ShouldBeOk().Json.GetProperty("configurable").Names().ShouldNotContain("token");
        var kwargs = (await Root.GetAsync($"/threads/{thread}/runs")).Json[0].GetProperty("kwargs");
        kwargs.GetProperty("config").Names().ShouldNotContain("tags");
        kwargs.GetProperty("config").Names().ShouldNotContain("recursion_limit");
        var created = await Gateway.PostAsync(
            $"/threads/{NewId()}/runs/wait",
            """{"assistant_id":"configured","input":{},"config":{"configurable":{"token":"t0ken"}}}""");
        (await Gateway.GetAsync($"/threads/{created.ThreadId}")).ShouldBeOk().Text.ShouldContain("\"config\":{}");
    }

    [Theory]
    [InlineData("config")]
    [InlineData("metadata")]
    [InlineData("context")]
    public async Task Configuration_and_metadata_are_bounded(string field)
    {
        var large = JsonSerializer.Serialize(new { configurable = new { x = new string('x', 256_000) } });

        (await Root.PostAsync("/runs/wait", $$"""{"assistant_id":"echo","input":{},"{{field}}":{{large}} }"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldBe($"{field}: It must have at most 256000 bytes as JSON.");
    }

    [Fact]
    public async Task The_metadata_of_a_thread_is_bounded_also_when_it_grows()
    {
        var half = JsonSerializer.Serialize(new string('x', 150_000));
        var thread = (await Root.PostAsync("/threads", $$$"""{"metadata":{"a":{{{half}}} } }""")).ShouldBeOk().String("thread_id");
        const string refusal = "metadata: The thread would have more than 256000 bytes of metadata as JSON.";

        foreach (var refused in (Answer[])
            [
                await Root.PostAsync("/threads", $$$"""{"metadata":{"a":{{{half}}},"b":{{{half}}} } }"""),
                await Root.PatchAsync("/threads/" + thread, $$$"""{"metadata":{"b":{{{half}}} } }"""),
            ])
        {
            refused.ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldBe(refusal);
        }

        (await Root.PatchAsync("/threads/" + thread, """{"metadata":{"a":1}}""")).ShouldBeOk();
        (await Root.PatchAsync("/threads/" + thread, $$$"""{"metadata":{"b":{{{half}}} } }""")).ShouldBeOk();
    }

    [Fact]
    public async Task A_long_value_is_configuration_but_no_metadata_of_checkpoints()
    {
        var thread = await Root.NewThreadAsync();
        var body = JsonSerializer.Serialize(
            new { assistant_id = "configured", input = new { }, config = new { configurable = new { prompt = new string('p', 2_000), model = "m" } } });

        (await Root.PostAsync($"/threads/{thread}/runs/wait", body))
            .ShouldBeOk()
            .Json.GetProperty("configurable")
            .Text("prompt")
            .Length.ShouldBe(2_000);

        var metadata = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("metadata");
        metadata.Text("model").ShouldBe("m");
        metadata.Names().ShouldNotContain("prompt");
    }
}
