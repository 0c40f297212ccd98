using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A checked request of AG-UI, and what a graph gets of it (docs/protocol/agui.md 3 and 4).</summary>
internal sealed class AgUiRequest
{
    private const string MessagesChannel = "messages";

    private readonly List<AgUiMessage> _messages;
    private readonly AgUiTools _tools;

    /// <summary>Checks a request.</summary>
    /// <exception cref="WeftException">A field is wrong.</exception>
    public AgUiRequest(Actor actor, RunAgentInput body)
    {
        Body = body;
        ThreadId = AgUiThreadId.Of(actor, body.ThreadId is { Length: > 0 } id ? id : throw Requests.Invalid("threadId", "Field required"));
        _ = body.RunId ?? throw Requests.Invalid("runId", "Field required");
        if (body.ForwardedProps is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            throw Requests.Invalid("forwardedProps", "It must be an object.");
        }

        _messages = AgUiMessage.ReadAll(body.Messages ?? throw Requests.Invalid("messages", "Field required"));
        _tools = AgUiTools.Read(body);
    }

    public RunAgentInput Body { get; }

    public ThreadId ThreadId { get; }

    /// <summary>
    /// Returns the message whose turn starts again, because it is the client's last one and the thread goes on after it; null if
    /// there is none.
    /// </summary>
    public string? FindRepeated(AgUiThread thread) =>
        _messages is [.., { Role: "user" } last] && thread.GoesOnAfter(last.Id) ? last.Id : null;

    /// <summary>Whether the client has messages that the thread does not have.</summary>
    public bool HasNewMessages(AgUiThread thread) => thread.NewOf(_messages).Count > 0;

    /// <summary>Returns the configuration of the run.</summary>
    public JsonElement? ConfigFor(CompiledGraph graph)
    {
        var config = AgUiFields.Object(Body.ForwardedProps, "config", "forwardedProps");
        if (_tools.IsEmpty || graph.InputChannels.Any(channel => channel.Name == AgUiTools.Own))
        {
            return config;
        }

        var given = config ?? GraphJson.EmptyObject;
        _ = AgUiFields.Object(given, "configurable", "forwardedProps.config");
        return RunConfiguration.WithConfigurable(given, writer =>
        {
            var members = RunConfiguration.ConfigurableOf(given) is { } own ? own.EnumerateObject() : default;
            foreach (var member in members.Where(member => member.Name != AgUiTools.Own))
            {
                member.WriteTo(writer);
            }

            writer.WritePropertyName(AgUiTools.Own);
            _tools.WriteOwn(writer);
        });
    }

    /// <summary>
    /// Returns the input of the run: the new messages, and the members of the client's state that the graph takes and the thread
    /// has not. Null continues where the thread stopped.
    /// </summary>
    public JsonElement? InputFor(CompiledGraph graph, AgUiThread thread)
    {
        var members = new Dictionary<string, JsonElement>();
        var takesConversation = graph.IsWorkflow || AgUiState.HasConversation(graph.Schema);
        if (takesConversation && thread.NewOf(_messages) is { Count: > 0 } added && Takes(graph, MessagesChannel))
        {
            members[MessagesChannel] = GraphJson.Parse(GraphJson.Encode(added, Write));
        }

        foreach (var (name, value) in StateFor(graph))
        {
            if ((name != MessagesChannel || !takesConversation) && !thread.State.Has(name, value))
            {
                members[name] = value;
            }
        }

        return members.Count == 0 && thread.Snapshot is { HasNext: true } && !graph.IsWorkflow
            ? null
            : GraphJson.Parse(GraphJson.Encode(members, Write));
    }

    /// <summary>A workflow has no channels, and takes the whole state.</summary>
    private static bool Takes(CompiledGraph graph, string name) =>
        graph.IsWorkflow || graph.InputChannels.Any(channel => channel.Name == name);

    private Dictionary<string, JsonElement> StateFor(CompiledGraph graph)
    {
        var members = new Dictionary<string, JsonElement>();
        if (Body.State is { ValueKind: JsonValueKind.Object } state)
        {
            foreach (var member in state.EnumerateObject().Where(member => Takes(graph, member.Name)))
            {
                members[member.Name] = member.Value;
            }
        }

        foreach (var channel in graph.InputChannels)
        {
            if (_tools.FindFor(channel.Name) is { } value)
            {
                members[channel.Name] = value;
            }
        }

        return members;
    }

    private static void Write(Utf8JsonWriter writer, List<AgUiMessage> messages)
    {
        writer.WriteStartArray();
        foreach (var message in messages)
        {
            message.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, Dictionary<string, JsonElement> members)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in members)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
