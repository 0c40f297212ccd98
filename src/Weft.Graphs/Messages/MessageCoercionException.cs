namespace Weft.Graphs;

/// <summary>A value is none of the forms that a message may have (docs/protocol/messages.md F2).</summary>
public sealed class MessageCoercionException(string message) : InvalidUpdateException($"{message} (MESSAGE_COERCION_FAILURE)");
