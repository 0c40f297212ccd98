using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads the parts of requests. A wrong value is refused with the name of its field.</summary>
internal static class Requests
{
    /// <summary>How many levels deep a body may nest: deeper than a value, so that a state that was read can be sent back.</summary>
    public const int BodyDepthMax = GraphJson.ValueDepthMax + 10;

    private const int UuidLength = 36;

    public static Actor ActorOf(HttpContext http) => http.Features.Get<Actor>() ?? Actor.Anonymous;

    /// <summary>
    /// Reads a JSON body, which may be compressed. An empty one is <c>{}</c>, unless <paramref name="isRequired"/>. The content
    /// type does not matter (docs/protocol/README.md A2).
    /// </summary>
    public static async Task<T> ReadBodyAsync<T>(
        HttpContext http, WeftServerOptions options, JsonTypeInfo<T> typeInfo, bool isRequired = false) =>
        await ReadBodyAsync(
            http,
            options,
            body => isRequired && body.IsEmpty ? throw Invalid("body", "Field required") : Parse(body, typeInfo));

    /// <summary>Reads the body, decompressed, and leaves it to be read once more.</summary>
    public static async Task<byte[]> BufferBodyAsync(HttpContext http, WeftServerOptions options)
    {
        var body = await ReadBodyAsync(http, options, static body => body.ToArray());
        http.Request.Body = new MemoryStream(body);
        http.Request.Headers.ContentEncoding = default;
        return body;
    }

    private static async Task<T> ReadBodyAsync<T>(HttpContext http, WeftServerOptions options, Func<ReadOnlySequence<byte>, T> use)
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
                    return use(read.Buffer);
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
        mount.IsGateway
            ? ThreadId.TryParse(threadId, null, out var id) ? id : throw Invalid(field, "A thread id has letters, digits, '_' and '-'.")
            : TryReadUuid(threadId, out var uuid) ? new ThreadId(uuid.ToString()) : throw Invalid(field, $"'{threadId}' is not a UUID.");

    /// <summary>
    /// Reads the id of a run. Below <c>/api/threads</c>, a text that is not an id is a run that does not exist
    /// (docs/protocol/gateway.md H1).
    /// </summary>
    public static RunId ReadRunId(Mount mount, string runId, string field = "path.run_id") =>
        TryReadUuid(runId, out var id) ? new RunId(id)
        : mount.IsGateway ? throw new WeftException(ProblemKind.NotFound, $"Run {runId} not found")
        : throw Invalid(field, $"'{runId}' is not a UUID.");

    /// <summary>Reads a UUID of exactly 36 characters, without spaces around it.</summary>
    public static bool TryReadUuid(string text, out Guid uuid)
    {
        uuid = default;
        return text.Length == UuidLength && Guid.TryParseExact(text, "D", out uuid);
    }

    /// <summary>
    /// Whether a boolean of the query is true. <see cref="ReadFlag"/> refuses what is not a boolean; for this it is false.
    /// </summary>
    public static bool IsSet(HttpContext http, string name) => IsTrue(http.Request.Query[name].ToString());

    /// <summary>Reads a boolean of the query; null when it is missing or empty.</summary>
    public static bool? ReadFlag(HttpContext http, string name) => http.Request.Query[name].ToString() switch
    {
        "" => null,
        "0" => false,
        var text when IsTrue(text) => true,
        var text when text.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        var other => throw Invalid("query." + name, $"'{other}' is not a boolean."),
    };

    private static bool IsTrue(string text) => text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase);

    public static long? ReadNumber(HttpContext http, string name)
    {
        var text = http.Request.Query[name].ToString();
        return text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
            // Too large for any limit: the caller refuses it with the limit.
            : BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large)
                ? long.CreateSaturating(large)
            : throw Invalid("query." + name, $"'{text}' is not a whole number.");
    }

    public static (int Limit, int Offset) ReadPage(HttpContext http, WeftServerOptions options, int defaultLimit)
    {
        var limit = CheckLimit(ReadNumber(http, "limit") ?? defaultLimit, options, "query.limit");
        return (limit, CheckOffset(ReadNumber(http, "offset") ?? 0, "query.offset"));
    }

    public static int CheckLimit(long limit, WeftServerOptions options, string field = "limit") =>
        limit >= 1 && limit <= options.PageSizeMax
            ? (int)limit
            : throw Invalid(field, $"It must be at least 1 and at most {options.PageSizeMax}.");

    /// <summary>Checks that a list of ids is not longer than a page may be.</summary>
    public static void CheckCount(List<string>? ids, WeftServerOptions options, string field)
    {
        if (ids?.Count > options.PageSizeMax)
        {
            throw Invalid(field, $"It must have at most {options.PageSizeMax} ids.");
        }
    }

    public static int CheckOffset(long offset, string field = "offset") =>
        offset is >= 0 and <= int.MaxValue ? (int)offset : throw Invalid(field, $"It must be at least 0 and at most {int.MaxValue}.");

    public static string? ReadChoice(HttpContext http, string name, params ReadOnlySpan<string> choices)
    {
        var value = http.Request.Query[name].ToString();
        return value.Length == 0 ? null
            : choices.Contains(value) ? value
            : throw Invalid("query." + name, $"'{value}' is none of {string.Join(", ", choices)}.");
    }

    /// <summary>A list in the query: repeated keys, a JSON array, or separated by commas (docs/protocol/README.md A2).</summary>
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
                    var items = JsonElement.Parse(value).EnumerateArray();
                    list.AddRange(items.Select(item => item.GetString() ?? throw new InvalidOperationException()));
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

    private static WeftException WrongType(string path, JsonTypeInfo body) =>
        Invalid(path.Length == 0 ? "body" : path, $"It must be {JsonTypeNames.Of(body, path)}.");

    private static T Parse<T>(ReadOnlySequence<byte> body, JsonTypeInfo<T> typeInfo)
    {
        try
        {
            var reader = new Utf8JsonReader(body.IsEmpty ? "{}"u8 : BodyText.Read(body), new JsonReaderOptions { MaxDepth = BodyDepthMax });
            var value = JsonSerializer.Deserialize(ref reader, typeInfo);
            return reader.Read()
                ? throw Invalid("body", "There is more after the JSON value.")
                : value ?? throw Invalid("body", "It must be a JSON object, not null.");
        }
        catch (JsonException e)
        {
            // If the text is not valid JSON or nests too deep, the inner exception is the reader's.
            var place = $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
            throw e.InnerException is JsonException
                ? Invalid("body", $"It is not valid JSON, or nests deeper than {BodyDepthMax} levels: {place}.")
                : WrongType(e.Path?.TrimStart('$').TrimStart('.') ?? "", typeInfo);
        }
    }
}
