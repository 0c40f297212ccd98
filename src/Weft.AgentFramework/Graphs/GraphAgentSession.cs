using Microsoft.Agents.AI;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>A session of a <see cref="GraphAgent"/>: a thread of the graph. It is used by one run at a time.</summary>
public sealed class GraphAgentSession : AgentSession
{
    internal GraphAgentSession(string threadId, ICheckpointer checkpointer)
    {
        ThreadId = threadId;
        Checkpointer = checkpointer;
    }

    internal GraphAgentSession(string threadId, ICheckpointer checkpointer, AgentSessionStateBag stateBag)
        : base(stateBag)
    {
        ThreadId = threadId;
        Checkpointer = checkpointer;
    }

    /// <summary>The thread.</summary>
    public string ThreadId { get; }

    internal ICheckpointer Checkpointer { get; }
}
