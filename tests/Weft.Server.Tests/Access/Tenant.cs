namespace Weft.Server.Tests.Access;

/// <summary>The ids of what a user has on a server, or ids that nothing has.</summary>
internal sealed record Tenant(
    string ThreadId, string RunId, string AssistantId, string CronId, string CheckpointId, string ResponseId, string FeedbackId,
    string Namespace)
{
    /// <summary>Makes ids that nothing has.</summary>
    public static Tenant Nobody()
    {
        return new Tenant(
            NewId(), NewId(), NewId(), NewId(), $"1f000000-0000-6000-8000-{NewId()[^12..]}", $"resp_{Guid.NewGuid():N}", NewId(), "nobody");

        static string NewId() => Guid.NewGuid().ToString();
    }

    /// <summary>Creates one of each for a user.</summary>
    public static async Task<Tenant> CreateAsync(Api api, (string, string) user)
    {
        var thread = (await api.PostAsync("/threads", "{}", user)).ShouldBeOk().String("thread_id");
        var assistant = (await api.PostAsync("/assistants", """{"graph_id":"echo"}""", user)).ShouldBeOk().String("assistant_id");
        // The webhook is not answered, so its delivery stays.
        var body = $$"""{"input":{},"assistant_id":"{{assistant}}","webhook":"/hook/none"}""";
        var run = (await api.PostAsync($"/threads/{thread}/runs", body, user)).ShouldBeOk().String("run_id");
        (await api.GetAsync($"/threads/{thread}/runs/{run}/join", user)).ShouldBeOk();
        (await api.GetAsync($"/weft/webhooks/{run}", user)).ShouldBeOk();
        var state = (await api.GetAsync($"/threads/{thread}/state", user)).ShouldBeOk().Json;
        var cron = (await api.PostAsync(
            "/runs/crons", $$"""{"schedule":"0 0 1 1 *","input":{"messages":[]},"assistant_id":"{{assistant}}"}""", user))
            .ShouldBeOk().String("cron_id");
        var response = (await api.PostAsync("/v1/responses", """{"model":"echo","input":"hi"}""", user)).ShouldBeOk().String("id");
        var feedback = (await api.PostAsync($"/api/threads/{thread}/runs/{run}/feedback", """{"rating":1}""", user))
            .ShouldBeOk().String("feedback_id");
        var item = $$$"""{"namespace":["{{{user.Item2}}}"],"key":"k","value":{"of":"{{{user.Item2}}}"}}""";
        (await api.SendAsync(HttpMethod.Put, "/store/items", item, user)).Status.ShouldBe(204);
        return new Tenant(thread, run, assistant, cron, state.CheckpointId(), response, feedback, user.Item2);
    }

    /// <summary>The id of one kind.</summary>
    public string IdOf(string kind) => kind switch
    {
        "thread" => ThreadId,
        "run" => RunId,
        "assistant" => AssistantId,
        "cron" => CronId,
        "checkpoint" => CheckpointId,
        "response" => ResponseId,
        "feedback" => FeedbackId,
        _ => Namespace,
    };

    /// <summary>Replaces its ids in a text by the names of their kinds.</summary>
    public string Hide(string text)
    {
        foreach (var kind in (ReadOnlySpan<string>)["thread", "run", "assistant", "cron", "checkpoint", "response", "feedback"])
        {
            text = text.Replace(IdOf(kind), $"<{kind}>", StringComparison.Ordinal);
        }

        return text;
    }
}
