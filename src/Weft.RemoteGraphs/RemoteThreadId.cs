using System.Security.Cryptography;
using System.Text;
using Weft.Graphs;

namespace Weft.RemoteGraphs;

/// <summary>The ids of remote threads.</summary>
internal static class RemoteThreadId
{
    /// <summary>
    /// Returns an id that is the same each time. It differs from that of the thread itself: the server may be this one, whose runs
    /// wait for each other if they are on one thread, and a graph may have several remote nodes.
    /// </summary>
    public static Guid Of(NodeContext context, string assistantId)
    {
        // The namespace without the ids of tasks, which differ from run to run. Tasks of sends run at the same time.
        var nodes = context.Namespace.Split('|').Select(part => part.Split(':')[0]);
        string[] parts =
            ["remote graph", context.ThreadId, assistantId, string.Join('|', nodes), context.Input is null ? "" : context.TaskId];
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
        // A UUID of version 8, whose other bits are free.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
