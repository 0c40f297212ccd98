using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.AI;
using Workflow = Microsoft.Agents.AI.Workflows.Workflow;

namespace Weft.AgentFramework;

/// <summary>The request ports of a workflow, and the JSON of their requests and responses.</summary>
internal sealed class WorkflowPorts(Workflow workflow, JsonSerializerOptions json)
{
    private readonly Dictionary<string, RequestPortInfo> _ports = workflow.ReflectPorts();

    /// <summary>Returns the request as JSON. Contents of messages have the name of their type.</summary>
    public JsonElement Encode(ExternalRequest request)
    {
        if (request.TryGetDataAs<AIContent>(out var content))
        {
            return Write(content);
        }

        return Find(request.PortInfo.PortId) is { } port && TypeOf(port.RequestType) is { } type && request.TryGetDataAs(type, out var data)
            ? JsonSerializer.SerializeToElement(data, json.GetTypeInfo(type))
            : throw new InvalidOperationException($"The request to the port '{request.PortInfo.PortId}' is not a {request.PortInfo.RequestType}.");
    }

    /// <summary>Returns the approval that a request asks for; null if it asks for something else.</summary>
    public ToolApprovalRequestContent? ApprovalOf(PortRequest request) =>
        Find(request.Port)?.RequestType.IsMatch<ToolApprovalRequestContent>() != false
            ? ReadContent(request.Data) as ToolApprovalRequestContent
            : null;

    /// <summary>
    /// Returns the answer as a response. A tool call that the workflow does not make itself is answered with the result of the tool, any JSON.
    /// </summary>
    public static JsonElement ResponseOf(PortRequest request, JsonElement answer) =>
        ReadContent(request.Data) is FunctionCallContent call && ReadContent(answer) is null
            ? Write(new FunctionResultContent(call.CallId, answer))
            : answer;

    /// <summary>Returns the result of a tool that an answer has; null if it has none.</summary>
    public static FunctionResultContent? ResultOf(PortAnswer answer) => ReadContent(answer.Data) as FunctionResultContent;

    /// <summary>Returns the content as JSON with the name of its type.</summary>
    public static JsonElement Write(AIContent content) =>
        JsonSerializer.SerializeToElement(content, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)));

    /// <summary>Returns what is wrong with an answer; null if nothing is.</summary>
    public string? FindProblem(PortRequest request, JsonElement answer)
    {
        try
        {
            _ = Decode(new PortAnswer(request.Id, request.Port, answer));
            return null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    /// <summary>Returns the response for the workflow.</summary>
    /// <exception cref="JsonException">The answer is not of the type of the port.</exception>
    public ExternalResponse Decode(PortAnswer answer)
    {
        if (Find(answer.Port) is not { } port)
        {
            // Agents have ports of their own, whose requests and responses are contents.
            var content = ReadContent(answer.Data) ?? throw new JsonException($"The port '{answer.Port}' takes the content of a message.");
            var requestType = content is FunctionResultContent ? typeof(FunctionCallContent) : typeof(ToolApprovalRequestContent);
            return new ExternalResponse(
                new RequestPortInfo(new TypeId(requestType), new TypeId(content.GetType()), answer.Port), answer.Id, new PortableValue(content));
        }

        var type = TypeOf(port.ResponseType) ?? throw new InvalidOperationException($"The type {port.ResponseType} was not found.");
        var value = typeof(AIContent).IsAssignableFrom(type)
            ? ReadContent(answer.Data)
            : answer.Data.Deserialize(json.GetTypeInfo(type));
        return value is not null && type.IsInstanceOfType(value)
            ? new ExternalResponse(port, answer.Id, new PortableValue(value))
            : throw new JsonException($"The port '{answer.Port}' takes a {type.Name}.");
    }

    private RequestPortInfo? Find(string id) => _ports.GetValueOrDefault(id);

    private static AIContent? ReadContent(JsonElement data)
    {
        try
        {
            return data.ValueKind == JsonValueKind.Object && data.TryGetProperty("$type"u8, out _)
                ? (AIContent?)data.Deserialize(AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)))
                : null;
        }
        catch (NotSupportedException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2057", Justification = "The code of the workflow names the types of its ports.")]
    private static Type? TypeOf(TypeId id) => Type.GetType($"{id.TypeName}, {id.AssemblyName}");
}
