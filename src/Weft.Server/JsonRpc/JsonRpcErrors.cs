using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>Errors in the shape of JSON-RPC 2.0, with its codes.</summary>
internal static class JsonRpcErrors
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;

    /// <summary>Answers the call with an error.</summary>
    public static Task WriteAsync(HttpContext http, JsonRpcException error)
    {
        http.Response.StatusCode = error.Status;
        return SendAsync(http, error.Code, error.Message, error.JsonData);
    }

    /// <summary>Answers with an error that the first protocol reports by its status.</summary>
    /// <param name="http">The call.</param>
    /// <param name="status">The status as the first protocol has it.</param>
    /// <param name="message">The message.</param>
    /// <param name="field">The field that is wrong; null if the error has none.</param>
    public static Task WriteAsync(HttpContext http, int status, string message, string? field)
    {
        // The client reads the error of a call only from a response that succeeded.
        var isOfCall = http.Features.Get<JsonRpcCall>() is not null && status is
            StatusCodes.Status400BadRequest or StatusCodes.Status404NotFound or StatusCodes.Status409Conflict
            or StatusCodes.Status422UnprocessableEntity;
        http.Response.StatusCode = isOfCall ? StatusCodes.Status200OK
            : status == StatusCodes.Status422UnprocessableEntity ? StatusCodes.Status400BadRequest
            : status;
        return SendAsync(http, CodeOf(status), field is null ? message : $"{field}: {message}", null);
    }

    /// <summary>Writes a response that is an error.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="call">The call; null if the request has none that could be read.</param>
    /// <param name="code">The code.</param>
    /// <param name="message">The message.</param>
    /// <param name="data">More about the error, as JSON; null for nothing.</param>
    public static void Write(Utf8JsonWriter writer, JsonRpcCall? call, int code, string message, string? data)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WritePropertyName("id"u8);
        JsonRpcCall.WriteId(writer, call);
        writer.WriteStartObject("error"u8);
        writer.WriteNumber("code"u8, code);
        writer.WriteString("message"u8, message);
        if (data is not null)
        {
            writer.RawMember("data"u8, data);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Returns the schema of errors, for the OpenAPI document.</summary>
    public static OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "jsonrpc", "error" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["jsonrpc"] = Parameters.Text(),
            ["id"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Number | JsonSchemaType.Null },
            ["error"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string> { "code", "message" },
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["code"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                    ["message"] = Parameters.Text(),
                    ["data"] = new OpenApiSchema(),
                },
            },
        },
    };

    private static Task SendAsync(HttpContext http, int code, string message, string? data) => JsonResponse.WriteAsync(
        http,
        (Call: http.Features.Get<JsonRpcCall>(), code, message, data),
        static (writer, error) => Write(writer, error.Call, error.code, error.message, error.data));

    private static int CodeOf(int status) => status switch
    {
        StatusCodes.Status404NotFound or StatusCodes.Status422UnprocessableEntity => InvalidParams,
        >= StatusCodes.Status500InternalServerError => InternalError,
        _ => InvalidRequest,
    };
}
