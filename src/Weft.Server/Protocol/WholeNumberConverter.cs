using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>
/// Reads a whole number, also one written as <c>1e3</c>. A number that is too large becomes the largest one, and the caller refuses
/// it with the limit.
/// </summary>
internal sealed class WholeNumberConverter : JsonConverter<long>
{
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType != JsonTokenType.Number ? throw new JsonException()
        : reader.TryGetInt64(out var whole) ? whole
        : reader.TryGetDouble(out var number) && double.IsInteger(number) ? long.CreateSaturating(number)
        : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
