namespace Weft.Graphs;

/// <summary>
/// Makes a partial record the state of a graph. Its public members are the channels. The source generator of this
/// package adds to the record: <c>CreateGraph()</c>, the type <c>Update</c> of what nodes return, and <c>Channels</c>.
/// </summary>
/// <remarks>
/// A member is a channel that holds the last write, unless an attribute says otherwise; a <see cref="MessageList"/> is
/// a channel of messages. The channel has the name of the member in camelCase, or that of its
/// <see cref="System.Text.Json.Serialization.JsonPropertyNameAttribute"/>. A <see cref="System.ComponentModel.DescriptionAttribute"/>
/// describes it in schemas. A member that is computed, or that has a
/// <see cref="System.Text.Json.Serialization.JsonIgnoreAttribute"/>, is not a channel.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class GraphStateAttribute : Attribute
{
    /// <summary>
    /// The type that says how values become JSON: a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>,
    /// or a type with a static property <c>Options</c> of type <see cref="System.Text.Json.JsonSerializerOptions"/>. If
    /// null, it is that of the assembly's <see cref="GraphStateJsonAttribute"/>, or <see cref="GraphJson.WebOptions"/>.
    /// </summary>
    public Type? Json { get; set; }
}
