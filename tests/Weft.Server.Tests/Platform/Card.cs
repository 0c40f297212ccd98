using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Graphs;

namespace Weft.Server.Tests.Platform;

/// <summary>A type whose own code refuses values: its constructor, a setter, and the converter of a member.</summary>
internal sealed record Card
{
    private readonly int _limit;

    [JsonConstructor]
    public Card(string name) => Name = name.Length > 0 ? name : throw new ArgumentException("internal: a name is needed", nameof(name));

    public string Name { get; }

    public int Limit
    {
        get => _limit;
        init => _limit = value >= 0 ? value : throw new InvalidOperationException("internal: a limit is positive");
    }

    [JsonConverter(typeof(CodeConverter))]
    public string Code { get; init; } = "";

    internal sealed class CodeConverter : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is { } code && code != "secret" ? code : throw new FormatException("internal: a code is not this one");

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Card))]
internal sealed partial class CardJson : JsonSerializerContext;

[GraphState]
internal sealed partial record Wallet
{
    public Card? Card { get; init; }
}
