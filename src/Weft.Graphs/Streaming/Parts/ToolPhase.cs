namespace Weft.Graphs;

/// <summary>What happened to a tool call.</summary>
public enum ToolPhase
{
    /// <summary>It started. The value is its input.</summary>
    Started,

    /// <summary>The tool reported its progress. The value is what it reported.</summary>
    Progress,

    /// <summary>It is done. The value is the message that answers the model.</summary>
    Ended,

    /// <summary>It failed. The value is the text of the error.</summary>
    Failed,
}
