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
    [InlineData("config", """{"configurable":{"checkpoint_id":5}}""", "a string", "config.configurable.checkpoint_id")]
    [InlineData("config", """{"metadata":"x"}""", "object", "config.metadata")]
    [InlineData("config", """{"context":"x"}""", "object", "config.context")]
    [InlineData("config", """{"tags":5}""", "a list of strings", "config.tags")]
    [InlineData("config", """{"tags":[5]}""", "a list of strings", "config.tags")]
    [InlineData("config", """{"recursion_limit":"many"}""", "at least 1 and at most 100000", "config.recursion_limit")]
    [InlineData("config", """{"recursion_limit":0}""", "at least 1 and at most 100000", "config.recursion_limit")]
    [InlineData("context", "5", "object")]
    [InlineData("webhook", "5", "a string")]
    [InlineData("checkpoint", "5", "object")]
    [InlineData("checkpoint", """{"checkpoint_id":5}""", "a string", "checkpoint.checkpoint_id")]
    [InlineData("checkpoint", """{"checkpoint_ns":5}""", "a string", "checkpoint.checkpoint_ns")]
    [InlineData("checkpoint", """{"checkpoint_map":5}""", "object", "checkpoint.checkpoint_map")]
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
    [InlineData("after_seconds", "-1", "at least 0")]
    [InlineData("after_seconds", "1e12", "at most")]
    [InlineData("durability", "5", "a string")]
    [InlineData("checkpoint_during", "5", "a boolean")]
    [InlineData("strict_resume", "5", "a boolean")]
    [InlineData("feedback_keys", "5", "a list of strings")]
    [InlineData("feedback_keys", "[5]", "a list of strings")]
    [InlineData("feedback_keys", "[null]", "a list of strings")]
    [InlineData("follow_up_to_run_id", "5", "a string")]
    public async Task Of_a_run(string member, string value, string wanted, string? named = null)
    {
        var thread = await Root.NewThreadAsync();
        var body = member == "assistant_id" ? $$"""{"{{member}}":{{value}}}""" : $$"""{"assistant_id":"echo","{{member}}":{{value}}}""";
        foreach (var path in (string[])[$"/threads/{thread}/runs", $"/threads/{thread}/runs/wait", "/runs/stream"])
        {
            // Every client sends this header, which becomes a member of configurable.
            var detail = (await Root.PostAsync(path, body, ("User-Agent", "test/1"))).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail;
            detail.ShouldContain(named ?? member);
            detail.ShouldContain(wanted);
        }

        (await Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("/threads", "thread_id", "5", "a string")]
    [InlineData("/threads", "metadata", "5", "object")]
    [InlineData("/threads", "supersteps", "5", "a list of objects")]
    [InlineData("/threads", "supersteps", """[{"updates":"x"}]""", "supersteps[0]: It must be an object with a list of 'updates'.")]
    [InlineData("/threads", "supersteps", """[{"updates":[]},{"updates":[{"as_node":5}]}]""", "supersteps[1].updates[0].as_node")]
    [InlineData("/threads", "supersteps", """[{"updates":[{"command":5}]}]""", "supersteps[0].updates[0].command")]
    [InlineData("/threads", "if_exists", "5", "a string")]
    [InlineData("/threads", "ttl", "\"x\"", "a number of minutes")]
    [InlineData("/threads", "ttl", """{"ttl":"x"}""", "a number of minutes")]
    [InlineData("/threads", "ttl", """{"ttl":5,"strategy":"burn"}""", "delete, keep_latest")]
    [InlineData("/threads/search", "ids", "5", "a list of strings")]
    [InlineData("/threads/search", "ids", "[null]", "a list of strings")]
    [InlineData("/threads/search", "metadata", "5", "object")]
    [InlineData("/threads/search", "values", "5", "object")]
    [InlineData("/threads/search", "limit", "\"x\"", "a whole number")]
    [InlineData("/threads/search", "limit", "1.5", "a whole number")]
    [InlineData("/threads/search", "limit", "1001", "at most 1000")]
    [InlineData("/threads/search", "limit", "99999999999999999999", "at most 1000")]
    [InlineData("/threads/search", "offset", "-1", "at least 0")]
    [InlineData("/threads/search", "offset", "true", "a whole number")]
    [InlineData("/threads/search", "select", "5", "a list of strings")]
    [InlineData("/threads/search", "select", "[null]", "a list of strings")]
    [InlineData("/threads/search", "status", "5", "a string")]
    [InlineData("/threads/search", "sort_by", "5", "a string")]
    [InlineData("/threads/search", "sort_order", "5", "a string")]
    [InlineData("/threads/search", "extract", "5", "an object of strings")]
    [InlineData("/threads/search", "extract", """{"a":5}""", "an object of strings")]
    [InlineData("/threads/count", "metadata", "5", "object")]
    [InlineData("/threads/count", "values", "5", "object")]
    [InlineData("/threads/count", "status", "5", "a string")]
    [InlineData("/threads/prune", "thread_ids", "5", "a list of strings")]
    [InlineData("/threads/prune", "strategy", "5", "a string")]
    [InlineData("/assistants/search", "graph_id", "5", "a string")]
    [InlineData("/assistants/search", "name", "5", "a string")]
    [InlineData("/assistants/search", "metadata", "5", "object")]
    [InlineData("/assistants/search", "limit", "0", "at least 1 and at most 1000")]
    [InlineData("/assistants/search", "offset", "{}", "a whole number")]
    [InlineData("/assistants/search", "sort_by", "5", "a string")]
    [InlineData("/assistants/search", "sort_order", "5", "a string")]
    [InlineData("/assistants/count", "metadata", "5", "object")]
    [InlineData("/store/items/search", "namespace_prefix", "5", "a list of strings")]
    [InlineData("/store/items/search", "filter", "5", "object")]
    [InlineData("/store/items/search", "query", "5", "a string")]
    [InlineData("/store/items/search", "limit", "\"x\"", "a whole number")]
    [InlineData("/store/items/search", "offset", "\"x\"", "a whole number")]
    [InlineData("/store/items/search", "refresh_ttl", "\"x\"", "a boolean")]
    [InlineData("/store/namespaces", "prefix", "[null]", "a list of strings")]
    [InlineData("/store/namespaces", "suffix", "5", "a list of strings")]
    [InlineData("/store/namespaces", "max_depth", "\"x\"", "a whole number")]
    [InlineData("/store/namespaces", "max_depth", "0", "at least 1")]
    [InlineData("/store/namespaces", "limit", "[]", "a whole number")]
    [InlineData("/store/namespaces", "offset", "[]", "a whole number")]
    [InlineData("/runs/cancel", "status", "5", "a string")]
    [InlineData("/runs/cancel", "thread_id", "5", "a string")]
    [InlineData("/runs/cancel", "run_ids", "5", "a list of strings")]
    public async Task Of_other_bodies(string path, string member, string value, string wanted)
    {
        var detail = (await Root.PostAsync(path, $$"""{"{{member}}":{{value}}}""")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail;
        detail.ShouldContain(member);
        detail.ShouldContain(wanted);
    }

    [Theory]
    [InlineData("namespace", "5", "a list of strings")]
    [InlineData("namespace", "[null]", "a list of strings")]
    [InlineData("key", "5", "a string")]
    [InlineData("value", "5", "object")]
    [InlineData("index", "5", "a list of paths")]
    [InlineData("ttl", "\"x\"", "a number")]
    public async Task Of_an_item(string member, string value, string wanted)
    {
        var rest = string.Concat(
            ((string[])["\"namespace\":[\"a\"],", "\"key\":\"k\",", "\"value\":{},"])
                .Where(given => !given.Contains($"\"{member}\"", StringComparison.Ordinal)));
        var detail = (await Root.SendAsync(HttpMethod.Put, "/store/items", $$"""{{{rest}}"{{member}}":{{value}}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail;
        detail.ShouldContain(member);
        detail.ShouldContain(wanted);
    }

    [Theory]
    [InlineData("/state", "as_node", "5", "a string")]
    [InlineData("/state", "values", "5", "an object, a list of objects or null")]
    [InlineData("/state", "checkpoint", "5", "object")]
    [InlineData("/state", "checkpoint_id", "5", "a string")]
    [InlineData("/state/checkpoint", "subgraphs", "5", "a boolean")]
    [InlineData("/history", "limit", "\"x\"", "a whole number")]
    [InlineData("/history", "limit", "0", "at least 1 and at most 1000")]
    [InlineData("/state", "checkpoint", """{"checkpoint_ns":5}""", "a string")]
    [InlineData("/state/checkpoint", "checkpoint", "5", "object")]
    [InlineData("/history", "before", "5", "the id of a checkpoint, or an object")]
    [InlineData("/history", "before", """{"configurable":5}""", "object")]
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
        var detail = (await Root.PostAsync($"/threads/{thread}{path}", $$"""{"{{member}}":{{value}}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail;
        detail.ShouldContain(member);
        detail.ShouldContain(wanted);
        (await Root.GetAsync($"/threads/{thread}/state")).Text.ShouldBe(before);
    }

    [Fact]
    public async Task Of_one_run_in_a_batch() =>
        (await Root.PostAsync("/runs/batch", """[{"assistant_id":"echo"},{"assistant_id":"echo","stream_resumable":5}]"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldBe("[1].stream_resumable: It must be a boolean.");

    [Theory]
    [InlineData("""[{"assistant_id":"echo"},5]""", "[1]: It must be a JSON object.")]
    [InlineData("""[{"assistant_id":"echo","config":{"configurable":5}}]""", "[0].config.configurable: It must be an object.")]
    [InlineData("{}", "body: It must be a list of JSON objects.")]
    [InlineData("[]", "body: It must be a list of at least 1 and at most 1000 JSON objects, none of them null.")]
    public async Task Of_a_batch(string body, string detail) =>
        (await Root.PostAsync("/runs/batch", body)).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldBe(detail);

    [Fact]
    public async Task Of_a_body() =>
        (await Root.PostAsync("/runs", "[]"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldBe("body: It must be a JSON object.");

    [Fact]
    public async Task Of_ids_in_a_body()
    {
        (await Root.PostAsync("/runs/cancel", """{"thread_id":"x","run_ids":[]}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldBe("thread_id: 'x' is not a UUID.");
        (await Root.PostAsync("/runs/cancel", $$"""{"thread_id":"{{NewId()}}","run_ids":["x"]}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldBe("run_ids: 'x' is not a UUID.");
    }

    [Fact]
    public async Task Of_a_query() =>
        (await Root.GetAsync($"/threads/{await Root.NewThreadAsync()}/history?before=yesterday"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldContain("before");
}
