using System.Text.Json;
using System.Text.Json.Nodes;
using static Weft.Server.Tests.AgUiCalls;

namespace Weft.Server.Tests.AgUi;

/// <summary>The state that client and graph share.</summary>
public sealed class StateTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_superstep_sends_what_it_changes()
    {
        var filler = new string('x', 200);
        var client = await Root.AgUiAsync(
            "scripted",
            Body(NewId(), "", $$$"""
                ,"state":{"script":[
                  {"a":{"b":[1,2,3],"f":"{{{filler}}}"},"c~/d":1},
                  {"a":{"b":[1,3],"f":"{{{filler}}}"},"c~/d":2},
                  {"a":{"b":[1,3,4],"f":"{{{filler}}}"}}
                ]}
                """));

        client.Of("STATE_SNAPSHOT").Count().ShouldBe(2);
        client.Of("STATE_DELTA").Select(e => e.GetProperty("delta").GetRawText()).Skip(1).ShouldBe(
        [
            """[{"op":"remove","path":"/shown/a/b/1"},{"op":"replace","path":"/shown/c~0~1d","value":2},"""
                + """{"op":"add","path":"/notes/1","value":"note 1"},{"op":"replace","path":"/next","value":2}]""",
            """[{"op":"remove","path":"/shown/c~0~1d"},{"op":"add","path":"/shown/a/b/2","value":4},"""
                + """{"op":"add","path":"/notes/2","value":"note 2"},{"op":"replace","path":"/next","value":3}]""",
        ]);
        client.Last.GetProperty("result").ShouldBeJson(client.StateJson);
    }

    [Fact]
    public async Task A_channel_named_messages_that_has_no_messages_is_part_of_the_state()
    {
        var thread = NewId();
        var client = await Root.AgUiAsync("listed", Body(thread, User("hello", "u-1"), ""","state":{"messages":["given"]}"""));

        client.Of("MESSAGES_SNAPSHOT").ShouldBeEmpty();
        client.StateJson.ShouldBe("""{"messages":["given","added"]}""");
        client.Last.GetProperty("result").ShouldBeJson(client.StateJson);

        await Root.AgUiAsync("listed", Body(thread, User("hello", "u-1"), $$""","state":{{client.StateJson}}"""), client);

        client.StateJson.ShouldBe("""{"messages":["given","added","added"]}""");
    }

    [Fact]
    public async Task The_deltas_lead_to_the_last_snapshot()
    {
        var random = new Random(7);
        for (var i = 0; i < 20; i++)
        {
            var script = new JsonArray([.. Enumerable.Range(0, 12).Select(_ => RandomJson(random, 4))]);
            var client = new AgUiClient();
            var state = $$""","state":{"script":{{script.ToJsonString()}}}""";
            using var stream = await Root.StreamAsync("/agui/scripted", Body(NewId(), "", state));
            var frames = await stream.ToEndAsync();
            frames.SkipLast(3).ToList().ForEach(frame => client.Take(frame.Json));
            var followed = client.StateJson;

            client.Take(frames[^3].Json);

            client.Short[^1].ShouldBe("STATE_SNAPSHOT");
            JsonElement.Parse(followed).ShouldBeJson(client.StateJson);
            JsonElement.Parse(client.State!["shown"]?.ToJsonString() ?? "null").ShouldBeJson(script[^1]?.ToJsonString() ?? "null");
        }
    }

    [Fact]
    public async Task A_difference_that_is_larger_than_the_state_is_sent_as_a_snapshot()
    {
        var list = string.Join(',', Enumerable.Range(0, 100));
        var other = string.Join(',', Enumerable.Range(0, 100).Select(i => i + 1000));

        var client = await Root.AgUiAsync("scripted", Body(NewId(), "", $$""","state":{"script":[[{{list}}],[{{other}}]]}"""));

        client.Of("STATE_SNAPSHOT").Count().ShouldBe(3);
        client.State!["shown"]!.AsArray().Count.ShouldBe(100);
    }

    [Fact]
    public async Task A_member_that_clients_refuse_in_a_delta_is_sent_in_a_snapshot()
    {
        const string State = ""","state":{"script":[{"__proto__":{"a":1},"more":"text"},{"__proto__":{"a":2},"more":"text"}]}""";

        var client = await Root.AgUiAsync("scripted", Body(NewId(), "", State));

        client.Of("STATE_SNAPSHOT").Count().ShouldBe(3);
        client.State!["shown"]!["__proto__"]!["a"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task Only_changes_of_the_client_become_the_input()
    {
        var thread = NewId();
        var client = await Root.AgUiAsync("scripted", Body(thread, "", ""","state":{"script":[1,2],"unknown":1,"notes":null}"""));
        client.State!["notes"]!.AsArray().Count.ShouldBe(2);
        var state = client.State.AsObject();
        state["script"] = JsonNode.Parse("[1,2,3]");

        await Root.AgUiAsync("scripted", Body(thread, "", $$""","state":{{state.ToJsonString()}}"""), client);

        // A list that grows got nothing, because the client sent it back as it was.
        JsonElement.Parse(client.StateJson).ShouldBeJson(
            """{"script":[1,2,3],"shown":3,"notes":["note 0","note 1","note 2"],"next":3}""");
        var kwargs = (await Root.GetAsync($"/threads/{thread}/runs")).Json[0].GetProperty("kwargs");
        kwargs.GetProperty("input").ShouldBeJson("""{"script":[1,2,3]}""");
    }

    [Fact]
    public async Task A_state_of_megabytes_is_shared()
    {
        // A log that keeps all events of the run, because a reader that is late would miss the first state otherwise.
        await using var server = await TestServer.StartAsync(configureRuns: options => options.StreamBytesMax = 100_000_000);
        var text = new string('é', 1_500_000 / 2);
        var client = await server.Root.AgUiAsync("scripted", Body(NewId(), "", $$""","state":{"script":["{{text}}",1]}"""));

        client.State!["script"]![0]!.GetValue<string>().ShouldBe(text);
        client.State["shown"]!.GetValue<int>().ShouldBe(1);
        client.Of("STATE_DELTA").Last().GetRawText().Length.ShouldBeLessThan(1_000);
    }

    private static JsonNode? RandomJson(Random random, int depth) => random.Next(depth > 0 ? 8 : 5) switch
    {
        0 => null,
        1 => random.Next(3),
        2 => random.Next(2) == 0,
        3 => "text " + random.Next(3),
        4 => random.NextDouble(),
        5 or 6 => new JsonObject(Enumerable.Range(0, random.Next(5)).Select(_ => "m/~" + random.Next(8)).Distinct()
            .Select(name => KeyValuePair.Create(name, RandomJson(random, depth - 1)))),
        _ => new JsonArray([.. Enumerable.Range(0, random.Next(6)).Select(_ => RandomJson(random, depth - 1))]),
    };
}
