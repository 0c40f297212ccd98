namespace Weft.Mcp;

/// <summary>A server of the Model Context Protocol failed, or one of its tools did. The message is written for a model.</summary>
public sealed class McpServerException : Exception
{
    internal McpServerException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
