using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Weft.Graphs.Generator;

/// <summary>Reads a state from its declaration.</summary>
internal sealed class StateReader(GeneratorAttributeSyntaxContext found, CancellationToken cancellationToken)
{
    private readonly INamedTypeSymbol _type = (INamedTypeSymbol)found.TargetSymbol;
    private readonly List<Problem> _problems = [];

    public StateModel Read()
    {
        var model = new StateModel
        {
            File = $"{_type.ToDisplayString().Replace('<', '{').Replace('>', '}').Replace(", ", "-")}.g.cs",
            Namespace = _type.ContainingNamespace.IsGlobalNamespace ? "" : _type.ContainingNamespace.ToDisplayString(),
            Around = new EquatableList<string>(Around()),
            Name = _type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat.WithMemberOptions(default)),
            FullName = _type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            Json = Json(),
        };
        if (!IsPartialRecord())
        {
            return model with { IsUnusable = true, Problems = new EquatableList<Problem>(_problems) };
        }

        if (Constructor() is not { } constructor)
        {
            Report(Rules.NoConstructor, _type, _type.Name);
            return model with { IsUnusable = true, Problems = new EquatableList<Problem>(_problems) };
        }

        var members = Members(constructor);
        if (constructor.Parameters.FirstOrDefault(parameter => !members.Exists(member => Is(member, parameter))) is { } stray)
        {
            if (_problems.Count == 0)
            {
                Report(Rules.NoConstructor, stray, _type.Name);
            }

            return model with { IsUnusable = true, Problems = new EquatableList<Problem>(_problems) };
        }

        return model with
        {
            Members = new EquatableList<MemberModel>(members),
            Parameters = new EquatableList<string>([.. constructor.Parameters.Select(parameter => Names.Escape(parameter.Name))]),
            Problems = new EquatableList<Problem>(_problems),
        };
    }

    private static bool Is(MemberModel member, IParameterSymbol parameter) =>
        member.IsParameter && member.Name == Names.Escape(parameter.Name);

    private bool IsPartialRecord()
    {
        if (!_type.IsRecord || _type.TypeKind != TypeKind.Class || _type.IsAbstract || !IsPartial(found.TargetNode))
        {
            Report(Rules.NotPartialRecord, _type, _type.Name, "'partial record' that is a class and not abstract");
            return false;
        }

        for (var around = found.TargetNode.Parent as TypeDeclarationSyntax; around is not null; around = around.Parent as TypeDeclarationSyntax)
        {
            if (!IsPartial(around))
            {
                Report(Rules.NotPartialRecord, _type, _type.Name, $"member of partial types, and '{around.Identifier.Text}' is not partial");
                return false;
            }
        }

        return true;
    }

    private static bool IsPartial(SyntaxNode node) =>
        node is TypeDeclarationSyntax type && type.Modifiers.Any(modifier => modifier.Text == "partial");

    private List<string> Around()
    {
        var around = new List<string>();
        for (var outer = _type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            var kind = (outer.IsRecord, outer.TypeKind) switch
            {
                (true, TypeKind.Struct) => "record struct",
                (true, _) => "record",
                (_, TypeKind.Struct) => "struct",
                (_, TypeKind.Interface) => "interface",
                _ => "class",
            };
            around.Insert(0, $"partial {kind} {outer.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}");
        }

        return around;
    }

    private IMethodSymbol? Constructor() =>
        _type.InstanceConstructors.FirstOrDefault(
            constructor => constructor.DeclaringSyntaxReferences.Any(
                declaration => declaration.GetSyntax(cancellationToken) is RecordDeclarationSyntax))
            ?? _type.InstanceConstructors.FirstOrDefault(constructor => constructor.Parameters.Length == 0);

    private List<MemberModel> Members(IMethodSymbol constructor)
    {
        var members = new List<MemberModel>();
        var reader = new MemberReader(_type, constructor, _problems, cancellationToken);
        foreach (var property in Properties())
        {
            if (reader.Read(property) is not { } member)
            {
                continue;
            }

            if (members.Find(other => other.Channel == member.Channel) is { } other)
            {
                Report(Rules.DuplicateChannel, property, other.Name, member.Name, member.Channel);
                continue;
            }

            members.Add(member);
        }

        return members;
    }

    /// <summary>The public properties, those of base types first.</summary>
    private List<IPropertySymbol> Properties()
    {
        var properties = new List<IPropertySymbol>();
        for (var type = _type; type is not null && type.SpecialType != SpecialType.System_Object; type = type.BaseType)
        {
            var own = type.GetMembers().OfType<IPropertySymbol>()
                .Where(property => property is { IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public })
                .Where(property => !properties.Exists(derived => derived.Name == property.Name))
                .ToList();
            properties.InsertRange(0, own);
        }

        return properties;
    }

    private string Json()
    {
        var type = found.Attributes[0].NamedArguments.FirstOrDefault(argument => argument.Key == "Json").Value.Value as INamedTypeSymbol
            ?? found.SemanticModel.Compilation.Assembly.GetAttributes().Find(Names.GraphStateJson)?.ConstructorArguments
                .FirstOrDefault().Value as INamedTypeSymbol;
        if (type is null)
        {
            return "global::Weft.Graphs.GraphJson.WebOptions";
        }

        var name = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        if (type.BaseType?.ToDisplayString() == "System.Text.Json.Serialization.JsonSerializerContext")
        {
            return $"{name}.Default.Options";
        }

        if (!type.GetMembers("Options").Any(member => member.IsStatic && member is IPropertySymbol or IFieldSymbol))
        {
            Report(Rules.BadJson, _type, type.Name);
            return "global::Weft.Graphs.GraphJson.WebOptions";
        }

        return $"{name}.Options";
    }

    private void Report(DiagnosticDescriptor rule, ISymbol symbol, params string[] arguments) =>
        _problems.Add(Problem.Of(rule, symbol.Locations.FirstOrDefault(), arguments));
}
