using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// The ids of responses and conversations. A response is a run, and its id is <c>resp_</c> and the id of the run without hyphens. A
/// conversation is a thread: <c>conv_</c> and the id of the thread without hyphens, or the id of the thread itself.
/// </summary>
internal static class ResponseId
{
    private const string Prefix = "resp_";
    private const string ConversationPrefix = "conv_";

    public static string Of(RunId run) => $"{Prefix}{run.Value:N}";

    public static string OfConversation(ThreadId thread) =>
        Guid.TryParse(thread.Value, out var uuid) ? $"{ConversationPrefix}{uuid:N}" : thread.Value;

    public static bool TryParse(string id, out RunId run)
    {
        var isId = Guid.TryParseExact(id.StartsWith(Prefix, StringComparison.Ordinal) ? id[Prefix.Length..] : "", "N", out var uuid);
        run = new RunId(uuid);
        return isId;
    }

    /// <exception cref="WeftException">It is not the id of a conversation.</exception>
    public static ThreadId ReadConversation(Mount mount, string id, string field) =>
        id.StartsWith(ConversationPrefix, StringComparison.Ordinal)
        && Guid.TryParseExact(id[ConversationPrefix.Length..], "N", out var uuid)
            ? new ThreadId(uuid.ToString())
            : Requests.ReadThreadId(mount, id, field);
}
