using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>How the bodies of requests are read. Every name is spelled out on its member: a naming policy here could be overridden by the application's.</summary>
[JsonSourceGenerationOptions(MaxDepth = Requests.BodyDepthMax, Converters = [typeof(StringListConverter), typeof(WholeNumberConverter)])]
[JsonSerializable(typeof(RunCreate))]
[JsonSerializable(typeof(List<RunCreate>))]
[JsonSerializable(typeof(RunsCancel))]
[JsonSerializable(typeof(ThreadCreate))]
[JsonSerializable(typeof(ThreadPatch))]
[JsonSerializable(typeof(ThreadCount))]
[JsonSerializable(typeof(ThreadPrune))]
[JsonSerializable(typeof(ThreadSearch))]
[JsonSerializable(typeof(ThreadStateUpdate))]
[JsonSerializable(typeof(ThreadStateCheckpoint))]
[JsonSerializable(typeof(ThreadHistory))]
[JsonSerializable(typeof(AssistantSearch))]
[JsonSerializable(typeof(UiRequest))]
[JsonSerializable(typeof(StorePutRequest))]
[JsonSerializable(typeof(StoreDeleteRequest))]
[JsonSerializable(typeof(StoreSearchRequest))]
[JsonSerializable(typeof(StoreListNamespacesRequest))]
internal sealed partial class ProtocolJsonContext : JsonSerializerContext;
