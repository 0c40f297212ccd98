using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Server;

/// <summary>Says in words what JSON a body, or a member of one, must be.</summary>
internal static class JsonTypeNames
{
    /// <param name="body">The body, or a list of such bodies.</param>
    /// <param name="path">The path of the member, which may lead into it; empty for the body itself.</param>
    public static string Of(JsonTypeInfo body, string path)
    {
        if (path.Length == 0)
        {
            return body.ElementType is null ? "a JSON object" : "a list of JSON objects";
        }

        if (body.ElementType is { } item && path.StartsWith('['))
        {
            return Of(body.Options.GetTypeInfo(item), path[(path.IndexOf(']', StringComparison.Ordinal) + 1)..].TrimStart('.'));
        }

        var end = path.AsSpan().IndexOfAny('.', '[');
        var type = body.Properties.FirstOrDefault(property => property.Name == (end < 0 ? path : path[..end]))?.PropertyType;
        return type is null ? "of another type" : NameOf(type);
    }

    private static string NameOf(Type type) =>
        type == typeof(string) ? "a string"
        : type == typeof(bool?) ? "a boolean"
        : type == typeof(long?) ? "a whole number"
        : type == typeof(double?) ? "a number"
        : type == typeof(List<string>) ? "a list of strings"
        : type == typeof(List<JsonElement>) ? "a list of objects"
        : type == typeof(Dictionary<string, string>) ? "an object of strings"
        : "of another type";
}
