using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>A call of JSON-RPC that is refused.</summary>
/// <param name="code">One of <see cref="JsonRpcErrors"/>, or of the protocol that uses JSON-RPC.</param>
/// <param name="message">The message for the client.</param>
internal sealed class JsonRpcException(int code, string message) : Exception(message)
{
    public int Code => code;

    /// <summary>The status of the response. Errors of a call that was understood have 200, because clients read no others.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>The member <c>data</c> of the error as JSON; null if it has none.</summary>
    public string? JsonData { get; init; }

    public static JsonRpcException InvalidParams(string field, string message) => new(JsonRpcErrors.InvalidParams, $"{field}: {message}");
}
