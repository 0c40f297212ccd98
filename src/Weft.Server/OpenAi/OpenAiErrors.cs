using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Errors in the shape that OpenAI's clients parse (docs/protocol/openai.md 5).</summary>
internal static class OpenAiErrors
{
    public const string RunFailed = "run_failed";

    /// <summary>Answers with an error.</summary>
    /// <param name="http">The call.</param>
    /// <param name="status">The status as the first protocol has it. 422 becomes 400.</param>
    /// <param name="message">The message.</param>
    /// <param name="field">The field that is wrong; null if the error has none.</param>
    public static Task WriteAsync(HttpContext http, int status, string message, string? field)
    {
        http.Response.StatusCode = status == StatusCodes.Status422UnprocessableEntity ? StatusCodes.Status400BadRequest : status;
        var param = field is null or "body" ? null : field.Replace("query.", "", StringComparison.Ordinal);
        return JsonResponse.WriteAsync(http, (status, message, param), static (writer, error) =>
        {
            writer.WriteStartObject();
            Write(writer, error.message, TypeOf(error.status), error.param, CodeOf(error.status, error.param));
            writer.WriteEndObject();
        });
    }

    /// <summary>Answers that the run failed.</summary>
    public static Task WriteAsync(HttpContext http, RunFailure failure)
    {
        http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return JsonResponse.WriteAsync(http, failure, static (writer, failure) =>
        {
            writer.WriteStartObject();
            Write(writer, failure);
            writer.WriteEndObject();
        });
    }

    /// <summary>Writes the member <c>error</c> for a run that failed.</summary>
    public static void Write(Utf8JsonWriter writer, RunFailure failure) =>
        Write(writer, failure.Message, "server_error", null, RunFailed);

    public static WeftException ModelNotFound(string model) => new(
        ProblemKind.NotFound,
        $"The model '{model}' does not exist. A model is the id of an assistant or of its graph, if the graph has the channel messages.",
        "model");

    /// <summary>Returns the schema of errors, for the OpenAPI document.</summary>
    public static OpenApiSchema Schema()
    {
        var text = new OpenApiSchema { Type = JsonSchemaType.String };
        var optional = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null };
        return Object(("error", Object(("message", text), ("type", text), ("param", optional), ("code", optional))));
    }

    private static OpenApiSchema Object(params (string Name, IOpenApiSchema Schema)[] members) => new()
    {
        Type = JsonSchemaType.Object,
        Required = members.Select(member => member.Name).ToHashSet(),
        Properties = members.ToDictionary(member => member.Name, member => member.Schema),
    };

    private static void Write(Utf8JsonWriter writer, string message, string type, string? param, string? code)
    {
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, message);
        writer.WriteString("type"u8, type);
        writer.WriteString("param"u8, param);
        writer.WriteString("code"u8, code);
        writer.WriteEndObject();
    }

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= StatusCodes.Status500InternalServerError => "server_error",
        _ => "invalid_request_error",
    };

    private static string? CodeOf(int status, string? param) => status switch
    {
        StatusCodes.Status404NotFound when param == "model" => "model_not_found",
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status409Conflict => "conflict",
        StatusCodes.Status429TooManyRequests => "rate_limit_exceeded",
        >= StatusCodes.Status500InternalServerError => "server_error",
        _ => null,
    };
}
