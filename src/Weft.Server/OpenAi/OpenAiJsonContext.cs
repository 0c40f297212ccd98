using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The types of request bodies of OpenAI's API, and what graphs get of them.</summary>
[JsonSourceGenerationOptions(
    MaxDepth = Requests.BodyDepthMax,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(WholeNumberConverter)])]
[JsonSerializable(typeof(ChatCompletionRequest))]
[JsonSerializable(typeof(ModelSettings))]
[JsonSerializable(typeof(ResponseRequest))]
internal sealed partial class OpenAiJsonContext : JsonSerializerContext;
