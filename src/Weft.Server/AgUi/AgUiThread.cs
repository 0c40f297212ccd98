using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>What a thread has before a run: its newest state, or the one from which the run starts again.</summary>
internal sealed class AgUiThread
{
    private readonly Dictionary<string, int> _messages = [];
    private readonly HashSet<string> _answeredCalls = [];

    /// <summary>Reads a state.</summary>
    /// <param name="state">The state; null if the thread has none.</param>
    public AgUiThread(StateSnapshot? state)
    {
        Snapshot = state;
        State = state is null
            ? AgUiState.Empty
            : AgUiState.Of(
                GraphJson.Encode(state.Values, static (writer, values) => values.WriteTo(writer)),
                AgUiState.HasConversation(state.Values.Schema));
        Interrupts = [.. state?.Interrupts ?? []];
        foreach (var message in State.Messages is { } messages ? GraphJson.Parse(messages.Span).EnumerateArray() : default)
        {
            if (AgUiFields.TextOrNull(message, "id") is { } id)
            {
                _messages[id] = _messages.Count;
            }

            if (AgUiFields.TextOrNull(message, "tool_call_id") is { } callId)
            {
                _answeredCalls.Add(callId);
            }
        }
    }

    public StateSnapshot? Snapshot { get; }

    public AgUiState State { get; }

    /// <summary>The interrupts that wait for answers.</summary>
    public IReadOnlyList<Interrupt> Interrupts { get; }

    public bool Has(string messageId) => _messages.ContainsKey(messageId);

    /// <summary>Whether a message of the thread follows this one.</summary>
    public bool GoesOnAfter(string messageId) => _messages.TryGetValue(messageId, out var index) && index < _messages.Count - 1;

    /// <summary>
    /// Returns the messages that the thread does not have. Clients may give the result of a tool an id of their own, so results are
    /// known by the call that they answer.
    /// </summary>
    public List<AgUiMessage> NewOf(IEnumerable<AgUiMessage> messages) =>
        [.. messages.Where(message => !Has(message.Id) && (message.ToolCallId is not { } call || !_answeredCalls.Contains(call)))];
}
