using System.Buffers.Text;
using System.Security.Cryptography;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// The cursors of searches for runs. A page ends after the last run that was read for it, which the caller may not be allowed to see.
/// So a cursor is the id of that run, encrypted with a key of the server.
/// </summary>
internal sealed class RunCursors(ServerSecret secret)
{
    private const int IdBytes = 16;
    private const int Version = 7;

    private byte[]? _key;

    /// <summary>Returns the cursor of the page after a run; null if there is none.</summary>
    public async ValueTask<string?> WriteAsync(RunId? last, CancellationToken cancellationToken)
    {
        if (last is not { } run)
        {
            return null;
        }

        using var aes = await OpenAsync(cancellationToken);
        return Base64Url.EncodeToString(aes.EncryptEcb(run.Value.ToByteArray(bigEndian: true), PaddingMode.None));
    }

    /// <summary>Returns the run that a cursor names.</summary>
    /// <exception cref="WeftException">It is not a cursor of this server.</exception>
    public async ValueTask<RunId?> ReadAsync(string? cursor, CancellationToken cancellationToken)
    {
        if (cursor is null)
        {
            return null;
        }

        if (Base64Url.IsValid(cursor, out var length) && length == IdBytes)
        {
            using var aes = await OpenAsync(cancellationToken);
            var id = new Guid(aes.DecryptEcb(Base64Url.DecodeFromChars(cursor), PaddingMode.None), bigEndian: true);
            if (id.Version == Version)
            {
                return new RunId(id);
            }
        }

        throw Requests.Invalid("cursor", "It must be the `next` of a page.");
    }

    /// <summary>Opens the cipher. An id fills exactly one block, so no chaining of blocks is necessary.</summary>
    private async ValueTask<Aes> OpenAsync(CancellationToken cancellationToken)
    {
        _key ??= HKDF.DeriveKey(
            HashAlgorithmName.SHA256, await secret.GetAsync(cancellationToken), outputLength: 32, info: "weft run cursor"u8.ToArray());
        var aes = Aes.Create();
        aes.Key = _key;
        return aes;
    }
}
