using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Weft.Graphs.Generator;

/// <summary>Names of types and members.</summary>
internal static class Names
{
    public const string GraphState = "Weft.Graphs.GraphStateAttribute";
    public const string GraphStateJson = "Weft.Graphs.GraphStateJsonAttribute";
    public const string JsonPropertyName = "System.Text.Json.Serialization.JsonPropertyNameAttribute";
    public const string JsonIgnore = "System.Text.Json.Serialization.JsonIgnoreAttribute";
    public const string Description = "System.ComponentModel.DescriptionAttribute";

    /// <summary>How types are written in generated code.</summary>
    public static SymbolDisplayFormat Full { get; } = SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>How types are written in messages.</summary>
    public static SymbolDisplayFormat Short { get; } = SymbolDisplayFormat.MinimallyQualifiedFormat;

    /// <summary>Names that the generated types have.</summary>
    public static bool IsReserved(string name) => name is
        "Channels" or "Update" or "CreateGraph" or "INode" or "Goto" or "ToParent" or "Replace" or "Set" or "Add" or "Overwrite" or "None"
        or "FromJson" or "TryGet" or "Put" or "Find" or "Initial" or "All";

    /// <summary>Whether a type is not meant to be data.</summary>
    public static bool IsUnsupported(ITypeSymbol type)
    {
        if (type.TypeKind is TypeKind.Delegate or TypeKind.Pointer or TypeKind.FunctionPointer)
        {
            return true;
        }

        for (var at = type; at is not null; at = at.BaseType)
        {
            if (at.OriginalDefinition.ToDisplayString() is "System.Type" or "System.IO.Stream" or "System.Threading.Tasks.Task"
                or "System.Threading.Tasks.ValueTask" or "System.Threading.Tasks.ValueTask<TResult>"
                or "System.Threading.CancellationToken" or "nint" or "nuint" or "System.Exception")
            {
                return true;
            }
        }

        return false;
    }

    public static bool IsMutableCollection(ITypeSymbol type) => type.OriginalDefinition.ToDisplayString() is
        "System.Collections.Generic.List<T>" or "System.Collections.Generic.IList<T>" or "System.Collections.Generic.ICollection<T>"
        or "System.Collections.Generic.Dictionary<TKey, TValue>" or "System.Collections.Generic.IDictionary<TKey, TValue>"
        or "System.Collections.Generic.HashSet<T>" or "System.Collections.Generic.ISet<T>"
        or "System.Collections.Generic.Queue<T>" or "System.Collections.Generic.Stack<T>"
        or "System.Collections.ObjectModel.Collection<T>" or "System.Collections.ObjectModel.ObservableCollection<T>";

    /// <summary>The name in camelCase, as System.Text.Json makes it.</summary>
    public static string Camel(string name)
    {
        if (!char.IsUpper(name[0]))
        {
            return name;
        }

        var chars = name.ToCharArray();
        for (var i = 0; i < chars.Length; i++)
        {
            var hasNext = i + 1 < chars.Length;
            if ((i == 1 && !char.IsUpper(chars[1])) || (i > 0 && hasNext && !char.IsUpper(chars[i + 1])))
            {
                break;
            }

            chars[i] = char.ToLowerInvariant(chars[i]);
        }

        return new string(chars);
    }

    /// <summary>A name that may be a keyword.</summary>
    public static string Escape(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : $"@{name}";

    public static AttributeData? Find(this IEnumerable<AttributeData> attributes, string name) =>
        attributes.FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == name);
}
