using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>
/// The types of request bodies. Each member has its name as an attribute, because the application's naming policy could override
/// one that is set here.
/// </summary>
[JsonSourceGenerationOptions(MaxDepth = Requests.BodyDepthMax, Converters = [typeof(StringListConverter), typeof(WholeNumberConverter)])]
[JsonSerializable(typeof(RunAgentInput))]
[JsonSerializable(typeof(RunCreate))]
[JsonSerializable(typeof(List<RunCreate>))]
[JsonSerializable(typeof(RunsCancel))]
[JsonSerializable(typeof(RunSearch))]
[JsonSerializable(typeof(RunCountRequest))]
[JsonSerializable(typeof(CronCreate))]
[JsonSerializable(typeof(CronSearch))]
[JsonSerializable(typeof(CronCountRequest))]
[JsonSerializable(typeof(FeedbackCreateRequest))]
[JsonSerializable(typeof(FeedbackTokenCreate))]
[JsonSerializable(typeof(SuggestionsRequest))]
[JsonSerializable(typeof(ThreadCreate))]
[JsonSerializable(typeof(ThreadPatch))]
[JsonSerializable(typeof(ThreadCount))]
[JsonSerializable(typeof(ThreadPrune))]
[JsonSerializable(typeof(ThreadSearch))]
[JsonSerializable(typeof(ThreadStatePatch))]
[JsonSerializable(typeof(ThreadStateUpdate))]
[JsonSerializable(typeof(ThreadStateCheckpoint))]
[JsonSerializable(typeof(ThreadHistory))]
[JsonSerializable(typeof(AssistantSearch))]
[JsonSerializable(typeof(AssistantCreate))]
[JsonSerializable(typeof(AssistantPatch))]
[JsonSerializable(typeof(AssistantVersionsSearch))]
[JsonSerializable(typeof(AssistantLatest))]
[JsonSerializable(typeof(UiRequest))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(StorePutRequest))]
[JsonSerializable(typeof(StoreDeleteRequest))]
[JsonSerializable(typeof(StoreSearchRequest))]
[JsonSerializable(typeof(StoreListNamespacesRequest))]
internal sealed partial class ProtocolJsonContext : JsonSerializerContext;
