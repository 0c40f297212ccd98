using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weft.Server;

/// <summary>Signs calls in the form of the Standard Webhooks specification, version 1.</summary>
internal static class WebhookSignature
{
    private const string Prefix = "whsec_";
    private const int KeyBytesMin = 24;
    private const int KeyBytesMax = 64;

    /// <summary>Returns the key of a secret; null if the secret does not have the form of one.</summary>
    public static byte[]? TryReadKey(string secret)
    {
        var text = secret.StartsWith(Prefix, StringComparison.Ordinal) ? secret[Prefix.Length..] : secret;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length is >= KeyBytesMin and <= KeyBytesMax ? key[..length] : null;
    }

    /// <summary>Returns the signatures of a call, one for each key, separated by spaces.</summary>
    public static string Of(IEnumerable<byte[]> keys, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var signed = new byte[Encoding.UTF8.GetByteCount(id) + 22 + body.Length];
        var length = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."), signed);
        body.CopyTo(signed.AsSpan(length));
        var content = signed.AsMemory(0, length + body.Length);
        return string.Join(' ', keys.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, content.Span))));
    }
}
