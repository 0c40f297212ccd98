using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// What the URL for a feedback allows: a score for one key of one run, until it expires. Its text is base64url of the members and of
/// their HMAC-SHA256, so that nobody can make one without the secret of the server.
/// </summary>
internal sealed record FeedbackToken(RunKey Run, string Key, DateTimeOffset ExpiresAt)
{
    private const byte Version = 1;
    private const int RunAt = 1 + sizeof(long);
    private const int ThreadAt = RunAt + 16 + 1;
    private const int MacBytes = HMACSHA256.HashSizeInBytes;

    public string Sign(ReadOnlySpan<byte> secret)
    {
        var thread = Run.ThreadId.Value;
        var token = new byte[ThreadAt + thread.Length + Encoding.UTF8.GetByteCount(Key) + MacBytes];
        token[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(1), ExpiresAt.ToUnixTimeSeconds());
        Run.RunId.Value.TryWriteBytes(token.AsSpan(RunAt), bigEndian: true, out _);
        token[ThreadAt - 1] = (byte)thread.Length;
        Encoding.ASCII.GetBytes(thread, token.AsSpan(ThreadAt));
        Encoding.UTF8.GetBytes(Key, token.AsSpan(ThreadAt + thread.Length));
        HMACSHA256.HashData(secret, token.AsSpan(..^MacBytes), token.AsSpan(^MacBytes..));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Returns the token; null if the text was not signed with the secret.</summary>
    public static FeedbackToken? TryRead(string text, ReadOnlySpan<byte> secret)
    {
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        ReadOnlySpan<byte> token = Base64Url.DecodeFromChars(text);
        if (token.Length < ThreadAt + MacBytes || token[0] != Version)
        {
            return null;
        }

        Span<byte> mac = stackalloc byte[MacBytes];
        HMACSHA256.HashData(secret, token[..^MacBytes], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, token[^MacBytes..]))
        {
            return null;
        }

        var names = token[ThreadAt..^MacBytes];
        var thread = names[..token[ThreadAt - 1]];
        return new FeedbackToken(
            new RunKey(
                new ThreadId(Encoding.ASCII.GetString(thread)),
                new RunId(new Guid(token.Slice(RunAt, 16), bigEndian: true))),
            Encoding.UTF8.GetString(names[thread.Length..]),
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(token[1..])));
    }
}
