using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Graphs.Tests.Typed;

/// <summary>Every kind of member.</summary>
[GraphState]
public sealed partial record Everything
{
    [Description("What it is about.")]
    public required string Topic { get; init; }

    public string? Draft { get; init; }

    public int Words { get; init; }

    public string Title { get; init; } = "untitled";

    [Append]
    public IReadOnlyList<string> Log { get; init; } = [];

    [Reducer(nameof(Sum))]
    public int Total { get; init; } = 10;

    [Reducer(typeof(Math), nameof(Math.Max))]
    public int Best { get; init; }

    public MessageList Messages { get; init; } = MessageList.Empty;

    [Topic]
    public IReadOnlyList<string> Found { get; init; } = [];

    [Topic(Accumulates = true)]
    public IReadOnlyList<int> Numbers { get; init; } = [];

    [Ephemeral(TakesSeveral = true)]
    public string? Hint { get; init; }

    [AnyValue]
    public string Weather { get; init; } = "fine";

    [Untracked]
    public Func<int>? Work { get; init; }

    [JsonPropertyName("due-date")]
    public DateTimeOffset? Due { get; init; }

    [JsonIgnore]
    public string? Ignored { get; init; }

    public bool IsLong => Words > 100;

    private static int Sum(int value, int write) => value + write;
}

/// <summary>A state with a primary constructor, and members of types.</summary>
[GraphState]
internal sealed partial record Booking(string Guest, Person? Host, int Nights = 1, [Append] IReadOnlyList<Person>? Others = null)
{
    public Weekday Day { get; init; } = Weekday.Friday;

    public IReadOnlyDictionary<string, int>? Prices { get; init; }
}

internal sealed record Person(string Name, int Age, string? Email = null);

internal enum Weekday
{
    Monday,
    Friday,
}

/// <summary>A part of <see cref="Booking"/>.</summary>
[GraphState]
internal sealed partial record BookingInput(string Guest, int Nights = 1);

/// <summary>Another part of it.</summary>
[GraphState]
internal sealed partial record BookingOutput(Person? Host);

/// <summary>A part of it whose member is of another type.</summary>
[GraphState]
internal sealed partial record WrongInput(int Guest);

internal static partial class Outer
{
    /// <summary>Inside of another type, with type parameters, and of another state.</summary>
    [GraphState]
    internal partial record Boxed<T>
    {
        public T? Value { get; init; }

        public string @event { get; init; } = "";
    }

    [GraphState]
    internal sealed partial record Named(string Name) : Boxed<int>;
}

/// <summary>A state that says how its values become JSON.</summary>
[GraphState(Json = typeof(Snake))]
internal sealed partial record SnakeState
{
    public Person? MainGuest { get; init; }
}

internal static class Snake
{
    public static JsonSerializerOptions Options { get; } = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper };
}

/// <summary>A state whose JSON needs no reflection.</summary>
[GraphState(Json = typeof(StateJsonContext))]
internal sealed partial record ContextState(Person Guest, int Nights = 1);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Person))]
internal sealed partial class StateJsonContext : JsonSerializerContext;
