using Microsoft.CodeAnalysis;

namespace Weft.Graphs.Generator;

/// <summary>The diagnostics.</summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor NotPartialRecord = Error(
        "WEFT001", "A state is a partial record", "The state '{0}' must be a {1}");

    public static readonly DiagnosticDescriptor NoConstructor = Error(
        "WEFT002",
        "A state needs a constructor",
        "The state '{0}' needs a parameterless constructor, or a primary constructor whose parameters are its members");

    public static readonly DiagnosticDescriptor NotInit = Error(
        "WEFT003",
        "A member of a state is set once",
        "The member '{0}' must be '{{ get; init; }}', because nodes never change a state: they return an update of it");

    public static readonly DiagnosticDescriptor UnsupportedType = Error(
        "WEFT004",
        "A member of a state can't be stored",
        "A {1} can't be converted to JSON: use another type for the member '{0}', or mark it [Untracked] or [JsonIgnore]");

    public static readonly DiagnosticDescriptor DuplicateChannel = Error(
        "WEFT005", "Two members have one channel", "The members '{0}' and '{1}' both have the channel '{2}': rename one with [JsonPropertyName]");

    public static readonly DiagnosticDescriptor BadChannelName = Error(
        "WEFT006",
        "A channel has a bad name",
        "'{1}' can't be the channel of the member '{0}': it must not be empty or begin with '__' or 'branch:'");

    public static readonly DiagnosticDescriptor BadReducer = Error(
        "WEFT007", "A reducer has the wrong signature", "The reducer of '{0}' must be a method 'static {1} {2}({1} value, {1} write)' of {3}");

    public static readonly DiagnosticDescriptor NotList = Error(
        "WEFT008", "A member that collects items is a list", "The member '{0}' must be an IReadOnlyList<T>, because it is marked [{1}]");

    public static readonly DiagnosticDescriptor TwoKinds = Error(
        "WEFT009", "A member has two kinds", "The member '{0}' must have only one of the attributes [{1}] and [{2}]");

    public static readonly DiagnosticDescriptor MutableCollection = new(
        "WEFT010",
        "A member of a state is a collection that can be changed in place",
        "Changes in place of the {1} '{0}' are lost when the state is read from storage, and appear in earlier checkpoints: use "
            + "IReadOnlyList<T> with [Append], or another read-only or immutable type",
        "Weft.Graphs",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor ReservedName = Error(
        "WEFT011",
        "The name of a member is taken",
        "A member of a state can't be named '{0}', because the generated code has a member of that name: give it another name, and the "
            + "channel its name with [JsonPropertyName]");

    public static readonly DiagnosticDescriptor BadJson = Error(
        "WEFT012",
        "The JSON type has no options",
        "'{0}' must be a JsonSerializerContext, or have a static property 'Options' of type JsonSerializerOptions");

    public static readonly DiagnosticDescriptor NeedsInitial = Error(
        "WEFT013",
        "A member needs a value to begin with",
        "The member '{0}' has a reducer and its type is not nullable: give it an initial value, with which the first write is combined");

    public static readonly DiagnosticDescriptor MayBeAbsent = Error(
        "WEFT014",
        "A member may be absent",
        "The member '{0}' has no value in most supersteps: make its type nullable, or give it an initial value");

    public static readonly DiagnosticDescriptor NotMessageList = Error(
        "WEFT015", "A list of messages is a MessageList", "The member '{0}' collects messages: make its type MessageList, without an attribute");

    private static readonly Dictionary<string, DiagnosticDescriptor> All = new[]
    {
        NotPartialRecord, NoConstructor, NotInit, UnsupportedType, DuplicateChannel, BadChannelName, BadReducer, NotList, TwoKinds,
        MutableCollection, ReservedName, BadJson, NeedsInitial, MayBeAbsent, NotMessageList,
    }.ToDictionary(rule => rule.Id);

    public static DiagnosticDescriptor Find(string id) => All[id];

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Weft.Graphs", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
