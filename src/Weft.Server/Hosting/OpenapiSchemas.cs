using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>Names and corrects the schemas of the OpenAPI document that are generated from types.</summary>
internal static class OpenapiSchemas
{
    /// <summary>The records that describe resources end with this; the platform's names of their schemas do not.</summary>
    private const string ResourceSuffix = "Resource";

    /// <summary>Returns the name of the schema of a type; null for a schema without a name.</summary>
    public static string? NameOf(JsonTypeInfo type)
    {
        if ((Nullable.GetUnderlyingType(type.Type) ?? type.Type) == typeof(JsonElement))
        {
            return null;
        }

        var name = OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        return name?.EndsWith(ResourceSuffix, StringComparison.Ordinal) is true ? name[..^ResourceSuffix.Length] : name;
    }

    /// <summary>
    /// The generator reads the application's JSON options, which by default accept numbers in strings; the API does not. And it
    /// ignores the values that a text may have, and what a member is that is parsed as any JSON.
    /// </summary>
    public static async Task CorrectAsync(
        OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (schema.Type is { } type && (type & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
        {
            schema.Type = type & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        if (context.JsonPropertyInfo is null && context.JsonTypeInfo.Properties.Any(property => property.IsExtensionData))
        {
            schema.AdditionalProperties = new OpenApiSchema();
        }

        OpenAny(schema);

        var attributes = context.JsonPropertyInfo?.AttributeProvider;
        var values = attributes?.GetCustomAttributes(typeof(AllowedValuesAttribute), true) is [AllowedValuesAttribute allowed]
            ? allowed.Values
            : null;
        if (attributes?.GetCustomAttributes(typeof(SchemaOfAttribute), true) is [SchemaOfAttribute described])
        {
            var alternatives = new List<IOpenApiSchema>();
            foreach (var alternative in described.Types)
            {
                alternatives.Add(await SchemaOfAsync(alternative, context, values, cancellationToken));
            }

            var items = alternatives is [var only] ? only : new OpenApiSchema { AnyOf = alternatives };
            var list = new OpenApiSchema { Type = JsonSchemaType.Array, Items = items };
            var isNull = new OpenApiSchema { Type = JsonSchemaType.Null };
            schema.AnyOf = described.OrList ? [.. alternatives, list, isNull] : [.. alternatives, isNull];
        }
        else if (values is not null)
        {
            Restrict(schema, values);
        }
    }

    /// <summary>
    /// Says of an object without known members that it may have any. Generators of clients otherwise make a type that can have none.
    /// </summary>
    private static void OpenAny(OpenApiSchema schema)
    {
        if (schema.Type is { } type && (type & JsonSchemaType.Object) != 0 && schema.Properties is not { Count: > 0 })
        {
            schema.AdditionalProperties ??= new OpenApiSchema();
        }
    }

    /// <summary>Returns the schema of a type: a reference if it has a name.</summary>
    private static async Task<IOpenApiSchema> SchemaOfAsync(
        Type type, OpenApiSchemaTransformerContext context, object?[]? values, CancellationToken cancellationToken)
    {
        if (type == typeof(object))
        {
            return new OpenApiSchema
            {
                Type = JsonSchemaType.Object | JsonSchemaType.Array | JsonSchemaType.String | JsonSchemaType.Number
                    | JsonSchemaType.Boolean,
                Items = new OpenApiSchema(),
                AdditionalProperties = new OpenApiSchema(),
            };
        }

        var schema = await context.GetOrCreateSchemaAsync(type, null, cancellationToken);
        OpenAny(schema);
        if (NameOf(context.JsonTypeInfo.Options.GetTypeInfo(type)) is { } name)
        {
            context.Document!.AddComponent(name, schema);
            return new OpenApiSchemaReference(name, context.Document);
        }

        if (values is not null)
        {
            Restrict(schema, values);
        }

        return schema;
    }

    /// <summary>Restricts a text, or the texts of a list, to values.</summary>
    private static void Restrict(OpenApiSchema schema, object?[] values)
    {
        var texts = values.Select(value => (JsonNode)JsonValue.Create((string)value!)).ToList();
        if (schema.Type is { } type && (type & JsonSchemaType.Array) != 0)
        {
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.String, Enum = texts };
            return;
        }

        var isNullable = schema.Type is { } given && (given & JsonSchemaType.Null) != 0;
        schema.Enum = isNullable && !values.Contains(null) ? [.. texts, null!] : texts;
    }
}
