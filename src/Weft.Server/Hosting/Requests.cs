using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads what clients send; what is wrong is refused with the field's name.</summary>
internal static class Requests
{
    /// <summary>How many levels deep a body may nest: deeper than a value, so that a state that was read can be sent back.</summary>
    public const int BodyDepthMax = GraphJson.ValueDepthMax + 10;

    private const int UuidLength = 36;

    public static Actor ActorOf(HttpContext http) => http.Features.Get<Actor>() ?? Actor.Anonymous;

    /// <summary>
    /// Reads a JSON body, which may be compressed. An empty one is <c>{}</c>, unless <paramref name="isRequired"/>. The content
    /// type does not matter (protocol, section A2).
    /// </summary>
    public static async Task<T> ReadBodyAsync<T>(HttpContext http, WeftServerOptions options, JsonTypeInfo<T> typeInfo, bool isRequired = false)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.RequestBodyBytesMax;
        }

        using var body = new RequestBody(http, options);
        var reader = body.Reader;
        while (true)
        {
            var read = await body.ReadAsync();
            if (read.IsCompleted)
            {
                try
                {
                    return isRequired && read.Buffer.IsEmpty ? throw Invalid("body", "Field required") : Parse(read.Buffer, typeInfo);
                }
                finally
                {
                    reader.AdvanceTo(read.Buffer.End);
                }
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public static ThreadId ReadThreadId(Mount mount, string threadId, string field = "path.thread_id") =>
        mount.IsContract
            ? ThreadId.TryParse(threadId, null, out var id) ? id : throw Invalid(field, "A thread id has letters, digits, '_' and '-'.")
            : TryReadUuid(threadId, out var uuid) ? new ThreadId(uuid.ToString()) : throw Invalid(field, $"'{threadId}' is not a UUID.");

    /// <summary>An id that is no run's can't name one: under the contract file that is a run that is not there.</summary>
    public static RunId ReadRunId(Mount mount, string runId, string field = "path.run_id") =>
        TryReadUuid(runId, out var id) ? new RunId(id)
        : mount.IsContract ? throw new WeftException(ProblemKind.NotFound, $"Run {runId} not found")
        : throw Invalid(field, $"'{runId}' is not a UUID.");

    /// <summary>Reads a UUID of 36 characters; a longer text with one in it, such as spaces around it, is none.</summary>
    public static bool TryReadUuid(string text, out Guid uuid)
    {
        uuid = default;
        return text.Length == UuidLength && Guid.TryParseExact(text, "D", out uuid);
    }

    /// <summary>Reads a boolean of the query; null when it is missing or empty.</summary>
    public static bool? ReadFlag(HttpContext http, string name) => http.Request.Query[name].ToString() switch
    {
        "" => null,
        "1" => true,
        "0" => false,
        var text when text.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
        var text when text.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        var other => throw Invalid("query." + name, $"'{other}' is not a boolean."),
    };

    public static long? ReadNumber(HttpContext http, string name)
    {
        var text = http.Request.Query[name].ToString();
        return text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
            // Too large for any limit: the caller refuses it with the limit.
            : BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large) ? long.CreateSaturating(large)
            : throw Invalid("query." + name, $"'{text}' is not a whole number.");
    }

    public static (int Limit, int Offset) ReadPage(HttpContext http, WeftServerOptions options, int defaultLimit) =>
        (CheckLimit(ReadNumber(http, "limit") ?? defaultLimit, options, "query.limit"), CheckOffset(ReadNumber(http, "offset") ?? 0, "query.offset"));

    public static int CheckLimit(long limit, WeftServerOptions options, string field = "limit") =>
        limit >= 1 && limit <= options.PageSizeMax ? (int)limit : throw Invalid(field, $"It must be at least 1 and at most {options.PageSizeMax}.");

    public static int CheckOffset(long offset, string field = "offset") =>
        offset is >= 0 and <= int.MaxValue ? (int)offset : throw Invalid(field, $"It must be at least 0 and at most {int.MaxValue}.");

    public static string? ReadChoice(HttpContext http, string name, params ReadOnlySpan<string> choices)
    {
        var value = http.Request.Query[name].ToString();
        return value.Length == 0 ? null
            : choices.Contains(value) ? value
            : throw Invalid("query." + name, $"'{value}' is none of {string.Join(", ", choices)}.");
    }

    /// <summary>A list in the query: repeated keys, a JSON array, or separated by commas (protocol, section A2).</summary>
    public static List<string>? ReadList(HttpContext http, string name)
    {
        var values = http.Request.Query[name];
        if (values.Count == 0 || values is [""])
        {
            return null;
        }

        var list = new List<string>();
        foreach (var value in values)
        {
            if (value!.StartsWith('['))
            {
                try
                {
                    list.AddRange(JsonElement.Parse(value).EnumerateArray().Select(item => item.GetString() ?? throw new InvalidOperationException()));
                }
                catch (Exception e) when (e is JsonException or InvalidOperationException)
                {
                    throw Invalid("query." + name, "It must be a list of strings.");
                }
            }
            else
            {
                list.AddRange(value.Split(',', StringSplitOptions.TrimEntries));
            }
        }

        return list;
    }

    public static string MetadataText(JsonElement? metadata, string field = "metadata") => metadata switch
    {
        null or { ValueKind: JsonValueKind.Null } => "{}",
        { ValueKind: JsonValueKind.Object } given => given.GetRawText(),
        _ => throw Invalid(field, "It must be an object."),
    };

    public static WeftException Invalid(string field, string message) => new(ProblemKind.Invalid, message, field);

    private static WeftException WrongType(string path, JsonTypeInfo body) => Invalid(path.Length == 0 ? "body" : path, $"It must be {JsonTypeNames.Of(body, path)}.");

    private static T Parse<T>(System.Buffers.ReadOnlySequence<byte> body, JsonTypeInfo<T> typeInfo)
    {
        try
        {
            var reader = new Utf8JsonReader(body.IsEmpty ? "{}"u8 : BodyText.Read(body), new JsonReaderOptions { MaxDepth = BodyDepthMax });
            var value = JsonSerializer.Deserialize(ref reader, typeInfo);
            return reader.Read() ? throw Invalid("body", "There is more after the JSON value.") : value ?? throw Invalid("body", "It must be a JSON object, not null.");
        }
        catch (JsonException e)
        {
            // Inside is the reader's exception when the text is no JSON, or nests too deep.
            throw e.InnerException is JsonException
                ? Invalid("body", $"It is not valid JSON, or nests deeper than {BodyDepthMax} levels: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.")
                : WrongType(e.Path?.TrimStart('$').TrimStart('.') ?? "", typeInfo);
        }
    }
}
