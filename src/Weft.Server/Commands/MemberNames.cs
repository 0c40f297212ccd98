using Weft.Runs;

namespace Weft.Server;

/// <summary>The names that members of the body of a run have in a command, so that errors name what the client sent.</summary>
/// <param name="names">The member of the body, and that of the command; empty if the command has none.</param>
internal sealed class MemberNames(params (string OfBody, string OfCommand)[] names)
{
    private const string Command = "command";

    /// <summary>Returns the refusal with the name of the command's member; null if it is as the client knows it.</summary>
    public WeftException? Rename(WeftException refusal)
    {
        foreach (var (ofBody, ofCommand) in names)
        {
            if (refusal.Field == ofBody)
            {
                return ofBody == Command ? OfCommand(refusal, ofCommand)
                    : ofCommand.Length > 0 ? new WeftException(refusal.Kind, refusal.Message, ofCommand)
                    : new WeftException(ProblemKind.Invalid, refusal.Message);
            }
        }

        return null;
    }

    /// <summary>Only <c>goto</c> and <c>update</c> are checked before the run executes.</summary>
    private static WeftException OfCommand(WeftException refusal, string around)
    {
        var text = refusal.Message;
        var isGoto = text.StartsWith(CommandJson.GotoError, StringComparison.Ordinal);
        if (isGoto)
        {
            text = text[CommandJson.GotoError.Length..];
            text = char.ToUpperInvariant(text[0]) + text[1..];
        }

        var member = isGoto ? "goto" : "update";
        return new WeftException(refusal.Kind, text, around.Length == 0 ? member : $"{around}.{member}");
    }
}
