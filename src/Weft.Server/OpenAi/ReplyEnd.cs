namespace Weft.Server;

/// <summary>Why the reading of a reply stopped.</summary>
internal enum ReplyEnd
{
    /// <summary>The run has ended.</summary>
    Complete,

    /// <summary>The client disconnected.</summary>
    Disconnected,

    /// <summary>This server stops, or no longer executes the run.</summary>
    Stopping,

    /// <summary>Parts of the reply were removed before they were read, because the client reads too slowly.</summary>
    Lost,
}

/// <summary>Describes why a reply is not complete.</summary>
internal static class ReplyEndExtensions
{
    /// <summary>Returns the message for the client.</summary>
    public static string Describe(this ReplyEnd end) => end == ReplyEnd.Lost
        ? "The answer was removed from memory before the client had read all of it."
        : "The server is stopping, so the answer is not complete.";
}
