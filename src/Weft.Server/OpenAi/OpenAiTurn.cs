using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A request of OpenAI's API for a run, after it was read.</summary>
internal sealed record OpenAiTurn
{
    /// <summary>The assistant: its id, or the id of its graph; null if the request has none.</summary>
    public required string? Model { get; init; }

    /// <summary>The thread that keeps the conversation; null for a thread that ends with the run.</summary>
    public ThreadId? ThreadId { get; init; }

    /// <summary>The checkpoint to continue from; null for the newest.</summary>
    public string? CheckpointId { get; init; }

    /// <summary>The messages to add.</summary>
    public required IReadOnlyList<InputMessage> Messages { get; init; }

    /// <summary>The command that answers questions of nodes, in place of the messages; null if there is none.</summary>
    public JsonElement? Command { get; init; }

    /// <summary>Settings of the model.</summary>
    public required ModelSettings Settings { get; init; }

    /// <summary>What the response repeats of its request, an object; null if the response is not stored.</summary>
    public JsonElement? Echo { get; init; }

    /// <summary>An object; null if the request has none.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>The client's user; null if the request has none.</summary>
    public string? User { get; init; }

    /// <summary>Whether the run continues without its client.</summary>
    public bool IsBackground { get; init; }

    /// <summary>Whether the thread is kept when the run has ended.</summary>
    public bool KeepsThread { get; init; }
}
