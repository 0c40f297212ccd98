using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>What lists show of a thread.</summary>
internal sealed record ThreadPreviewResource
{
    /// <summary>The title; null if there is no message of a user yet.</summary>
    [JsonPropertyName("title")]
    public required string? Title { get; init; }

    /// <summary>The first message of a user; null if there is none.</summary>
    [JsonPropertyName("first_message")]
    public required PreviewedMessageResource? FirstMessage { get; init; }

    /// <summary>The last message of a user or a model; null if there is none.</summary>
    [JsonPropertyName("last_message")]
    public required PreviewedMessageResource? LastMessage { get; init; }
}

/// <summary>The start of a message.</summary>
internal sealed record PreviewedMessageResource
{
    /// <summary><c>human</c> or <c>ai</c>.</summary>
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    /// <summary>The id of the message.</summary>
    [JsonPropertyName("id")]
    public required string? Id { get; init; }

    /// <summary>The first 200 characters of its text.</summary>
    [JsonPropertyName("text")]
    public required string Text { get; init; }
}
