namespace Weft.Mcp;

/// <summary>Whether a person has to approve the calls of a tool.</summary>
public enum McpApproval
{
    /// <summary>
    /// If the tool may change something that can't be undone: unless it declares that it only reads (<c>readOnlyHint</c>), or that it
    /// only adds (<c>destructiveHint</c> is false). A tool without annotations needs approval. Annotations are claims of the server,
    /// so use this for servers that you trust.
    /// </summary>
    ByAnnotations,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Never.</summary>
    None,
}
