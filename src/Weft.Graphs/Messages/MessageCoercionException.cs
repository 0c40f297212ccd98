namespace Weft.Graphs;

/// <summary>A value has none of the forms of a message (docs/protocol/messages.md F2).</summary>
public sealed class MessageCoercionException(string message) : InvalidUpdateException($"{message} (MESSAGE_COERCION_FAILURE)");
