using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>The parameters of the query and the headers that endpoints read, as the OpenAPI document describes them.</summary>
internal static class Parameters
{
    public static OpenApiParameter RequestKey { get; } = Header(
        RequestKeys.Header,
        "A key by which this request can be repeated. Repetitions get the run that the first one created.",
        new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = RequestKeys.LengthMax });

    public static OpenApiParameter LastEventId { get; } = Header(
        "Last-Event-ID", "The id of the last event that the client has. The stream continues after it.", Text());

    public static OpenApiParameter Limit { get; } = Query("limit", "The maximum number of results.", Whole(1));

    public static OpenApiParameter Offset { get; } = Query("offset", "The number of results to skip.", Whole(0));

    public static OpenApiParameter Select { get; } =
        Query("select", "The members of the results to return. Missing means all.", List(Text()));

    public static OpenApiParameter RunSelect { get; } = Query(
        "select", "The members of the runs to return. Missing means all.", List(Text(RunJson.Members)));

    public static OpenApiParameter Wait { get; } = Query("wait", "Whether to wait until the run has ended.", Flag());

    public static OpenApiParameter CancelAction { get; } = Query(
        "action", "How to cancel. A rollback also removes the run and its checkpoints.", Text("interrupt", "rollback"));

    public static OpenApiParameter CancelOnDisconnect { get; } = Query(
        "cancel_on_disconnect", "Whether to cancel the run if the client disconnects.", Flag());

    public static OpenApiParameter StreamMode { get; } = Query(
        "stream_mode", "Only events of these modes. Missing means those of the run.", AnyOf(Text(), List(Text())));

    public static OpenApiParameter Namespace { get; } = Query(
        "namespace",
        "Only events of these graphs: each the names of the nodes around it and its own, joined by |, with or without the ids of their "
        + "tasks. An empty text is the root graph.",
        AnyOf(Text(), List(Text())));

    public static OpenApiParameter ShownCheckpoint { get; } = Query(
        "checkpoint_id", "A checkpoint of the run whose state the client shows: only what follows is streamed.", Text());

    /// <summary>What a request for the stream of a run may have.</summary>
    public static OpenApiParameter[] OfRunStream { get; } = [LastEventId, StreamMode, Namespace, ShownCheckpoint, CancelOnDisconnect];

    public static OpenApiParameter Subgraphs { get; } = Query("subgraphs", "Whether tasks contain the states of their subgraphs.", Flag());

    public static OpenApiParameter Recurse { get; } = Query("recurse", "Whether to include subgraphs of subgraphs.", Flag());

    public static OpenApiParameter RunStatus { get; } = Query(
        "status",
        "Only runs with this status. Missing means any.",
        Text("pending", "running", "success", "error", "timeout", "interrupted"));

    /// <summary>A boolean.</summary>
    public static OpenApiSchema Flag() => new() { Type = JsonSchemaType.Boolean };

    /// <summary>A whole number of at least <paramref name="minimum"/>.</summary>
    public static OpenApiSchema Whole(int minimum) => new() { Type = JsonSchemaType.Integer, Minimum = $"{minimum}" };

    /// <summary>A text, which is one of <paramref name="values"/> if there are any.</summary>
    public static OpenApiSchema Text(params string[] values) => new()
    {
        Type = JsonSchemaType.String,
        Enum = values.Length == 0 ? null : [.. values.Select(value => (JsonNode)JsonValue.Create(value))],
    };

    /// <summary>One of some whole numbers.</summary>
    public static OpenApiSchema Number(params int[] values) =>
        new() { Type = JsonSchemaType.Integer, Enum = [.. values.Select(value => (JsonNode)JsonValue.Create(value))] };

    public static OpenApiSchema List(OpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };

    public static OpenApiSchema AnyOf(params OpenApiSchema[] schemas) => new() { AnyOf = [.. schemas] };

    /// <summary>Describes a parameter of the query.</summary>
    public static OpenApiParameter Query(string name, string description, OpenApiSchema schema, bool isRequired = false) =>
        new() { Name = name, In = ParameterLocation.Query, Description = description, Schema = schema, Required = isRequired };

    private static OpenApiParameter Header(string name, string description, OpenApiSchema schema) =>
        new() { Name = name, In = ParameterLocation.Header, Description = description, Schema = schema };
}
