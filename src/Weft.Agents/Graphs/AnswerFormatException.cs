namespace Weft.Agents;

/// <summary>
/// The last answer of an agent does not have the form of its <see cref="AgentAnswer"/>, also not when it was asked for again.
/// </summary>
public sealed class AnswerFormatException(string message) : FormatException(message);
