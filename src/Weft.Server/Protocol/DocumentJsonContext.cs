using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>
/// The types of bodies and answers that the OpenAPI document describes. An application that serializes without reflection needs
/// them to generate the document.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AssistantSearch))]
[JsonSerializable(typeof(CommandRequest))]
[JsonSerializable(typeof(CronCountRequest))]
[JsonSerializable(typeof(CronCreate))]
[JsonSerializable(typeof(CronSearch))]
[JsonSerializable(typeof(EventFilter))]
[JsonSerializable(typeof(List<RunCreate>))]
[JsonSerializable(typeof(RunAgentInput))]
[JsonSerializable(typeof(RunsCancel))]
[JsonSerializable(typeof(StoreDeleteRequest))]
[JsonSerializable(typeof(StoreListNamespacesRequest))]
[JsonSerializable(typeof(StorePutRequest))]
[JsonSerializable(typeof(StoreSearchRequest))]
[JsonSerializable(typeof(ThreadCount))]
[JsonSerializable(typeof(ThreadCreate))]
[JsonSerializable(typeof(ThreadHistory))]
[JsonSerializable(typeof(ThreadPatch))]
[JsonSerializable(typeof(ThreadPrune))]
[JsonSerializable(typeof(ThreadSearch))]
[JsonSerializable(typeof(ThreadStateCheckpoint))]
[JsonSerializable(typeof(ThreadStateUpdate))]
[JsonSerializable(typeof(UiRequest))]
[JsonSerializable(typeof(Dictionary<string, GraphSchemaResource>))]
[JsonSerializable(typeof(CommandResponse))]
[JsonSerializable(typeof(GraphResource))]
[JsonSerializable(typeof(HealthResource))]
[JsonSerializable(typeof(InfoResource))]
[JsonSerializable(typeof(ItemResource))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(List<AssistantResource>))]
[JsonSerializable(typeof(List<CronResource>))]
[JsonSerializable(typeof(List<RunResource>))]
[JsonSerializable(typeof(List<ThreadResource>))]
[JsonSerializable(typeof(List<ThreadStateResource>))]
[JsonSerializable(typeof(ListNamespaceResponse))]
[JsonSerializable(typeof(RunDeleteResponse))]
[JsonSerializable(typeof(RunMessagesResponse))]
[JsonSerializable(typeof(SearchItemsResponse))]
[JsonSerializable(typeof(ThreadDeleteResponse))]
[JsonSerializable(typeof(ThreadPruneResponse))]
[JsonSerializable(typeof(ThreadStateUpdateResponse))]
[JsonSerializable(typeof(int))]
internal sealed partial class DocumentJsonContext : JsonSerializerContext;
