using System.Text.Json;

namespace Weft.Server.Tests;

/// <summary>Calls of the second protocol (docs/protocol/v2.md).</summary>
internal static class EventCalls
{
    public const string AllChannels =
        """{"channels":["values","updates","messages","tools","lifecycle","input","checkpoints","tasks","custom"]}""";

    /// <summary>Sends a command and returns the answer, which may be an error of the protocol.</summary>
    public static async Task<JsonElement> CommandAsync(this Api api, string thread, string method, string given = "{}", int id = 1)
    {
        var answer = await api.PostAsync($"/threads/{thread}/commands", $$"""{"id":{{id}},"method":"{{method}}","params":{{given}}}""");
        return answer.ShouldBeOk().Json;
    }

    /// <summary>Sends a command that succeeds and returns its result.</summary>
    public static async Task<JsonElement> SucceedAsync(this Api api, string thread, string method, string given = "{}")
    {
        var answer = await api.CommandAsync(thread, method, given);
        answer.Text("type").ShouldBe("success", answer.GetRawText());
        answer.GetProperty("meta").Text("thread_id").ShouldBe(thread);
        return answer.GetProperty("result");
    }

    /// <summary>Sends a command that is refused and returns code and message.</summary>
    public static async Task<(string Code, string Message)> RefusedAsync(this Api api, string thread, string method, string given = "{}")
    {
        var answer = await api.CommandAsync(thread, method, given);
        answer.Text("type").ShouldBe("error", answer.GetRawText());
        return (answer.Text("error"), answer.Text("message"));
    }

    /// <summary>Starts a run and returns its id.</summary>
    public static async Task<string> StartAsync(this Api api, string thread, string assistant, string input = "{}", string more = "") =>
        (await api.SucceedAsync(thread, "run.start", $$"""{"assistant_id":"{{assistant}}","input":{{input}}{{more}}}""")).Text("run_id");

    /// <summary>Opens an event stream.</summary>
    public static Task<SseStream> EventsAsync(this Api api, string thread, string filter = AllChannels) =>
        api.StreamAsync($"/threads/{thread}/stream/events", filter);

    /// <summary>Reads the events of a run up to its end.</summary>
    public static async Task<List<SseFrame>> RunAsync(this SseStream stream)
    {
        var frames = new List<SseFrame>();
        do
        {
            frames.Add((await stream.NextAsync()).ShouldNotBeNull());
        }
        while (!frames[^1].IsEnd());

        return frames;
    }

    /// <summary>Reads the events that a new client gets of a run that has ended.</summary>
    public static async Task<List<SseFrame>> ReplayAsync(this Api api, string thread, string filter = AllChannels)
    {
        using var stream = await api.EventsAsync(thread, filter);
        return await stream.RunAsync();
    }

    /// <summary>Starts a run, and returns its events when it has ended.</summary>
    public static async Task<List<SseFrame>> PlayAsync(this Api api, string assistant, string input = "{}")
    {
        var thread = NewThread();
        await api.StartAsync(thread, assistant, input);
        return await api.ReplayAsync(thread);
    }

    /// <summary>The id of a thread that does not exist yet.</summary>
    public static string NewThread() => Guid.CreateVersion7().ToString();

    public static JsonElement Data(this SseFrame frame) => frame.Json.GetProperty("params").GetProperty("data");

    public static string[] Namespace(this SseFrame frame) => frame.Json.GetProperty("params").GetProperty("namespace").Strings();

    public static long Seq(this SseFrame frame) => frame.Json.GetProperty("seq").GetInt64();

    /// <summary>Whether it is the last event of a run.</summary>
    public static bool IsEnd(this SseFrame frame) =>
        frame.Event == "lifecycle" && frame.Namespace() is [] && frame.Data().Text("event") is "completed" or "failed" or "interrupted";

    /// <summary>The event in short: its method, where it is from, and what it is.</summary>
    public static string Short(this SseFrame frame)
    {
        var place = string.Join('/', frame.Namespace().Select(segment => segment.Split(':')[0]));
        var what = frame.Event switch
        {
            "lifecycle" or "messages" or "tools" => " " + frame.Data().Text("event"),
            "tasks" => frame.Data().TryGetProperty("triggers", out _) ? " start " + frame.Data().Text("name") : " result " + frame.Data().Text("name"),
            "updates" => " " + frame.Data().Text("node"),
            _ => "",
        };
        return (place.Length == 0 ? "" : place + " ") + frame.Event + what;
    }
}
