using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Server.Tests;

/// <summary>
/// A client of AG-UI: it checks the order of events, and keeps messages and state as the protocol says. Unlike real clients, it
/// fails at an event that it can't apply.
/// </summary>
internal sealed class AgUiClient
{
    private static readonly string[] Types =
    [
        "RUN_STARTED", "RUN_FINISHED", "RUN_ERROR", "STEP_STARTED", "STEP_FINISHED", "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_END", "TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_END", "TOOL_CALL_RESULT", "STATE_SNAPSHOT", "STATE_DELTA",
        "MESSAGES_SNAPSHOT", "CUSTOM", "REASONING_START", "REASONING_MESSAGE_START", "REASONING_MESSAGE_CONTENT",
        "REASONING_MESSAGE_END", "REASONING_END",
    ];

    private readonly HashSet<string> _open = [];

    /// <summary>The events of the last run.</summary>
    public List<JsonElement> Events { get; } = [];

    /// <summary>The messages that were streamed in the last run by their ids, and the arguments of calls by the ids of the calls.</summary>
    public Dictionary<string, string> Streamed { get; } = [];

    /// <summary>The messages of the last snapshot.</summary>
    public List<JsonElement> Messages { get; private set; } = [];

    public JsonNode? State { get; private set; }

    public bool IsDone { get; private set; }

    /// <summary>The header that names the run.</summary>
    public string? Location { get; set; }

    public string WeftThreadId => Location!.Split('/')[^3];

    /// <summary>The types of the events, with what they are about.</summary>
    public string[] Short => [.. Events.Select(Shorten)];

    public JsonElement Last => Events[^1];

    /// <summary>The messages as a client sends them back.</summary>
    public string MessagesJson => string.Join(',', Messages.Select(message => message.GetRawText()));

    public string StateJson => State?.ToJsonString() ?? "null";

    public IEnumerable<JsonElement> Of(string type) => Events.Where(e => e.Text("type") == type);

    public void Take(JsonElement e)
    {
        var type = e.Text("type");
        Types.ShouldContain(type);
        foreach (var member in e.EnumerateObject().Where(member => member.Name is not ("value" or "snapshot")))
        {
            member.Value.ValueKind.ShouldNotBe(JsonValueKind.Null, $"{member.Name} of {e.GetRawText()}");
        }

        if (IsDone)
        {
            type.ShouldBe("RUN_STARTED", "the run is over");
            IsDone = false;
            Events.Clear();
            Streamed.Clear();
        }

        type.StartsWith("RUN_STARTED", StringComparison.Ordinal).ShouldBe(Events.Count == 0, e.GetRawText());
        Events.Add(e);
        Check(type, e);
        Apply(type, e);
    }

    private static string Shorten(JsonElement e)
    {
        var about = (string[])["stepName", "toolCallName", "name", "delta", "role", "code"];
        var found = about.FirstOrDefault(name => e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String);
        return e.Text("type") + (found is null ? "" : " " + e.Text(found));
    }

    private void Check(string type, JsonElement e)
    {
        switch (type)
        {
            case "STEP_STARTED":
                Open("step " + e.Text("stepName"));
                break;
            case "STEP_FINISHED":
                Close("step " + e.Text("stepName"));
                break;
            case "TEXT_MESSAGE_START" or "REASONING_START" or "REASONING_MESSAGE_START":
                Open(type[..^"_START".Length] + e.Text("messageId"));
                break;
            case "TEXT_MESSAGE_END" or "REASONING_END" or "REASONING_MESSAGE_END":
                Close(type[..^"_END".Length] + e.Text("messageId"));
                break;
            case "TEXT_MESSAGE_CONTENT" or "REASONING_MESSAGE_CONTENT":
                _open.ShouldContain(type[..^"_CONTENT".Length] + e.Text("messageId"));
                break;
            case "TOOL_CALL_START":
                Open("call " + e.Text("toolCallId"));
                break;
            case "TOOL_CALL_ARGS":
                _open.ShouldContain("call " + e.Text("toolCallId"));
                break;
            case "TOOL_CALL_END":
                Close("call " + e.Text("toolCallId"));
                break;
            case "RUN_FINISHED":
                _open.ShouldBeEmpty();
                break;
        }
    }

    private void Open(string what) => _open.Add(what).ShouldBeTrue(what + " is open already");

    private void Close(string what) => _open.Remove(what).ShouldBeTrue(what + " is not open");

    private void Apply(string type, JsonElement e)
    {
        switch (type)
        {
            case "TEXT_MESSAGE_CONTENT" or "REASONING_MESSAGE_CONTENT":
                Grow(e.Text("messageId"), e.Text("delta"));
                break;
            case "TOOL_CALL_ARGS":
                Grow(e.Text("toolCallId"), e.Text("delta"));
                break;
            case "STATE_SNAPSHOT":
                State = JsonNode.Parse(e.GetProperty("snapshot").GetRawText());
                break;
            case "STATE_DELTA":
                e.GetProperty("delta").GetArrayLength().ShouldBeGreaterThan(0);
                State = JsonPatches.Apply(State, e.GetProperty("delta"));
                break;
            case "MESSAGES_SNAPSHOT":
                Messages = [.. e.GetProperty("messages").EnumerateArray()];
                break;
            case "RUN_FINISHED" or "RUN_ERROR":
                IsDone = true;
                break;
        }
    }

    private void Grow(string id, string delta)
    {
        delta.ShouldNotBeEmpty();
        Streamed[id] = Streamed.GetValueOrDefault(id) + delta;
    }
}
