namespace Weft.Graphs;

/// <summary>A value is none of the forms that a message may have (protocol, section F2).</summary>
public sealed class MessageCoercionException(string message) : InvalidUpdateException($"{message} (MESSAGE_COERCION_FAILURE)");
