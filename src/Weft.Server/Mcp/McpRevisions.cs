using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>
/// The revisions of MCP: those whose clients initialize first, and the one whose requests describe themselves (docs/protocol/mcp.md 2).
/// </summary>
internal static class McpRevisions
{
    /// <summary>The revision without initialization.</summary>
    public const string SelfDescribing = "2026-07-28";

    public const int HeaderMismatch = -32020;
    public const int UnsupportedVersion = -32022;

    private const string VersionHeader = "MCP-Protocol-Version";
    private const string VersionMember = "io.modelcontextprotocol/protocolVersion";
    private const string CapabilitiesMember = "io.modelcontextprotocol/clientCapabilities";
    private const string EncodedPrefix = "=?base64?";
    private const string EncodedSuffix = "?=";

    private static readonly string[] Initializing = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    /// <summary>Returns the revision for a client that initializes: the one it asks for, or else the newest of them.</summary>
    public static string Negotiate(JsonElement parameters) =>
        JsonFields.Text(parameters, "protocolVersion") is { } wanted && Initializing.Contains(wanted) ? wanted : Initializing[^1];

    /// <summary>Checks what a request says of its revision. Returns whether it is the one without initialization.</summary>
    /// <exception cref="JsonRpcException">The server does not have the revision, or the headers contradict the body.</exception>
    public static bool DescribesItself(HttpContext http, JsonRpcCall call)
    {
        var header = http.Request.Headers[VersionHeader].ToString();
        if (header.Length > 0 && header != SelfDescribing && !Initializing.Contains(header))
        {
            throw Unsupported(header);
        }

        var meta = JsonFields.Object(call.Params, "_meta");
        var stated = JsonFields.Text(meta, VersionMember);
        if (header != SelfDescribing)
        {
            return stated is null || Initializing.Contains(stated) ? false
                : stated != SelfDescribing ? throw Unsupported(stated)
                : throw Mismatch($"The header {VersionHeader} is missing, and the body has {VersionMember}.");
        }

        if (call.IsNotification)
        {
            return true;
        }

        if (stated is null)
        {
            throw JsonRpcException.InvalidParams($"_meta.{VersionMember}", "It is required, a string.");
        }

        if (stated != header)
        {
            throw Mismatch($"The header {VersionHeader} is '{header}', and {VersionMember} is '{stated}'.");
        }

        if (JsonFields.Object(meta, CapabilitiesMember).ValueKind != JsonValueKind.Object)
        {
            throw JsonRpcException.InvalidParams($"_meta.{CapabilitiesMember}", "It is required, an object.");
        }

        CheckHeader(http, "Mcp-Method", call.Method);
        if (call.Method == "tools/call" && JsonFields.Text(call.Params, "name") is { } name)
        {
            CheckHeader(http, "Mcp-Name", name);
        }

        return true;
    }

    private static void CheckHeader(HttpContext http, string header, string expected)
    {
        var given = http.Request.Headers[header].ToString().Trim();
        if (Decode(given) != expected)
        {
            throw Mismatch($"The header {header} is '{given}', and the body has '{expected}'.");
        }
    }

    /// <summary>Returns the text of a header. Text that is not ASCII is encoded.</summary>
    private static string? Decode(string header)
    {
        if (!header.StartsWith(EncodedPrefix, StringComparison.Ordinal) || !header.EndsWith(EncodedSuffix, StringComparison.Ordinal)
            || header.Length < EncodedPrefix.Length + EncodedSuffix.Length)
        {
            return header;
        }

        var bytes = new byte[header.Length];
        return Convert.TryFromBase64String(header[EncodedPrefix.Length..^EncodedSuffix.Length], bytes, out var count)
            ? Encoding.UTF8.GetString(bytes, 0, count)
            : null;
    }

    private static JsonRpcException Mismatch(string message) =>
        new(HeaderMismatch, message) { Status = StatusCodes.Status400BadRequest };

    private static JsonRpcException Unsupported(string version) =>
        new(UnsupportedVersion, $"The revision '{version}' is not supported.")
        {
            Status = StatusCodes.Status400BadRequest,
            JsonData = $$"""{"supported":["{{SelfDescribing}}"],"requested":"{{JsonEncodedText.Encode(version)}}"}""",
        };
}
