namespace Weft.Graphs;

/// <summary>
/// Combines the value of a member with each write, by a static method <c>T Reduce(T value, T write)</c>. The method is
/// a pure function. The value is that of the member's initializer before the first write.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ReducerAttribute : Attribute
{
    /// <summary>Names a method of the state.</summary>
    public ReducerAttribute(string method) => Method = method;

    /// <summary>Names a method of another type, such as <see cref="Math.Max(int, int)"/>.</summary>
    public ReducerAttribute(Type type, string method)
    {
        Type = type;
        Method = method;
    }

    /// <summary>The type that has the method; null means the state.</summary>
    public Type? Type { get; }

    /// <summary>The name of the method.</summary>
    public string Method { get; }
}
