using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>
/// A graph as an agent of Microsoft Agent Framework. Its sessions are threads of the graph.
/// </summary>
/// <remarks>
/// <para>
/// A run adds the messages to the channel of messages and runs the graph. The pieces of messages that nodes stream are the updates. A
/// tool call comes together with its result.
/// </para>
/// <para>
/// If the graph pauses, the response ends with its questions. The approval of tool calls, as <c>AgentGraph</c> asks for it, is a
/// <see cref="ToolApprovalRequestContent"/> for each call. Any other question is a <see cref="FunctionCallContent"/> with the name
/// <see cref="QuestionName"/>, whose argument <c>question</c> is the question. The answers come in the messages of the next run, as
/// <see cref="ToolApprovalResponseContent"/> and <see cref="FunctionResultContent"/>. A call that is not answered is rejected. Messages
/// without answers are new input, which abandons the questions.
/// </para>
/// </remarks>
public sealed class GraphAgent : AIAgent
{
    /// <summary>The name of the call that stands for a question of a node.</summary>
    public const string QuestionName = "ask_user";

    private readonly CompiledGraph _graph;
    private readonly GraphAgentOptions _options;
    private readonly bool _isRemote;
    private readonly MessagesChannel _messages;

    internal GraphAgent(CompiledGraph graph, GraphAgentOptions options, bool isRemote)
    {
        _graph = graph;
        _options = options;
        _isRemote = isRemote;
        var channels = graph.Schema.Channels.OfType<MessagesChannel>().ToList();
        _messages = channels.Find(channel => channel.Name == "messages")
            ?? channels.FirstOrDefault()
            ?? throw new ArgumentException($"The graph '{graph.Name}' has no channel of messages, so it can't be an agent.", nameof(graph));
    }

    /// <inheritdoc />
    public override string? Name => _options.Name ?? _graph.Name;

    /// <inheritdoc />
    public override string? Description => _options.Description;

    /// <inheritdoc />
    protected override string? IdCore => _options.Id;

    /// <summary>Returns a session for a thread, which need not exist yet.</summary>
    public GraphAgentSession CreateSession(string threadId)
    {
        ArgumentException.ThrowIfNullOrEmpty(threadId);
        return new GraphAgentSession(threadId, _options.Checkpointers?.Invoke(threadId) ?? new InMemoryCheckpointer());
    }

    /// <inheritdoc />
    protected override ValueTask<AgentSession> CreateSessionCoreAsync(CancellationToken cancellationToken = default) =>
        new(CreateSession(NewId.Uuid()));

    /// <inheritdoc />
    protected override async ValueTask<JsonElement> SerializeSessionCoreAsync(
        AgentSession session, JsonSerializerOptions? jsonSerializerOptions = null, CancellationToken cancellationToken = default)
    {
        var own = Own(session);
        var state = _options.Checkpointers is null && !_isRemote
            ? await _graph.GetStateAsync(own.Checkpointer, cancellationToken: cancellationToken)
            : null;
        return GraphJson.Parse(GraphJson.Encode((own, state), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("threadId"u8, s.own.ThreadId);
            writer.WritePropertyName("stateBag"u8);
            s.own.StateBag.Serialize().WriteTo(writer);
            if (s.state is not null)
            {
                writer.WritePropertyName("values"u8);
                s.state.Values.WriteTo(writer);
            }

            writer.WriteEndObject();
        }));
    }

    /// <inheritdoc />
    protected override async ValueTask<AgentSession> DeserializeSessionCoreAsync(
        JsonElement serializedState, JsonSerializerOptions? jsonSerializerOptions = null, CancellationToken cancellationToken = default)
    {
        if (serializedState.ValueKind != JsonValueKind.Object
            || !serializedState.TryGetProperty("threadId"u8, out var id)
            || id.ValueKind != JsonValueKind.String
            || id.GetString() is not { Length: > 0 } threadId)
        {
            throw new ArgumentException("The session of a graph is an object with a 'threadId'.", nameof(serializedState));
        }

        var bag = serializedState.TryGetProperty("stateBag"u8, out var stored)
            ? AgentSessionStateBag.Deserialize(stored)
            : new AgentSessionStateBag();
        var session = new GraphAgentSession(threadId, CreateSession(threadId).Checkpointer, bag);
        if (serializedState.TryGetProperty("values"u8, out var values))
        {
            await _graph.UpdateStateAsync(
                new GraphRunOptions { Checkpointer = session.Checkpointer, ThreadId = threadId }, values, StateGraph.Start, cancellationToken);
        }

        return session;
    }

    /// <inheritdoc />
    protected override Task<AgentResponse> RunCoreAsync(
        IEnumerable<ChatMessage> messages,
        AgentSession? session = null,
        AgentRunOptions? options = null,
        CancellationToken cancellationToken = default) =>
        RunCoreStreamingAsync(messages, session, options, cancellationToken).ToAgentResponseAsync(cancellationToken);

    /// <inheritdoc />
    protected override async IAsyncEnumerable<AgentResponseUpdate> RunCoreStreamingAsync(
        IEnumerable<ChatMessage> messages,
        AgentSession? session = null,
        AgentRunOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var own = Own(session ?? await CreateSessionAsync(cancellationToken));
        var before = await _graph.GetStateAsync(own.Checkpointer, cancellationToken: cancellationToken);
        var input = GraphQuestions.InputOf([.. messages], [.. before?.Interrupts ?? []], _messages);
        var updates = new GraphUpdates(this);
        var run = _options.Run with
        {
            Checkpointer = own.Checkpointer,
            ThreadId = own.ThreadId,
            Modes = StreamMode.MessagesTuple,
            StreamSubgraphs = _isRemote || _options.Run.StreamSubgraphs,
        };
        await foreach (var part in _graph.StreamAsync(input, run, cancellationToken))
        {
            // The remote run streams its own messages. Those of the node are all that its thread has.
            foreach (var update in part is MessageChunkPart chunk && (!_isRemote || part.Namespace.Length > 0) ? updates.Read(chunk) : [])
            {
                yield return update;
            }
        }

        var after = await _graph.GetStateAsync(own.Checkpointer, cancellationToken: cancellationToken);
        foreach (var update in updates.End([.. after?.Interrupts ?? []], after is null ? [] : after.Values.Get(_messages)!))
        {
            yield return update;
        }
    }

    private static GraphAgentSession Own(AgentSession session) => session as GraphAgentSession
        ?? throw new InvalidOperationException(
            $"A {session?.GetType().Name ?? "null"} is not a session of a graph. Use a session that the agent has created.");
}
