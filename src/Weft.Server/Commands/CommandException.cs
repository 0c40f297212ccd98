namespace Weft.Server;

/// <summary>A command is refused with an error of the protocol (docs/protocol/v2.md 2).</summary>
/// <param name="code">As <see cref="Code"/>.</param>
/// <param name="message">The reason, written for the client.</param>
internal sealed class CommandException(string code, string message) : Exception(message)
{
    /// <summary>One of <see cref="CommandErrors"/>.</summary>
    public string Code { get; } = code;

    /// <summary>The error for a wrong member of a command.</summary>
    public static CommandException Invalid(string field, string message) => new(CommandErrors.InvalidArgument, $"{field}: {message}");
}
