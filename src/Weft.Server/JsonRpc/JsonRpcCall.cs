using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A message of JSON-RPC 2.0 that a client sent: a call, or a notification, which gets no answer.</summary>
internal sealed class JsonRpcCall
{
    private readonly JsonElement _id;

    private JsonRpcCall(JsonElement id, string method, JsonElement parameters)
    {
        _id = id;
        Method = method;
        Params = parameters;
    }

    public string Method { get; }

    /// <summary>The parameters, an object.</summary>
    public JsonElement Params { get; }

    public bool IsNotification => _id.ValueKind == JsonValueKind.Undefined;

    /// <summary>Reads the message of a request. From then on, errors of the request repeat its id.</summary>
    /// <exception cref="JsonRpcException">The body is not JSON, or not a message.</exception>
    public static async Task<JsonRpcCall> ReadAsync(HttpContext http, WeftServerOptions options)
    {
        var json = await ReadJsonAsync(http, options);
        if (json.ValueKind == JsonValueKind.Array)
        {
            throw Invalid("Batches are not supported. Send each call in a request of its own.");
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Invalid("It must be a JSON object.");
        }

        var id = IdOf(json);
        var method = json.TryGetProperty("method"u8, out var given) && given.ValueKind == JsonValueKind.String ? given.GetString()! : null;
        var parameters = json.TryGetProperty("params"u8, out var members) ? members : GraphJson.EmptyObject;
        http.Features.Set(new JsonRpcCall(id, method ?? "", parameters));
        if (!json.TryGetProperty("jsonrpc"u8, out var version) || version.ValueKind != JsonValueKind.String || !version.ValueEquals("2.0"u8))
        {
            throw Invalid("jsonrpc: It must be \"2.0\".");
        }

        if (method is null)
        {
            throw Invalid("method: It is required, a string.");
        }

        return parameters.ValueKind == JsonValueKind.Object
            ? http.Features.Get<JsonRpcCall>()!
            : throw JsonRpcException.InvalidParams("params", "It must be an object.");
    }

    /// <summary>Writes the id of a call; null if there is none.</summary>
    public static void WriteId(Utf8JsonWriter writer, JsonRpcCall? call)
    {
        if (call is { IsNotification: false })
        {
            call._id.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    /// <summary>Writes a response with a result.</summary>
    public void WriteResult<TState>(Utf8JsonWriter writer, TState state, Action<Utf8JsonWriter, TState> writeResult)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WritePropertyName("id"u8);
        WriteId(writer, this);
        writer.WritePropertyName("result"u8);
        writeResult(writer, state);
        writer.WriteEndObject();
    }

    /// <summary>Answers with a result.</summary>
    public Task AnswerAsync<TState>(HttpContext http, TState state, Action<Utf8JsonWriter, TState> writeResult) => JsonResponse.WriteAsync(
        http, (Call: this, state, writeResult), static (writer, s) => s.Call.WriteResult(writer, s.state, s.writeResult));

    private static JsonElement IdOf(JsonElement json)
    {
        if (!json.TryGetProperty("id"u8, out var id))
        {
            return default;
        }

        return id.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? id
            : throw Invalid("id: It must be a string or a number.");
    }

    private static async Task<JsonElement> ReadJsonAsync(HttpContext http, WeftServerOptions options)
    {
        try
        {
            return await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.JsonElement, isRequired: true);
        }
        catch (WeftException e) when (e is { Kind: ProblemKind.Invalid, Field: "body" })
        {
            throw new JsonRpcException(JsonRpcErrors.ParseError, e.Message) { Status = StatusCodes.Status400BadRequest };
        }
    }

    private static JsonRpcException Invalid(string message) =>
        new(JsonRpcErrors.InvalidRequest, message) { Status = StatusCodes.Status400BadRequest };
}
