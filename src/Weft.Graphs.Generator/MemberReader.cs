using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Weft.Graphs.Generator;

/// <summary>Reads the members of a state.</summary>
internal sealed class MemberReader(
    INamedTypeSymbol state, IMethodSymbol constructor, List<Problem> problems, CancellationToken cancellationToken)
{
    private static readonly string[] Kinds = ["Append", "Reducer", "Topic", "Ephemeral", "AnyValue", "Untracked"];

    /// <summary>Returns the member; null if the property is not a channel, or not one that can be used.</summary>
    public MemberModel? Read(IPropertySymbol property)
    {
        var parameter = constructor.Parameters.FirstOrDefault(parameter => parameter.Name == property.Name);
        List<AttributeData> attributes = [.. property.GetAttributes(), .. parameter?.GetAttributes() ?? []];
        if (attributes.Find(Names.JsonIgnore) is not null || (parameter is null && !IsSettable(property)))
        {
            return null;
        }

        if (Names.IsReserved(property.Name))
        {
            return Refuse(Rules.ReservedName, property, property.Name);
        }

        var channel = attributes.Find(Names.JsonPropertyName)?.ConstructorArguments.FirstOrDefault().Value as string
            ?? Names.Camel(property.Name);
        if (channel.Length == 0 || channel.StartsWith("__") || channel.StartsWith("branch:"))
        {
            return Refuse(Rules.BadChannelName, property, property.Name, channel);
        }

        List<AttributeData> marks =
            [.. attributes.Where(attribute => Kinds.Contains(KindOf(attribute)) && IsOurs(attribute))];
        if (marks.Count > 1)
        {
            return Refuse(Rules.TwoKinds, property, property.Name, KindOf(marks[0]), KindOf(marks[1]));
        }

        return Read(property, parameter, attributes, marks.FirstOrDefault(), channel);
    }

    private MemberModel? Read(
        IPropertySymbol property, IParameterSymbol? parameter, List<AttributeData> attributes, AttributeData? mark, string channel)
    {
        var type = property.Type;
        var isMessages = type.ToDisplayString(NullableFlowState.None) == "Weft.Graphs.MessageList";
        var kind = mark is not null ? (MemberKind)Enum.Parse(typeof(MemberKind), KindOf(mark))
            : isMessages ? MemberKind.Messages
            : MemberKind.LastValue;
        var item = ItemOf(type);
        if (item?.ToDisplayString(NullableFlowState.None) == "Weft.Graphs.Message" || (isMessages && mark is not null))
        {
            return Refuse(Rules.NotMessageList, property, property.Name);
        }

        if (kind is MemberKind.Append or MemberKind.Topic && item is null)
        {
            return Refuse(Rules.NotList, property, property.Name, kind.ToString());
        }

        if (kind != MemberKind.Untracked && Names.IsUnsupported(type))
        {
            return Refuse(Rules.UnsupportedType, property, property.Name, type.ToDisplayString(Names.Short));
        }

        if (kind != MemberKind.Untracked && Names.IsMutableCollection(type))
        {
            Refuse(Rules.MutableCollection, property, property.Name, type.ToDisplayString(Names.Short));
        }

        var value = kind is MemberKind.Append or MemberKind.Topic ? item! : type;
        var hasInitial = parameter?.HasExplicitDefaultValue ?? HasInitializer(property);
        var isNeeded = property.IsRequired || parameter is { HasExplicitDefaultValue: false };
        var member = new MemberModel
        {
            Name = Names.Escape(property.Name),
            Channel = channel,
            Kind = kind,
            Type = type.ToDisplayString(Names.Full),
            ItemType = isMessages ? "global::Weft.Graphs.Message" : value.ToDisplayString(Names.Full),
            TakesNull = TakesNull(value),
            MustBeSet = isNeeded,
            IsRequired = isNeeded && kind == MemberKind.LastValue && !IsNullable(type),
            HasInitial = hasInitial,
            IsParameter = parameter is not null,
            Reducer = kind == MemberKind.Reducer ? Reducer(property, mark!) : null,
            Description = attributes.Find(Names.Description)?.ConstructorArguments.FirstOrDefault().Value as string,
            Option = mark?.NamedArguments.FirstOrDefault().Value.Value is true,
        };
        return Check(member, property, isReference: !TakesNull(type) && !type.IsValueType);
    }

    private MemberModel? Check(MemberModel member, IPropertySymbol property, bool isReference)
    {
        if (member is { Kind: MemberKind.Reducer, Reducer: null })
        {
            return null;
        }

        if (isReference && !member.HasInitial && member.Kind == MemberKind.Reducer)
        {
            return Refuse(Rules.NeedsInitial, property, property.Name);
        }

        return isReference && !member.HasInitial && member.Kind is (MemberKind.Ephemeral or MemberKind.AnyValue or MemberKind.Untracked)
            ? Refuse(Rules.MayBeAbsent, property, property.Name)
            : member;
    }

    /// <summary>Whether an object initializer can set the property. A computed property is not a channel.</summary>
    private bool IsSettable(IPropertySymbol property)
    {
        if (property.SetMethod is { IsInitOnly: true, DeclaredAccessibility: Accessibility.Public })
        {
            return true;
        }

        var isComputed = property.SetMethod is null && !property.ContainingType.GetMembers().OfType<IFieldSymbol>()
            .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));
        if (!isComputed)
        {
            Refuse(Rules.NotInit, property, property.Name);
        }

        return false;
    }

    private bool HasInitializer(IPropertySymbol property) => property.DeclaringSyntaxReferences.Any(
        declaration => declaration.GetSyntax(cancellationToken) is PropertyDeclarationSyntax { Initializer: not null });

    private string? Reducer(IPropertySymbol property, AttributeData mark)
    {
        var owner = mark.ConstructorArguments.Select(argument => argument.Value).OfType<INamedTypeSymbol>().FirstOrDefault() ?? state;
        var method = mark.ConstructorArguments[mark.ConstructorArguments.Length - 1].Value as string ?? "";
        var type = property.Type;
        var fits = owner.GetMembers(method).OfType<IMethodSymbol>().Any(found =>
            found.IsStatic && found.Parameters.Length == 2
            && (found.IsGenericMethod
                || (Same(found.ReturnType, type) && found.Parameters.All(parameter => Same(parameter.Type, type)))));
        if (!fits)
        {
            Refuse(
                Rules.BadReducer, property, property.Name, type.ToDisplayString(Names.Short), method, owner.ToDisplayString(Names.Short));
            return null;
        }

        return $"{owner.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}.{Names.Escape(method)}";
    }

    private static bool Same(ITypeSymbol left, ITypeSymbol right) => SymbolEqualityComparer.Default.Equals(left, right);

    private static ITypeSymbol? ItemOf(ITypeSymbol type) => type is INamedTypeSymbol { TypeArguments.Length: 1 } list
        && list.OriginalDefinition.ToDisplayString() is "System.Collections.Generic.IReadOnlyList<T>"
            or "System.Collections.Generic.IReadOnlyCollection<T>" or "System.Collections.Generic.IEnumerable<T>"
        ? list.TypeArguments[0]
        : null;

    private static bool IsNullable(ITypeSymbol type) => type.NullableAnnotation == NullableAnnotation.Annotated
        || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;

    /// <summary>Whether null is a value of the type. Without nullable annotations, it is for all reference types.</summary>
    private static bool TakesNull(ITypeSymbol type) =>
        IsNullable(type) || (!type.IsValueType && type.NullableAnnotation == NullableAnnotation.None);

    private static bool IsOurs(AttributeData attribute) =>
        attribute.AttributeClass?.ContainingNamespace.ToDisplayString() == "Weft.Graphs";

    private static string KindOf(AttributeData attribute)
    {
        var name = attribute.AttributeClass?.Name ?? "";
        return name.EndsWith("Attribute") ? name.Substring(0, name.Length - "Attribute".Length) : name;
    }

    private MemberModel? Refuse(DiagnosticDescriptor rule, ISymbol symbol, params string[] arguments)
    {
        problems.Add(Problem.Of(rule, symbol.Locations.FirstOrDefault(), arguments));
        return null;
    }
}
