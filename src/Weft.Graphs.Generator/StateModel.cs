namespace Weft.Graphs.Generator;

/// <summary>A state, as far as the code that is written for it depends on it.</summary>
internal sealed record StateModel
{
    /// <summary>The name of the generated file.</summary>
    public string File { get; init; } = "";

    /// <summary>The namespace; empty if it is the global one.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The declarations of the types around it, from the outside.</summary>
    public EquatableList<string> Around { get; init; }

    /// <summary>Its name with its type parameters.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its name with its namespace and the types around it.</summary>
    public string FullName { get; init; } = "";

    /// <summary>The JSON options, as an expression.</summary>
    public string Json { get; init; } = "";

    public EquatableList<MemberModel> Members { get; init; }

    /// <summary>The members that the constructor takes, in the order of its parameters.</summary>
    public EquatableList<string> Parameters { get; init; }

    /// <summary>Whether no code can be written.</summary>
    public bool IsUnusable { get; init; }

    public EquatableList<Problem> Problems { get; init; }
}
