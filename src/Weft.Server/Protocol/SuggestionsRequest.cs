using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A conversation for which suggestions are wanted.</summary>
internal sealed record SuggestionsRequest
{
    /// <summary>The newest messages, in their order. Required.</summary>
    [JsonPropertyName("messages")]
    public List<SuggestionMessage>? Messages { get; init; }

    /// <summary>How many suggestions to make, 1 to 5. null means 3.</summary>
    [JsonPropertyName("n")]
    public long? N { get; init; }

    /// <summary>The name of a model. null, and a name that the server does not know, mean the default model.</summary>
    [JsonPropertyName("model_name")]
    public string? ModelName { get; init; }
}
