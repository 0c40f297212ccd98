using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace Weft.AgentFramework;

/// <summary>
/// The checkpoints that a workflow makes while it runs, and the one that it starts from. The thread stores the one that is wanted.
/// </summary>
internal sealed class WorkflowCheckpoints : JsonCheckpointStore
{
    private readonly ConcurrentDictionary<string, JsonElement> _values = new();

    public WorkflowCheckpoints(StoredWorkflow stored)
    {
        if (stored is { CheckpointId: { } id, Checkpoint: { } value })
        {
            Start = new CheckpointInfo(stored.SessionId, id);
            _values[id] = value;
        }
    }

    /// <summary>The checkpoint that the workflow starts from; null if it has none.</summary>
    public CheckpointInfo? Start { get; }

    /// <summary>Returns a checkpoint, and forgets it.</summary>
    public JsonElement Take(CheckpointInfo info) => _values.TryRemove(info.CheckpointId, out var value)
        ? value
        : throw new KeyNotFoundException($"The thread does not have the checkpoint {info.CheckpointId} of the workflow.");

    public override ValueTask<CheckpointInfo> CreateCheckpointAsync(string sessionId, JsonElement value, CheckpointInfo? parent = null)
    {
        var info = new CheckpointInfo(sessionId, Graphs.NewId.Uuid());
        _values[info.CheckpointId] = value;
        return new(info);
    }

    public override ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key) => new(Take(key));

    public override ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(string sessionId, CheckpointInfo? withParent = null) =>
        new(Start is null ? [] : [Start]);
}
