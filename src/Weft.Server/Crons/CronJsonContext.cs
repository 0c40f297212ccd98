using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The type of the requests that crons store, without members that are null.</summary>
[JsonSourceGenerationOptions(MaxDepth = Requests.BodyDepthMax, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunCreate))]
internal sealed partial class CronJsonContext : JsonSerializerContext;
