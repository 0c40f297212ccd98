namespace Weft.Server;

/// <summary>
/// What the JSON of a member must be that is parsed as any JSON: a value of one of these types, of which
/// <see cref="object"/> means any. The OpenAPI document describes it so.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SchemaOfAttribute(params Type[] types) : Attribute
{
    public IReadOnlyList<Type> Types => types;

    /// <summary>Whether it may also be a list of such values.</summary>
    public bool OrList { get; init; }
}
