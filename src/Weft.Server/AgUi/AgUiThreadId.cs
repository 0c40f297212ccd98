using System.Security.Cryptography;
using System.Text;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// The thread of a client's <c>threadId</c>, which may be any text (docs/protocol/agui.md 3). A UUID is the id of the thread. For
/// any other text, the id is a UUID of version 5 (RFC 9562, section 5.5), so that the same text always means the same thread. It
/// also depends on the actor: two actors may use the same text for their threads.
/// </summary>
internal static class AgUiThreadId
{
    private static readonly byte[] Namespace = new Guid("5a9f3c52-0b0e-4d53-9d5c-7b8c0f6a2e11").ToByteArray(bigEndian: true);

    public static ThreadId Of(Actor actor, string text)
    {
        if (Requests.TryReadUuid(text, out var uuid))
        {
            return new ThreadId(uuid.ToString());
        }

#pragma warning disable CA5350 // SHA-1 defines version 5. Nothing here depends on its strength.
        var hash = SHA1.HashData([.. Namespace, .. Encoding.UTF8.GetBytes(actor.Id), 0, .. Encoding.UTF8.GetBytes(text)]);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new ThreadId(new Guid(hash.AsSpan(0, 16), bigEndian: true).ToString());
    }
}
