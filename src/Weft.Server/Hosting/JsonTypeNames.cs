using System.Text.Json.Serialization.Metadata;

namespace Weft.Server;

/// <summary>Says in words what JSON a member of a body is to be.</summary>
internal static class JsonTypeNames
{
    /// <param name="body">The body, or a list of such bodies.</param>
    /// <param name="path">The path of the member, which may lead into it.</param>
    public static string Of(JsonTypeInfo body, string path)
    {
        if (body.ElementType is { } item && path.StartsWith('['))
        {
            return path.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? Of(body.Options.GetTypeInfo(item), path[(dot + 1)..]) : "a JSON object";
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
        : type == typeof(Dictionary<string, string>) ? "an object of strings"
        : "of another type";
}
