using System.ComponentModel;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Makes JSON Schemas of channels and types.</summary>
internal static class SchemaExport
{
    private const string Draft = "https://json-schema.org/draft/2020-12/schema";
    private static readonly JsonSchemaExporterOptions Options = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Describe,
    };

    public static GraphSchemas Of(CompiledGraph graph) => graph.WorkflowTypes is var (input, output)
        ? new GraphSchemas(Root(Of(input)), Root(Of(output)), Root(Of(output)), null, null)
        : new GraphSchemas(
            Of(graph.InputChannels),
            Of(graph.OutputChannels),
            Of(graph.Schema.Channels),
            OfConfigurable(graph),
            graph.ContextType is { } context ? Root(Of(context)) : null);

    /// <summary>The schema of a type's JSON, with the descriptions that its attributes give.</summary>
    public static JsonObject Of(JsonTypeInfo typeInfo) => typeInfo.GetJsonSchemaAsNode(Options) as JsonObject ?? [];

    /// <summary>The schema of a type's JSON; null if it allows anything.</summary>
    public static JsonElement? Find(JsonTypeInfo typeInfo) =>
        Of(typeInfo) is { Count: > 0 } schema ? GraphJson.Parse(Encoding.UTF8.GetBytes(schema.ToJsonString())) : null;

    /// <summary>Adds the value that a channel has before the first write.</summary>
    public static JsonObject WithDefault(JsonObject schema, StateChannel channel)
    {
        if (channel.Initial is { } initial)
        {
            schema["default"] = JsonNode.Parse(
                GraphJson.Encode((channel, initial), static (writer, s) => s.channel.WriteValue(writer, s.initial)));
        }

        return schema;
    }

    /// <summary>The schema of the declared type with the choices of the graph; null if neither is declared.</summary>
    private static JsonElement? OfConfigurable(CompiledGraph graph)
    {
        if (graph.ConfigurableType is null && graph.ConfigurableChoices.Count == 0)
        {
            return null;
        }

        var schema = graph.ConfigurableType is { } type ? Of(type) : new JsonObject { ["type"] = "object" };
        if (schema["properties"] is not JsonObject properties)
        {
            schema["properties"] = properties = [];
        }

        foreach (var choice in graph.ConfigurableChoices)
        {
            var values = new JsonArray([.. choice.Values.Select(value => (JsonNode)value)]);
            var member = new JsonObject { ["type"] = "string", ["enum"] = values };
            if (choice.Default is { } text)
            {
                member["default"] = text;
            }

            properties[choice.Name] = member;
        }

        return Root(schema);
    }

    private static JsonElement Of(IEnumerable<StateChannel> channels)
    {
        var properties = new JsonObject();
        foreach (var channel in channels)
        {
            var schema = channel.ExportSchema();
            if (channel.Description is { } description)
            {
                schema["description"] = description;
            }

            if (channel.LangGraphType is { } type)
            {
                schema["langgraph_type"] = type;
            }

            MoveReferences(
                schema,
                $"#/properties/{channel.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}");
            properties[channel.Name] = schema;
        }

        return Root(new JsonObject { ["type"] = "object", ["properties"] = properties });
    }

    private static JsonElement Root(JsonObject schema)
    {
        schema.Insert(0, "$schema", Draft);
        return GraphJson.Parse(Encoding.UTF8.GetBytes(schema.ToJsonString()));
    }

    /// <summary>
    /// Corrects the references to a type that contains itself: they point to the root, and its schema now is at another place.
    /// </summary>
    private static void MoveReferences(JsonNode? node, string place)
    {
        switch (node)
        {
            case JsonObject members:
                if (members["$ref"]?.GetValue<string>() is { } reference && reference.StartsWith('#'))
                {
                    members["$ref"] = place + reference[1..];
                }

                foreach (var (_, member) in members.ToList())
                {
                    MoveReferences(member, place);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    MoveReferences(item, place);
                }

                break;
        }
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        TypeEnum(schema);
        var described = context.PropertyInfo?.AttributeProvider ?? context.TypeInfo.Type;
        var attributes = described.GetCustomAttributes(typeof(DescriptionAttribute), inherit: true);
        if (attributes is not [DescriptionAttribute { Description: var description }, ..])
        {
            return schema;
        }

        var members = schema as JsonObject ?? [];
        members["description"] = description;
        return members;
    }

    /// <summary>
    /// Adds the type to the schema of an enum. The exporter lists only the names, but forms need the type.
    /// </summary>
    private static void TypeEnum(JsonNode schema)
    {
        if (schema is not JsonObject members || members.ContainsKey("type") || members["enum"] is not JsonArray names)
        {
            return;
        }

        var kinds = names.Select(name => name?.GetValueKind() ?? JsonValueKind.Null).Distinct().ToList();
        if (kinds is [JsonValueKind.String])
        {
            members.Insert(0, "type", "string");
        }
        else if (kinds.Count == 2 && kinds.Contains(JsonValueKind.String) && kinds.Contains(JsonValueKind.Null))
        {
            members.Insert(0, "type", new JsonArray("string", "null"));
        }
    }
}
