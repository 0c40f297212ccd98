using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>
/// The server of the Model Context Protocol over streamable HTTP, whose tools are the assistants (docs/protocol/mcp.md). It has no
/// sessions, so each request stands for itself.
/// </summary>
internal sealed class McpEndpoints(JsonRpcMethods methods, McpTools tools, McpToolCalls calls)
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGroup("/mcp").WithTags("MCP").WithMetadata(JsonRpcRoute.Instance)
            .MapPost("", (Delegate)AnswerAsync).WithAccess(Assistants, Search)
            .AcceptsJson<JsonRpcRequest>().ReturnsJsonOrEvents().Produces(StatusCodes.Status202Accepted).ReturnsProblem(400)
            .WithSummary("Call a method of the Model Context Protocol");

    private Task AnswerAsync(HttpContext http) => methods.AnswerAsync(http, DispatchAsync);

    private async Task DispatchAsync(HttpContext http, JsonRpcCall call)
    {
        var describesItself = McpRevisions.DescribesItself(http, call);
        if (call.IsNotification)
        {
            // Nothing that a client notifies of concerns a server without sessions.
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        switch (call.Method)
        {
            case "tools/list":
                await ListAsync(http, call);
                break;
            case "tools/call":
                await calls.AnswerAsync(http, call);
                break;
            case "server/discover" when describesItself:
                await call.AnswerAsync(http, 0, static (writer, _) => WriteDiscovered(writer));
                break;
            case "initialize" when !describesItself:
                await call.AnswerAsync(http, McpRevisions.Negotiate(call.Params), WriteInitialized);
                break;
            case "ping" when !describesItself:
                await call.AnswerAsync(http, 0, static (writer, _) =>
                {
                    writer.WriteStartObject();
                    writer.WriteEndObject();
                });
                break;
            default:
                throw new JsonRpcException(JsonRpcErrors.MethodNotFound, $"The method '{call.Method}' does not exist.")
                {
                    Status = describesItself ? StatusCodes.Status404NotFound : StatusCodes.Status200OK,
                };
        }
    }

    private async Task ListAsync(HttpContext http, JsonRpcCall call)
    {
        var start = StartOf(JsonFields.Any(call.Params, "cursor"));
        var page = await tools.ListAsync(Requests.ActorOf(http), start, http.RequestAborted);
        await call.AnswerAsync(http, page, static (writer, page) =>
        {
            writer.WriteStartObject();
            WriteCaching(writer);
            writer.WriteStartArray("tools"u8);
            foreach (var tool in page.Tools)
            {
                tool.WriteTo(writer);
            }

            writer.WriteEndArray();
            if (page.Next is { } next)
            {
                writer.WriteString("nextCursor"u8, next.ToString(CultureInfo.InvariantCulture));
            }

            writer.WriteEndObject();
        });
    }

    private static int StartOf(JsonElement cursor) => cursor.ValueKind switch
    {
        JsonValueKind.Undefined => 0,
        JsonValueKind.String when int.TryParse(cursor.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var start) => start,
        _ => throw JsonRpcException.InvalidParams("cursor", "It must be the nextCursor of another page."),
    };

    private static void WriteInitialized(Utf8JsonWriter writer, string revision)
    {
        writer.WriteStartObject();
        writer.WriteString("protocolVersion"u8, revision);
        WriteCapabilities(writer);
        WriteServer(writer, "serverInfo"u8);
        writer.WriteEndObject();
    }

    private static void WriteDiscovered(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteCaching(writer);
        writer.WriteStartArray("supportedVersions"u8);
        writer.WriteStringValue(McpRevisions.SelfDescribing);
        writer.WriteEndArray();
        WriteCapabilities(writer);
        writer.WriteStartObject("_meta"u8);
        WriteServer(writer, "io.modelcontextprotocol/serverInfo"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Assistants may change at any time, and each actor has others.</summary>
    private static void WriteCaching(Utf8JsonWriter writer)
    {
        writer.WriteString("resultType"u8, "complete"u8);
        writer.WriteNumber("ttlMs"u8, 0);
        writer.WriteString("cacheScope"u8, "private"u8);
    }

    private static void WriteCapabilities(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("capabilities"u8);
        writer.WriteStartObject("tools"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteServer(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        writer.WriteStartObject(name);
        writer.WriteString("name"u8, "weft"u8);
        writer.WriteString("version"u8, SystemEndpoints.Version);
        writer.WriteEndObject();
    }
}
