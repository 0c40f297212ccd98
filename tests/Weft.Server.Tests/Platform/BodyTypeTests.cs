using System.Net;

namespace Weft.Server.Tests.Platform;

/// <summary>Members of the wrong type are named, with the type that they are to have.</summary>
public sealed class BodyTypeTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("assistant_id", "5", "a string")]
    [InlineData("input", "5", "object")]
    [InlineData("command", "5", "object")]
    [InlineData("metadata", "[]", "object")]
    [InlineData("config", "5", "object")]
    [InlineData("config", """{"configurable":5}""", "object", "config.configurable")]
    [InlineData("config", """{"metadata":"x"}""", "object", "config.metadata")]
    [InlineData("config", """{"tags":5}""", "a list of strings", "config.tags")]
    [InlineData("config", """{"tags":[5]}""", "a list of strings", "config.tags")]
    [InlineData("config", """{"recursion_limit":"many"}""", "from 1 to", "config.recursion_limit")]
    [InlineData("config", """{"recursion_limit":0}""", "from 1 to", "config.recursion_limit")]
    [InlineData("context", "5", "object")]
    [InlineData("webhook", "5", "a string")]
    [InlineData("checkpoint", "5", "object")]
    [InlineData("checkpoint", """{"checkpoint_id":5}""", "a string", "checkpoint.checkpoint_id")]
    [InlineData("checkpoint_id", "5", "a string")]
    [InlineData("interrupt_before", "5", "a list of node names")]
    [InlineData("interrupt_after", "[5]", "a list of node names")]
    [InlineData("stream_mode", "5", "a stream mode or a list")]
    [InlineData("stream_subgraphs", "5", "a boolean")]
    [InlineData("stream_resumable", "\"yes\"", "a boolean")]
    [InlineData("on_disconnect", "5", "a string")]
    [InlineData("on_completion", "\"burn\"", "delete, keep")]
    [InlineData("multitask_strategy", "{}", "a string")]
    [InlineData("if_not_exists", "true", "a string")]
    [InlineData("after_seconds", "\"soon\"", "a number")]
    [InlineData("after_seconds", "-1", "from 0")]
    [InlineData("after_seconds", "1e12", "at most")]
    [InlineData("durability", "5", "a string")]
    [InlineData("checkpoint_during", "5", "a boolean")]
    [InlineData("strict_resume", "5", "a boolean")]
    [InlineData("feedback_keys", "5", "a list of strings")]
    [InlineData("feedback_keys", "[5]", "a list of strings")]
    [InlineData("follow_up_to_run_id", "5", "a string")]
    public async Task Of_a_run(string member, string value, string wanted, string? named = null)
    {
        var thread = await Root.NewThreadAsync();
        var body = member == "assistant_id" ? $$"""{"{{member}}":{{value}}}""" : $$"""{"assistant_id":"echo","{{member}}":{{value}}}""";
        foreach (var path in (string[])[$"/threads/{thread}/runs", $"/threads/{thread}/runs/wait", "/runs/stream"])
        {
            var detail = (await Root.PostAsync(path, body)).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail;
            detail.ShouldContain(named ?? member);
            detail.ShouldContain(wanted);
        }

        (await Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("/threads", "thread_id", "5", "a string")]
    [InlineData("/threads", "metadata", "5", "object")]
    [InlineData("/threads", "if_exists", "5", "a string")]
    [InlineData("/threads", "ttl", "\"x\"", "a number of minutes")]
    [InlineData("/threads", "ttl", """{"ttl":"x"}""", "a number of minutes")]
    [InlineData("/threads", "ttl", """{"ttl":5,"strategy":"burn"}""", "delete, keep_latest")]
    [InlineData("/threads/search", "ids", "5", "a list of strings")]
    [InlineData("/threads/search", "metadata", "5", "object")]
    [InlineData("/threads/search", "values", "5", "object")]
    [InlineData("/threads/search", "limit", "\"x\"", "a whole number")]
    [InlineData("/threads/search", "limit", "1.5", "a whole number")]
    [InlineData("/threads/search", "limit", "1001", "from 1 to 1000")]
    [InlineData("/threads/search", "offset", "true", "a whole number")]
    [InlineData("/threads/search", "select", "5", "a list of strings")]
    [InlineData("/threads/search", "extract", "5", "an object of strings")]
    [InlineData("/threads/search", "extract", """{"a":5}""", "an object of strings")]
    [InlineData("/threads/count", "values", "5", "object")]
    [InlineData("/threads/prune", "thread_ids", "5", "a list of strings")]
    [InlineData("/assistants/search", "graph_id", "5", "a string")]
    [InlineData("/assistants/search", "metadata", "5", "object")]
    [InlineData("/store/items/search", "namespace_prefix", "5", "a list of strings")]
    [InlineData("/store/items/search", "filter", "5", "object")]
    [InlineData("/store/namespaces", "max_depth", "\"x\"", "a whole number")]
    [InlineData("/runs/cancel", "run_ids", "5", "a list of strings")]
    public async Task Of_other_bodies(string path, string member, string value, string wanted)
    {
        var detail = (await Root.PostAsync(path, $$"""{"{{member}}":{{value}}}""")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail;
        detail.ShouldContain(member);
        detail.ShouldContain(wanted);
    }

    [Theory]
    [InlineData("/state", "as_node", "5", "a string")]
    [InlineData("/state", "values", "5", "")]
    [InlineData("/state", "checkpoint", "5", "object")]
    [InlineData("/state", "checkpoint_id", "5", "a string")]
    [InlineData("/state/checkpoint", "subgraphs", "5", "a boolean")]
    [InlineData("/history", "limit", "\"x\"", "a whole number")]
    [InlineData("/history", "limit", "0", "from 1 to")]
    [InlineData("/history", "before", "5", "object")]
    [InlineData("/history", "before", "\"yesterday\"", "the id of a checkpoint")]
    [InlineData("/history", "before", """{"checkpoint_id":"yesterday"}""", "the id of a checkpoint")]
    [InlineData("/history", "before", """{"configurable":{"checkpoint_id":"yesterday"}}""", "the id of a checkpoint")]
    [InlineData("/history", "metadata", "5", "object")]
    [InlineData("/history", "checkpoint", "5", "object")]
    public async Task Of_a_thread(string path, string member, string value, string wanted)
    {
        var thread = await Root.NewThreadAsync();
        (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).ShouldBeOk();
        var before = (await Root.GetAsync($"/threads/{thread}/state")).Text;
        var detail = (await Root.PostAsync($"/threads/{thread}{path}", $$"""{"{{member}}":{{value}}}""")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail;
        detail.ShouldContain(member);
        detail.ShouldContain(wanted);
        (await Root.GetAsync($"/threads/{thread}/state")).Text.ShouldBe(before);
    }

    [Fact]
    public async Task Of_one_run_in_a_batch() =>
        (await Root.PostAsync("/runs/batch", """[{"assistant_id":"echo"},{"assistant_id":"echo","stream_resumable":5}]""")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldBe("[1].stream_resumable: It is a boolean.");

    [Fact]
    public async Task Of_a_query() =>
        (await Root.GetAsync($"/threads/{await Root.NewThreadAsync()}/history?before=yesterday")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("before");
}
