using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Weft.Runs;

/// <summary>
/// The text of an API key: <c>weft_</c>, its id in 16 hexadecimal digits, <c>_</c>, and 32 random bytes in base64url. The id finds
/// the stored hash, so that no key is searched for by its secret.
/// </summary>
internal static class ApiKeyText
{
    public const string Prefix = "weft_";

    private const int IdLength = 16;
    private const int SecretBytes = 32;
    private const int SecretLength = 43;
    private const int Length = 65;

    /// <summary>Makes a key.</summary>
    public static (string Id, string Key) New()
    {
        Span<byte> secret = stackalloc byte[SecretBytes];
        RandomNumberGenerator.Fill(secret);
        var id = RandomNumberGenerator.GetHexString(IdLength, lowercase: true);
        return (id, $"{Prefix}{id}_{Base64Url.EncodeToString(secret)}");
    }

    /// <summary>Returns the id in a key; null if the text does not have the form of a key.</summary>
    public static string? IdOf(string key) =>
        key.Length == Length && key.StartsWith(Prefix, StringComparison.Ordinal) && key[^(SecretLength + 1)] == '_' && Ascii.IsValid(key)
            ? key.Substring(Prefix.Length, IdLength)
            : null;

    /// <summary>Returns the hash that is stored. A fast hash is enough, because the secret is random and long.</summary>
    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Whether a key has this hash. The time that the comparison takes does not depend on the values.</summary>
    public static bool Matches(string key, ReadOnlyMemory<byte> hash) => CryptographicOperations.FixedTimeEquals(HashOf(key), hash.Span);
}
