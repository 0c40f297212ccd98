using System.Security.Cryptography;
using System.Text;

namespace Weft.Runs;

/// <summary>
/// The id of the assistant that each graph has: a UUID of version 5 (RFC 9562, section 5.5) of the graph id (docs/protocol/README.md A6).
/// </summary>
public static class AssistantIds
{
    private static readonly byte[] Namespace = new Guid("6ba7b821-9dad-11d1-80b4-00c04fd430c8").ToByteArray(bigEndian: true);

    /// <summary>Returns the id for a graph.</summary>
    public static AssistantId ForGraph(string graphId)
    {
        ArgumentException.ThrowIfNullOrEmpty(graphId);
#pragma warning disable CA5350 // SHA-1 defines version 5. Nothing here depends on its strength.
        var hash = SHA1.HashData([.. Namespace, .. Encoding.UTF8.GetBytes(graphId)]);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new AssistantId(new Guid(hash.AsSpan(0, 16), bigEndian: true));
    }

    /// <summary>Whether an id may be that of a graph which this server does not have.</summary>
    internal static bool MayBeOfGraph(AssistantId id) => id.Value.Version == 5;
}
