using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /threads</c>.</summary>
internal sealed record ThreadCreate
{
    [JsonPropertyName("thread_id")]
    public string? ThreadId { get; init; }

    [JsonPropertyName("metadata")]
    public JsonElement? Metadata { get; init; }

    [JsonPropertyName("if_exists")]
    public string? IfExists { get; init; }

    [JsonPropertyName("ttl")]
    public JsonElement? Ttl { get; init; }

    [JsonPropertyName("supersteps")]
    public JsonElement? Supersteps { get; init; }
}

/// <summary>The body of <c>PATCH /threads/{id}</c>.</summary>
internal sealed record ThreadPatch
{
    [JsonPropertyName("metadata")]
    public JsonElement? Metadata { get; init; }

    [JsonPropertyName("ttl")]
    public JsonElement? Ttl { get; init; }
}

/// <summary>The body of <c>POST /threads/count</c>.</summary>
internal sealed record ThreadCount
{
    [JsonPropertyName("metadata")]
    public JsonElement? Metadata { get; init; }

    [JsonPropertyName("values")]
    public JsonElement? Values { get; init; }

    [JsonPropertyName("status")]
    public string? Status { get; init; }
}

/// <summary>The body of <c>POST /threads/prune</c>.</summary>
internal sealed record ThreadPrune
{
    [JsonPropertyName("thread_ids")]
    public List<string>? ThreadIds { get; init; }

    [JsonPropertyName("strategy")]
    public string? Strategy { get; init; }
}

/// <summary>The body of <c>POST /threads/search</c>.</summary>
internal sealed record ThreadSearch
{
    [JsonPropertyName("ids")]
    public List<string>? Ids { get; init; }

    [JsonPropertyName("metadata")]
    public JsonElement? Metadata { get; init; }

    [JsonPropertyName("values")]
    public JsonElement? Values { get; init; }

    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    [JsonPropertyName("offset")]
    public long? Offset { get; init; }

    [JsonPropertyName("sort_by")]
    public string? SortBy { get; init; }

    [JsonPropertyName("sort_order")]
    public string? SortOrder { get; init; }

    [JsonPropertyName("select")]
    public List<string>? Select { get; init; }

    [JsonPropertyName("extract")]
    public Dictionary<string, string>? Extract { get; init; }
}

/// <summary>The body of <c>POST /threads/{id}/state</c>.</summary>
internal sealed record ThreadStateUpdate
{
    [JsonPropertyName("values")]
    public JsonElement? Values { get; init; }

    [JsonPropertyName("as_node")]
    public string? AsNode { get; init; }

    [JsonPropertyName("checkpoint")]
    public JsonElement? Checkpoint { get; init; }

    [JsonPropertyName("checkpoint_id")]
    public string? CheckpointId { get; init; }
}

/// <summary>The body of <c>POST /threads/{id}/state/checkpoint</c>.</summary>
internal sealed record ThreadStateCheckpoint
{
    [JsonPropertyName("checkpoint")]
    public JsonElement? Checkpoint { get; init; }

    [JsonPropertyName("subgraphs")]
    public bool? Subgraphs { get; init; }

    [JsonPropertyName("select")]
    public List<string>? Select { get; init; }
}

/// <summary>The body of <c>POST /threads/{id}/history</c>.</summary>
internal sealed record ThreadHistory
{
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    [JsonPropertyName("before")]
    public JsonElement? Before { get; init; }

    [JsonPropertyName("metadata")]
    public JsonElement? Metadata { get; init; }

    [JsonPropertyName("checkpoint")]
    public JsonElement? Checkpoint { get; init; }

    [JsonPropertyName("select")]
    public List<string>? Select { get; init; }
}

/// <summary>The body of <c>POST /assistants/search</c> and <c>/count</c>.</summary>
internal sealed record AssistantSearch
{
    [JsonPropertyName("metadata")]
    public JsonElement? Metadata { get; init; }

    [JsonPropertyName("graph_id")]
    public string? GraphId { get; init; }

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    [JsonPropertyName("offset")]
    public long? Offset { get; init; }

    [JsonPropertyName("sort_by")]
    public string? SortBy { get; init; }

    [JsonPropertyName("sort_order")]
    public string? SortOrder { get; init; }

    [JsonPropertyName("select")]
    public List<string>? Select { get; init; }
}

/// <summary>The body of <c>POST /runs/cancel</c>.</summary>
internal sealed record RunsCancel
{
    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("thread_id")]
    public string? ThreadId { get; init; }

    [JsonPropertyName("run_ids")]
    public List<string>? RunIds { get; init; }
}

/// <summary>The body of <c>POST /ui/{assistant}</c>.</summary>
internal sealed record UiRequest
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("shadowRootId")]
    public string? ShadowRootId { get; init; }
}

/// <summary>The body of <c>PUT /store/items</c>.</summary>
internal sealed record StorePutRequest
{
    [JsonPropertyName("namespace")]
    public List<string>? Namespace { get; init; }

    [JsonPropertyName("key")]
    public string? Key { get; init; }

    [JsonPropertyName("value")]
    public JsonElement? Value { get; init; }

    [JsonPropertyName("index")]
    public JsonElement? Index { get; init; }

    [JsonPropertyName("ttl")]
    public double? Ttl { get; init; }
}

/// <summary>The body of <c>DELETE /store/items</c>.</summary>
internal sealed record StoreDeleteRequest
{
    [JsonPropertyName("namespace")]
    public List<string>? Namespace { get; init; }

    [JsonPropertyName("key")]
    public string? Key { get; init; }
}

/// <summary>The body of <c>POST /store/items/search</c>.</summary>
internal sealed record StoreSearchRequest
{
    [JsonPropertyName("namespace_prefix")]
    public List<string>? NamespacePrefix { get; init; }

    [JsonPropertyName("filter")]
    public JsonElement? Filter { get; init; }

    [JsonPropertyName("query")]
    public string? Query { get; init; }

    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    [JsonPropertyName("offset")]
    public long? Offset { get; init; }

    [JsonPropertyName("refresh_ttl")]
    public bool? RefreshTtl { get; init; }
}

/// <summary>The body of <c>POST /store/namespaces</c>.</summary>
internal sealed record StoreListNamespacesRequest
{
    [JsonPropertyName("prefix")]
    public List<string>? Prefix { get; init; }

    [JsonPropertyName("suffix")]
    public List<string>? Suffix { get; init; }

    [JsonPropertyName("max_depth")]
    public long? MaxDepth { get; init; }

    [JsonPropertyName("limit")]
    public long? Limit { get; init; }

    [JsonPropertyName("offset")]
    public long? Offset { get; init; }
}
