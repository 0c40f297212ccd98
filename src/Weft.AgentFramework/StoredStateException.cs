namespace Weft.AgentFramework;

/// <summary>
/// What a thread has stored for its agent or workflow can't be used, for example because the agent was replaced by one of another kind, or
/// the workflow was changed. The run ends as <c>error</c>. The thread keeps its state: set the channel that the message names to null to
/// begin again.
/// </summary>
/// <param name="message">What is wrong.</param>
/// <param name="inner">The cause; null if there is none.</param>
public sealed class StoredStateException(string message, Exception? inner = null) : Exception(message, inner);
