using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads the header <c>Idempotency-Key</c> of requests for runs (docs/protocol/runs.md B6).</summary>
internal static class RequestKeys
{
    public const string Header = "Idempotency-Key";
    public const int LengthMax = 255;

    /// <summary>Returns the key of a request; null if it has none.</summary>
    /// <exception cref="WeftException">The key is empty or too long, or there are several.</exception>
    public static RequestKey? Read(IHeaderDictionary headers, ThreadId? threadId, RunCreate body)
    {
        var values = headers[Header];
        if (values.Count == 0)
        {
            return null;
        }

        return values is [{ Length: > 0 and <= LengthMax } key]
            ? new RequestKey(threadId, key, HashOf(body))
            : throw Requests.Invalid($"header.{Header}", $"It must have at least 1 and at most {LengthMax} characters.");
    }

    /// <summary>Returns a hash that does not depend on how the JSON of a body is written.</summary>
    private static string HashOf(RunCreate body) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(body, ProtocolJsonContext.Default.RunCreate)));
}
