using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>
/// The body of an error: <c>{"detail":"…"}</c>, or for a failed validation below <c>/api/threads</c> a list of
/// <c>{"loc","msg","type"}</c>. Routes of OpenAI's API and of JSON-RPC have errors of their own.
/// </summary>
internal static class Problems
{
    private static readonly char[] PartEnds = ['.', '[', ']'];

    public static Task WriteAsync(HttpContext http, int status, string message, string? field, bool asList)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<OpenAiRoute>() is not null)
        {
            return OpenAiErrors.WriteAsync(http, status, message, field);
        }

        if (metadata?.GetMetadata<JsonRpcRoute>() is not null)
        {
            return JsonRpcErrors.WriteAsync(http, status, message, field);
        }

        http.Response.StatusCode = status;
        return JsonResponse.WriteAsync(http, (message, field, asList), static (writer, problem) =>
        {
            writer.WriteStartObject();
            if (problem.asList)
            {
                WriteList(writer, problem.message, problem.field);
            }
            else
            {
                var isNamed = problem.field is null || problem.message.Contains($"'{problem.field}'", StringComparison.Ordinal);
                writer.WriteString("detail"u8, isNamed ? problem.message : $"{problem.field}: {problem.message}");
            }

            writer.WriteEndObject();
        });
    }

    private static void WriteList(Utf8JsonWriter writer, string message, string? field)
    {
        writer.WriteStartArray("detail"u8);
        writer.WriteStartObject();
        writer.WriteStartArray("loc"u8);
        var isQuery = field?.StartsWith("query.", StringComparison.Ordinal) ?? false;
        var isPath = field?.StartsWith("path.", StringComparison.Ordinal) ?? false;
        if (!isQuery && !isPath && field != "body")
        {
            writer.WriteStringValue("body"u8);
        }

        // The parts of "supersteps[0].updates" are "supersteps", 0 and "updates".
        foreach (var part in field?.Split(PartEnds, StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                writer.WriteNumberValue(index);
            }
            else
            {
                writer.WriteStringValue(part);
            }
        }

        writer.WriteEndArray();
        writer.WriteString("msg"u8, message);
        writer.WriteString("type"u8, message == "Field required" ? "missing" : "value_error");
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
