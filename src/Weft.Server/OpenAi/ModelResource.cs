using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>An assistant as a model of OpenAI's API.</summary>
internal sealed record ModelResource
{
    /// <summary>The id by which requests name the assistant.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary><c>model</c>.</summary>
    [JsonPropertyName("object")]
    public required string Object { get; init; }

    /// <summary>When the server created the assistant, in seconds since 1970.</summary>
    [JsonPropertyName("created")]
    public required long Created { get; init; }

    /// <summary><c>weft</c>.</summary>
    [JsonPropertyName("owned_by")]
    public required string OwnedBy { get; init; }
}

/// <summary>The assistants as models of OpenAI's API.</summary>
internal sealed record ModelListResource
{
    /// <summary><c>list</c>.</summary>
    [JsonPropertyName("object")]
    public required string Object { get; init; }

    /// <summary>The models.</summary>
    [JsonPropertyName("data")]
    public required List<ModelResource> Data { get; init; }

    /// <summary>True if there are more assistants than the list has; otherwise missing.</summary>
    [JsonPropertyName("has_more")]
    public bool? HasMore { get; init; }
}
